"""Commands that refuse before they install or start anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import commands, stack
from devtools.command_line import run
from devtools.machine import Stop
from devtools.processes import Identity

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place where a running stack is noted."""
    path = tmp_path / "stack.json"
    monkeypatch.setattr(stack, "_STATE", path)
    return path


def _note(state: Path, supervisor: Identity, children: list[Identity]) -> None:
    content = {
        "supervisor": vars(supervisor),
        "children": [vars(child) for child in children],
        "env": {"REDIS_URL": "redis://127.0.0.1:1/0"},
    }
    state.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("marker", "variable"),
    [("mariadb", "DATABASE_URL=mysql://"), ("broker", "CELERY_BROKER_URL=amqp://")],
)
def test_tests_that_need_a_server_are_refused_without_one(
    marker: str, variable: str, capsys: Capture
) -> None:
    assert run(["test", "--with", marker]) == 1

    message = capsys.readouterr().err
    assert variable in message
    assert 'eval "$(python3 dev.py services start)"' in message


def test_an_unknown_measurement_lists_the_known_ones(capsys: Capture) -> None:
    assert commands.bench("nothing", []) == 2
    assert capsys.readouterr().err.startswith("No measurement 'nothing'. Known: ")


def test_replay_of_a_missing_file_stops(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="There is no file"):
        commands.replay(tmp_path / "gone.csv", as_json=False)


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(SystemExit) as refusal:
        run(["check", "--nonsense"])

    assert refusal.value.code == 2


def test_no_stack_is_found_without_a_note(state: Path) -> None:
    assert stack.find_running() is None


def test_a_stack_whose_supervisor_lives_is_found(state: Path) -> None:
    me = Identity.of(os.getpid())
    assert me is not None
    _note(state, me, [])

    running = stack.find_running()

    assert running is not None
    assert running.env == {"REDIS_URL": "redis://127.0.0.1:1/0"}


def test_a_stack_whose_supervisor_is_gone_is_not_found(state: Path) -> None:
    _note(state, Identity(os.getpid(), "1"), [])

    assert stack.find_running() is None


def test_a_second_stack_is_refused(state: Path) -> None:
    me = Identity.of(os.getpid())
    assert me is not None
    _note(state, me, [])

    with pytest.raises(Stop, match="already running"), stack.open_stack(quiet=True):
        pytest.fail("a second stack was opened")


def test_what_a_killed_run_left_is_ended_before_the_next(state: Path) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(sleeper, start_new_session=True)
    left = Identity.of(process.pid)
    assert left is not None
    _note(state, Identity(os.getpid(), "1"), [left])

    stack.end_leftovers()

    assert process.wait(10) == -signal.SIGTERM
    assert not state.exists()
