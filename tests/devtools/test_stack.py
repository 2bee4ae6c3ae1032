"""Which programs the stack is made of."""

from __future__ import annotations

import multiprocessing
import os
import sys

import pytest

from devtools import stack
from devtools.machine import Stop


def pool_of_worker() -> str:
    [command] = [one.command for one in stack.programs_of_work() if one.name == "worker"]
    return command[command.index("-P") + 1]


def test_the_worker_has_processes_where_they_can_share_locks(monkeypatch):
    monkeypatch.setattr(multiprocessing, "Lock", object)

    assert pool_of_worker() == "prefork"


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), OSError(38, "not implemented")])
def test_without_shared_memory_the_worker_has_threads_and_says_so(error, monkeypatch, capsys):
    def refuse() -> None:
        raise error

    monkeypatch.setattr(multiprocessing, "Lock", refuse)

    assert pool_of_worker() == "threads"
    assert "/dev/shm" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("error", "said", "advice"),
    [
        ("(1049, \"Unknown database 'x'\")", "Unknown database 'x'", "Create it first"),
        ("(1045, \"Access denied for 'a'@'b'\")", "Access denied for 'a'@'b'", "user and password"),
        ("(2002, \"Can't connect to server on '1.2.3.4' (115)\")", "Can't connect", "running"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_sentence(error, said, advice):
    told = stack.explain_database(f"Traceback ...\ndjango.db.utils.OperationalError: {error}\n")
    assert told.startswith("DATABASE_URL does not lead to a database: ")
    assert said in told.splitlines()[0]
    assert advice in told.splitlines()[1]


@pytest.mark.parametrize("text", ["", "ValueError: 1049", "OperationalError: (9999, 'other')"])
def test_other_failures_keep_their_traceback(text):
    assert stack.explain_database(text) == ""


def test_a_step_that_fails_stops_without_a_traceback():
    line = "raise SystemExit('OperationalError: (1049, \"Unknown database x\")')"
    with pytest.raises(Stop, match="Unknown database x"):
        stack.run_step([sys.executable, "-c", line], dict(os.environ), "Migrating")
    with pytest.raises(Stop, match=r"(?s)something else.*Migrating failed \(code 1\)"):
        stack.run_step(
            [sys.executable, "-c", "raise SystemExit('something else')"],
            dict(os.environ),
            "Migrating",
        )


def test_bytecode_is_kept_whatever_the_shell_says(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    assert "PYTHONDONTWRITEBYTECODE" not in stack.base_environment()
