"""A replay that is killed outright at random moments and taken up again ends as if it never was.

``FAULT_ROWS`` says how many rows of the real file are played (0: all of it), ``FAULT_SEED`` when the
kills come. Without the real file a made one of the same layout is played.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devtools.processes import Identity
from tests.faults.processes import ROOT

REAL = ROOT.parent / "shared/data/public/online_retail_2010_12.csv.gz"
ROWS = int(os.environ.get("FAULT_ROWS", "3000"))
KILLS = 5
LATEST_KILL_S = 12.0
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def make_rows(dice: random.Random, count: int) -> list[str]:
    """Return rows like the real ones: baskets of a few goods, some cancelled, some without a name."""
    rows: list[str] = []
    moment = datetime(2010, 12, 1, 8, 0)
    for invoice in itertools.count(536365):
        moment += timedelta(minutes=dice.randint(1, 9))
        country = dice.choice(["United Kingdom", "France", "Germany", "EIRE"])
        sign = "C" if dice.random() < 0.05 else ""
        for _line in range(dice.randint(5, 45)):
            if len(rows) == count:
                return rows
            sku = dice.randint(20000, 20250)
            name = "" if dice.random() < 0.02 else f"GLASS LANTERN {sku}"
            quantity = dice.randint(1, 24) * (-1 if sign else 1)
            price = f"{dice.randint(40, 1200) / 100:.2f}"
            rows.append(
                f"{sign}{invoice},{sku},{name},{quantity},{moment},{price},17850.0,{country}"
            )
    return rows


def write_file(folder: Path, dice: random.Random) -> Path:
    """Write the file to play and return its place."""
    path = folder / "orders.csv"
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8") as source:
            lines = [
                line.rstrip("\n") for line in itertools.islice(source, ROWS + 1 if ROWS else None)
            ]
    else:
        print(f"The real file is not there ({REAL.name}): playing made rows of its layout.")
        lines = [HEADER, *make_rows(dice, ROWS or 50_000)]
    path.write_text("\n".join(lines) + "\n")
    return path


class Play:
    """One call of ``dev.py replay`` in a place of its own."""

    def __init__(self, file: Path, home: Path) -> None:
        """Start it."""
        unset = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "KAFKA_BOOTSTRAP"}
        env = {name: value for name, value in os.environ.items() if name not in unset}
        self.home = home
        self.log = (home / "replay.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "dev.py", "replay", str(file), "--json"],
            cwd=ROOT,
            env=env | {"VAR_DIR": str(home)},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )

    def kill(self, *, everything: bool) -> None:
        """Kill the command with its supervisor, or also what the supervisor had started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        state = self.home / "run" / "stack.json"
        if not everything or not state.exists():
            return
        for child in json.loads(state.read_text())["children"]:
            if Identity(**child).is_alive():
                os.killpg(child["pid"], signal.SIGKILL)

    def finish(self) -> dict[str, Any]:
        """Wait for the end and return the reconciliation."""
        out, _nothing = self.process.communicate(timeout=1800)
        text = (self.home / "replay.log").read_text()
        assert self.process.returncode == 0, text[-3000:]
        return dict(json.loads(out.strip().splitlines()[-1]))


@pytest.mark.faults
def test_a_replay_killed_five_times_reconciles(tmp_path, capsys):
    seed = os.environ.get("FAULT_SEED") or str(int(time.time()))
    dice = random.Random(seed)
    with capsys.disabled():
        print(f"\nReplay under kills, seed {seed}")
        file = write_file(tmp_path, dice)
        cut_short = 0
        for number in range(1, KILLS + 1):
            play, pause = Play(file, tmp_path), dice.uniform(1.0, LATEST_KILL_S)
            try:
                play.process.wait(timeout=pause)
            except subprocess.TimeoutExpired:
                cut_short += 1
            everything = dice.random() < 0.5
            play.kill(everything=everything)
            print(f"  kill {number} after {pause:.1f} s{' with all processes' * everything}")
        last = Play(file, tmp_path).finish()
        print(f"  {json.dumps(last)}")

    assert cut_short >= 3, "The file is too small for this machine: set FAULT_ROWS."
    assert last["ok"] is True
    assert last["accepted_rows"] + last["rejected_rows"] == last["rows"]
    assert last["orders"] == last["ended_orders"] == last["shipments"]
    assert (last["stock_ok"], last["journal_ok"], last["ledger_sum"]) == (True, True, 0)
