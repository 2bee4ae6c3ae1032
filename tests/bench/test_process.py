"""Contestants: asked, answered, and ended in time whatever they do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.perf.rig.process import Contestant, ContestantError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, time
sys.path.insert(0, "")
from bench.perf.rig.contestant import serve

def twice(number):
    print("a library talks")
    return {"twice": number * 2}

def fail():
    raise LookupError("no such shelf")

def sleep():
    time.sleep(60)

serve({"twice": twice, "fail": fail, "sleep": sleep})
"""


@pytest.fixture
def contestant(tmp_path: Path):
    argv = [sys.executable, "-c", PROGRAM]
    with Contestant("echo", argv, env={}, log=tmp_path / "echo.log", cwd=ROOT) as running:
        yield running


def test_answers_come_back_and_printing_does_not_disturb_them(contestant):
    assert contestant.ask("twice", number=4, seconds=30) == {"twice": 8}
    assert contestant.ask("twice", number=5, seconds=30) == {"twice": 10}


def test_failure_tells_the_end_of_the_log(contestant):
    with pytest.raises(ContestantError, match=r"echo ended during fail(.|\n)*no such shelf"):
        contestant.ask("fail", seconds=30)


def test_asking_after_the_end_fails_too(contestant):
    with pytest.raises(ContestantError):
        contestant.ask("fail", seconds=30)

    with pytest.raises(ContestantError, match="echo ended"):
        contestant.ask("twice", number=1, seconds=30)


def test_time_limit_ends_the_process(contestant):
    with pytest.raises(ContestantError, match="sleep took over 0 s"):
        contestant.ask("sleep", seconds=0.2)

    with pytest.raises(ContestantError, match="echo ended"):
        contestant.ask("twice", number=1, seconds=30)
