"""A short shake of everything in every run of the whole suite; ``rig.py`` shakes for longer."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.faults.processes import ROOT

SECONDS = os.environ.get("FAULT_SECONDS", "45")


@pytest.mark.faults
def test_kills_at_random_break_no_guarantee(capsys):
    seed = os.environ.get("FAULT_SEED") or str(int(time.time()))

    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.rig", "--seconds", SECONDS, "--seed", seed],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=float(SECONDS) + 600,
        check=False,
    )

    with capsys.disabled():
        print(f"\n{done.stdout}")
    assert done.returncode == 0, done.stderr[-4000:]
