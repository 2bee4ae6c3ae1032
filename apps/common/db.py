"""Database helpers: ordered locks, upserts and retries that are safe on MariaDB and SQLite."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models

logger = logging.getLogger(__name__)
M = TypeVar("M", bound=models.Model)
P = ParamSpec("P")
R = TypeVar("R")

# 1213 deadlock, 1205 lock wait time-out, 1020 row changed since read (MariaDB snapshot isolation).
CHANGED_SINCE_READ = 1020
_RETRYABLE = {1213, 1205, CHANGED_SINCE_READ}
_ATTEMPTS = 6


def lock_by_pk(queryset: models.QuerySet[M]) -> list[M]:
    """Lock the rows of ``queryset`` in primary-key order and return them.

    One order for everybody is what prevents deadlocks. Must run inside a transaction.
    """
    return list(queryset.order_by("pk").select_for_update())


def upsert(
    model: type[M],
    rows: Iterable[M],
    *,
    unique_fields: Sequence[str],
    update_fields: Sequence[str],
    batch_size: int = 1000,
) -> list[M]:
    """Insert rows, updating ``update_fields`` where ``unique_fields`` already exist."""
    manager = model._base_manager
    options: dict[str, Any] = {"update_conflicts": True, "update_fields": list(update_fields)}
    # MySQL-family databases take any unique key as the conflict target and refuse a named one.
    if connection.features.supports_update_conflicts_with_target:
        options["unique_fields"] = list(unique_fields)
    return list(manager.bulk_create(list(rows), batch_size=batch_size, **options))


def is_transient(error: OperationalError) -> bool:
    """Say whether running the whole transaction again may succeed."""
    code = error.args[0] if error.args else None
    return code in _RETRYABLE or "database is locked" in str(error)


def retry_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` again (at most 6 times, jittered) when its transaction met a deadlock.

    Only the outermost transaction may be repeated: inside an open one the function runs once,
    because a part of a transaction must never be retried alone.
    """

    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if attempt == _ATTEMPTS or not is_transient(error):
                    raise
                logger.warning("transaction.retry %s attempt=%s", error.args[:1], attempt)
                time.sleep(random.random() * 0.01 * 2**attempt)  # noqa: S311
        raise AssertionError("unreachable")

    wrapper.__name__ = function.__name__
    wrapper.__doc__ = function.__doc__
    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapper


def in_transaction() -> bool:
    """Say whether a transaction is open on the default connection."""
    return connection.in_atomic_block
