"""Which function does a kind of long work, and who may steer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.jobs.progress import JobProgress

Runner = Callable[[JobProgress], None]
# A job nobody registered can only be looked at and cancelled by people who manage the company.
FALLBACK_PERMISSION = "settings.manage"


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind: its runner and the permission to cancel, repeat, take back and download.

    ``undo_kind`` is the kind of job that takes it back, empty when nothing can.
    """

    kind: str
    permission: str
    runner: Runner
    undo_kind: str = ""


_KINDS: dict[str, JobKind] = {}


def job_runner(
    kind: str, *, permission: str = FALLBACK_PERMISSION, undo_kind: str = ""
) -> Callable[[Runner], Runner]:
    """Register the function that runs jobs of ``kind``; keep it in the app's ``runners.py``.

    Jobs of ``undo_kind`` take it back; their runner walks ``JobProgress.undone_rows``.

    It is called again from the start after a kill or a pause and must go through
    ``JobProgress.pending`` (or look for itself) so that no row has its effect twice.
    """

    def register(runner: Runner) -> Runner:
        known = _KINDS.get(kind)
        if known is not None and known.runner.__qualname__ != runner.__qualname__:
            raise ValueError(f"Two runners are called {kind}")
        _KINDS[kind] = JobKind(kind, permission, runner, undo_kind)
        return runner

    return register


def find_kind(kind: str) -> JobKind | None:
    """Return a registered kind, or nothing."""
    return _KINDS.get(kind)


def permission_of(kind: str) -> str:
    """Return the permission that steering a job of this kind needs."""
    known = _KINDS.get(kind)
    return known.permission if known is not None else FALLBACK_PERMISSION
