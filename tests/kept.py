"""Worlds that are made once for many tests, each of which finds them as they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from apps.logistics.models import NetworkEdition
from tests.factories.logistics import put_network

Made = TypeVar("Made")


@contextmanager
def keep(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """Keep the rows that ``make`` writes until the block ends.

    They are in a transaction around those of the tests, which roll back to where they began: each
    test finds the rows untouched. Hand each a copy (``copy.deepcopy``) of the objects. Not for
    modules with tests that really commit, nor from within a test.
    """
    assert not connection.in_atomic_block or _innermost_is_kept(), "ask for a kept world earlier"
    with blocker.unblock():
        block = transaction.atomic()
        # As Django's own tests do: services may say that theirs must be the outermost transaction.
        block._from_testcase = True
        block.is_kept = True
        block.__enter__()
        try:
            if not NetworkEdition.objects.exists():  # an earlier test emptied the database
                put_network()
            made = make()
            # What waits for the commit waits for none: it belongs to no test.
            connection.run_on_commit = []
        except BaseException:
            _take_back(block)
            raise
    try:
        yield made
    finally:
        with blocker.unblock():
            _take_back(block)


def _innermost_is_kept() -> bool:
    return getattr(connection.atomic_blocks[-1], "is_kept", False)


def _take_back(block: transaction.Atomic) -> None:
    transaction.set_rollback(True)
    block.__exit__(None, None, None)
