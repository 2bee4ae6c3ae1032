"""A small flash sale on a real stack, as anybody can rehearse it: sold is what there was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.processes import ROOT

pytestmark = pytest.mark.faults


def rehearse(*options: str) -> dict[str, Any]:
    """Run a rehearsal on the configured database and return its figures."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "globalselling.settings.dev"}
    command = ["manage.py", "rehearse_flash_sale", "--buyers", "200", "--units", "50", "--json"]
    done = subprocess.run(
        [sys.executable, *command, *options],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_two_hundred_buyers_buy_the_fifty_units_there_are():
    found = rehearse()

    assert (found["sold"], found["oversold"], found["unanswered"]) == (50, 0, 0)
    assert found["refused"] == {"orders.out_of_stock": 150}


def test_buyers_of_three_share_the_last_buckets_while_valkey_dies():
    found = rehearse("--each", "3", "--kill-valkey")

    assert (found["sold"], found["oversold"], found["unanswered"]) == (48, 0, 0)
    assert found["refused"] == {"orders.out_of_stock": 184}
