"""The clock: read once at the edge and passed inwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def utc_now() -> datetime:
    """Return the current time in UTC, or the moment an open ``clock_at`` block says."""
    return _set_to.get() or timezone.now()


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let time stand at ``moment`` inside the block (the sandbox lives through past days with it)."""
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
