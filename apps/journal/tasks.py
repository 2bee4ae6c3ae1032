"""Worker entry points of the journal."""

from __future__ import annotations

import random
import time

from celery import Task, shared_task
from celery.exceptions import Reject
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from apps.common.clock import utc_now
from apps.journal import chain
from apps.journal.delivery import deliver, load_entries
from apps.journal.registry import get_receiver


@shared_task(name="journal.receive", bind=True, acks_late=True)
def receive(self: Task[..., None], receiver: str, entry_ids: list[int]) -> None:
    """Hand entries to one receiver, each in its own transaction.

    When the database is away the whole message goes back to the queue after a short pause;
    entries already done are then recognised by their inbox rows.
    """
    target = get_receiver(receiver)
    if target is None:
        return
    try:
        for entry in load_entries(entry_ids):
            deliver(target, entry, now=utc_now())
    except (OperationalError, InterfaceError) as error:
        connection.close()
        close_old_connections()
        time.sleep(0.3 + random.random())  # noqa: S311
        raise Reject(str(error), requeue=True) from error


@shared_task(name="journal.anchor_chains")
def anchor_chains() -> int:
    """Write today's anchor of every chain."""
    return chain.anchor_heads(utc_now().date())
