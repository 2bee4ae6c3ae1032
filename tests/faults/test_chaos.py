"""A short shake of everything in every run of the whole suite; ``rig.py`` shakes for longer."""

from __future__ import annotations

import os
import time

import pytest

from tests.faults.rig import Rig

SECONDS = float(os.environ.get("FAULT_SECONDS", "45"))


@pytest.mark.faults
def test_kills_at_random_break_no_guarantee(capsys):
    seed = int(os.environ.get("FAULT_SEED", time.time()))

    result = Rig(seed=seed, seconds=SECONDS).run()

    with capsys.disabled():
        print(f"\nfault run seed {seed}: {dict(result.faults)} {result.figures}")
    assert result.failures == []
