"""The cache as the doors use it: fast when it is there, never in the way when it is not."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_PAUSE_S = 5.0
_ERRORS = (RedisError, OSError)


class _Breaker:
    """After a failure the cache is left alone for a few seconds: no call waits for it again."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() >= self.closed_until

    def trip(self, error: Exception) -> None:
        self.closed_until = time.monotonic() + _PAUSE_S
        logger.warning("partners.cache_away %s", type(error).__name__)


_breaker = _Breaker()


def read(key: str) -> Any:
    """Return the cached value, or nothing: unknown, expired, or the cache is away."""
    if not _breaker.is_open:
        return None
    try:
        return cache.get(key)
    except _ERRORS as error:
        _breaker.trip(error)
        return None


def write(key: str, value: object, seconds: int) -> None:
    """Store a value for a while, if the cache is there."""
    if not _breaker.is_open:
        return
    try:
        cache.set(key, value, seconds)
    except _ERRORS as error:
        _breaker.trip(error)


def forget(key: str) -> None:
    """Delete a value; with the cache away it ends by its own age."""
    try:
        cache.delete(key)
    except _ERRORS as error:
        _breaker.trip(error)


def count(key: str, seconds: int) -> int:
    """Count one more use of ``key`` in its window and return the number so far.

    Counted in the cache, for all processes together; while it is away each process counts for
    itself, so that the limit gets looser instead of refusing everybody.
    """
    if _breaker.is_open:
        try:
            return _count_shared(key, seconds)
        except _ERRORS as error:
            _breaker.trip(error)
    return _local.count(key, seconds)


def _count_shared(key: str, seconds: int) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # the first of its window
        if cache.add(key, 1, seconds + 5):
            return 1
    return int(cache.incr(key))  # somebody else was first in between


class _LocalCounters:
    """Counters of this process, forgotten as a whole when their window is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._ends_at = 0.0

    def count(self, key: str, seconds: int) -> int:
        with self._lock:
            if time.monotonic() >= self._ends_at:
                self._counts.clear()
                self._ends_at = time.monotonic() + seconds
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


_local = _LocalCounters()
