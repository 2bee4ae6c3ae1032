"""A small flash sale on a real stack, as anybody can rehearse it: sold is what there was."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.faults.processes import ROOT

pytestmark = pytest.mark.faults


def test_buyers_of_three_share_the_last_buckets_while_valkey_dies():
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "globalselling.settings.dev"}
    command = ["manage.py", "rehearse_flash_sale", "--buyers", "200", "--units", "50"]

    done = subprocess.run(
        [sys.executable, *command, "--each", "3", "--kill-valkey", "--json"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["sold"], found["oversold"], found["unanswered"]) == (48, 0, 0)
    assert found["refused"] == {"orders.out_of_stock": 184}
