"""Which programs the stack is made of."""

from __future__ import annotations

import multiprocessing

import pytest

from devtools import stack


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
