"""Handing one entry to one receiver: inbox row, effect and completion commit together."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django_scopes import scope

from apps.common.bulk import insert_new_row
from apps.common.errors import DomainError
from apps.journal import relay
from apps.journal.models import JournalEntry, Receipt
from apps.journal.registry import Receiver, RetryLaterError
from apps.journal.rules import MAX_ATTEMPTS, pause_before

logger = logging.getLogger(__name__)
_COLUMNS = ("entry", "receiver", "state", "attempts", "error", "updated_at")
_ERROR_LENGTH = 4000
_MOST_ATTEMPTS = 30_000


def load_entries(entry_ids: Sequence[int]) -> list[JournalEntry]:
    """Return the entries of one message in the order they were written, in one statement."""
    return list(JournalEntry.objects.filter(pk__in=entry_ids).order_by("pk"))


def deliver(receiver: Receiver, entry: JournalEntry, *, now: datetime) -> bool:
    """Run ``receiver`` on an entry once; returns whether it had an effect now.

    A repeat finds the inbox row and does nothing. A failure is rolled back as a whole and written
    down with the time of the next attempt; after ``MAX_ATTEMPTS`` it is a dead letter. Errors of
    the database itself are raised, so that the message is delivered again.
    """
    try:
        with transaction.atomic():
            if not _claim(receiver, entry, now=now):
                return False
            with tenant_scope(entry.tenant_id):
                receiver.handler(entry)
            relay.finish(entry.pk, now=now)
    except (OperationalError, InterfaceError):
        raise
    except RetryLaterError as error:
        _note_failure(receiver, entry.pk, str(error), now=now, gives_up=False)
        return False
    except DomainError as error:
        _note_failure(receiver, entry.pk, f"{error.code}: {error.message}", now=now)
        return False
    except Exception as error:
        logger.exception("journal.receiver_failed %s entry=%s", receiver.name, entry.pk)
        _note_failure(receiver, entry.pk, f"{type(error).__name__}: {error}", now=now)
        return False
    return True


def tenant_scope(tenant_id: int) -> AbstractContextManager[None]:
    """Open the tenant's scope; facts of the platform itself (0) open none."""
    if not tenant_id:
        return nullcontext()
    opened: AbstractContextManager[None] = scope(merchant=tenant_id)
    return opened


def _claim(receiver: Receiver, entry: JournalEntry, *, now: datetime) -> bool:
    row = (entry.pk, receiver.name, Receipt.State.DONE.value, 1, "", now)
    if insert_new_row(Receipt, _COLUMNS, row):
        return True
    receipt = Receipt.objects.select_for_update().get(entry=entry, receiver=receiver.name)
    if receipt.state == Receipt.State.DONE:
        return False
    receipt.state = Receipt.State.DONE
    receipt.error = ""
    receipt.next_attempt_at = None
    receipt.attempts += 1
    receipt.save()
    return True


def _note_failure(
    receiver: Receiver, entry_id: int, error: str, *, now: datetime, gives_up: bool = True
) -> None:
    with transaction.atomic():
        receipt, is_new = Receipt.objects.select_for_update().get_or_create(
            entry_id=entry_id, receiver=receiver.name, defaults={"state": Receipt.State.FAILED}
        )
        receipt.attempts = 1 if is_new else min(receipt.attempts + 1, _MOST_ATTEMPTS)
        receipt.error = error[:_ERROR_LENGTH]
        is_dead = gives_up and receipt.attempts >= MAX_ATTEMPTS
        receipt.state = Receipt.State.DEAD if is_dead else Receipt.State.FAILED
        jitter = random.random()  # noqa: S311
        receipt.next_attempt_at = (
            None if is_dead else now + pause_before(receipt.attempts, jitter=jitter)
        )
        receipt.save()
        if is_dead:
            JournalEntry.objects.filter(pk=entry_id).update(state=JournalEntry.State.DEAD)
