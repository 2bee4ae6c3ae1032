"""The relay: takes committed entries to their receivers, again and again until they are done.

Measured choices (see ``docs/adr``): publishing in ``on_commit`` lost 22 of 580 orders under kills,
this relay none of 11,215. It owns its broker connection and throws it away on any error, publishes
with confirms, and publishes again what was sent but not done, with growing pauses.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction

from apps.common.bulk import update_rows
from apps.journal import chain
from apps.journal.models import ChainHead, JournalEntry, Receipt
from apps.journal.registry import Audience, get_receiver
from apps.journal.rules import BATCH_PER_MESSAGE, pause_before

logger = logging.getLogger(__name__)
FIRST_PATIENCE = timedelta(seconds=60)
# At most this many entries are on their way at once. Without the window a burst fills the queues,
# waits longer than the patience, and is published again and again.
WINDOW = 1000
Batch = Mapping[str, Iterable[int]]
_FINISH = (
    "UPDATE journal_journalentry SET"
    " state = CASE WHEN pending_count = 1 THEN %s ELSE state END,"
    " done_at = CASE WHEN pending_count = 1 THEN %s ELSE done_at END,"
    " pending_count = pending_count - 1"
    " WHERE id = %s AND state = %s AND pending_count > 0"
)


class Publisher(Protocol):
    """Sends one message to a receiver's queue and returns only when the broker confirmed it."""

    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        """Send ``entry_ids`` to ``receiver``."""


@dataclass(slots=True)
class RelayReport:
    """What one round did."""

    linked: int = 0
    republished: int = 0
    completed: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.linked or self.republished or self.completed)


def relay_new(publisher: Publisher, *, now: datetime, limit: int = 200) -> int:
    """Chain and publish entries nobody sent yet, as far as the window allows; returns their number."""
    on_their_way = JournalEntry.objects.filter(state=JournalEntry.State.SENT)
    limit = min(limit, WINDOW - on_their_way.order_by()[:WINDOW].count())
    if limit <= 0:
        return 0
    new = JournalEntry.objects.filter(state=JournalEntry.State.NEW)
    tenants = list(dict.fromkeys(new.order_by("id").values_list("tenant_id", flat=True)[:limit]))
    return sum(_relay_tenant(tenant, publisher, now=now, limit=limit) for tenant in tenants)


def _relay_tenant(tenant_id: int, publisher: Publisher, *, now: datetime, limit: int) -> int:
    ChainHead.objects.get_or_create(tenant_id=tenant_id)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        heads = ChainHead.objects.select_for_update(skip_locked=skip)
        head = heads.filter(tenant_id=tenant_id).first()
        if head is None:  # another relay works on this chain
            return 0
        new = JournalEntry.objects.filter(tenant_id=tenant_id, state=JournalEntry.State.NEW)
        entries = list(new.order_by("id")[:limit])
        chain.link(head, entries)
        batch = _mark_sent(entries, now=now)
        _save(entries)
        head.save(update_fields=["chain_number", "hash"])
        _publish(publisher, batch)
    return len(entries)


def _mark_sent(entries: list[JournalEntry], *, now: datetime) -> dict[str, list[int]]:
    batch: dict[str, list[int]] = defaultdict(list)
    audience = Audience()
    for entry in entries:
        names = audience.of(entry)
        for name in names:
            batch[name].append(entry.pk)
        entry.pending_count = len(names)
        entry.attempts = 1
        entry.state = JournalEntry.State.SENT if names else JournalEntry.State.DONE
        entry.next_attempt_at = now + FIRST_PATIENCE if names else None
        entry.done_at = None if names else now
    return batch


def _save(entries: list[JournalEntry]) -> None:
    columns = [
        "chain_number",
        "previous_hash",
        "hash",
        "state",
        "pending_count",
        "attempts",
        "next_attempt_at",
        "done_at",
    ]
    update_rows(JournalEntry, columns, entries)


def _publish(publisher: Publisher, batch: Batch) -> None:
    for name, ids in batch.items():
        target = get_receiver(name)
        if target is None:
            continue
        waiting = list(ids)
        for start in range(0, len(waiting), BATCH_PER_MESSAGE):
            publisher.publish(name, target.queue, waiting[start : start + BATCH_PER_MESSAGE])


def republish_unfinished(publisher: Publisher, *, now: datetime, limit: int = 200) -> RelayReport:
    """Publish again what was sent but not done, and retries that are due; complete what is done."""
    report = RelayReport()
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        late = JournalEntry.objects.select_for_update(skip_locked=skip).filter(
            state=JournalEntry.State.SENT, next_attempt_at__lte=now
        )
        entries = list(late.order_by("id")[:limit])
        batch = _missing(entries, report, now=now)
        _publish(publisher, batch)
    with transaction.atomic():
        report.republished += _republish_failed(publisher, now=now, limit=limit)
    return report


def _missing(
    entries: list[JournalEntry], report: RelayReport, *, now: datetime
) -> dict[str, list[int]]:
    seen: dict[int, dict[str, int]] = defaultdict(dict)
    receipts = Receipt.objects.filter(entry__in=[entry.pk for entry in entries])
    for entry_id, name, state in receipts.values_list("entry_id", "receiver", "state"):
        seen[entry_id][name] = state
    batch: dict[str, list[int]] = defaultdict(list)
    audience = Audience()
    for entry in entries:
        known = seen[entry.pk]
        lost = [name for name in audience.of(entry) if name not in known]
        if not lost and all(state == Receipt.State.DONE for state in known.values()):
            entry.state, entry.done_at, entry.next_attempt_at = JournalEntry.State.DONE, now, None
            report.completed += 1
        else:
            for name in lost:
                batch[name].append(entry.pk)
                report.republished += 1
            entry.attempts += 1
            pause = pause_before(entry.attempts, jitter=random.random(), base_s=60)  # noqa: S311
            entry.next_attempt_at = now + pause
    update_rows(JournalEntry, ["state", "done_at", "attempts", "next_attempt_at"], entries)
    return batch


def _republish_failed(publisher: Publisher, *, now: datetime, limit: int) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    due = Receipt.objects.select_for_update(skip_locked=skip).filter(
        state=Receipt.State.FAILED, next_attempt_at__lte=now
    )
    batch: dict[str, list[int]] = defaultdict(list)
    receipts = list(due.order_by("next_attempt_at")[:limit])
    for item in receipts:
        batch[item.receiver].append(item.entry_id)
    # Far enough away that a slow worker is not flooded, near enough that a lost message returns.
    Receipt.objects.filter(pk__in=[item.pk for item in receipts]).update(
        next_attempt_at=now + timedelta(minutes=2)
    )
    _publish(publisher, batch)
    return len(receipts)


def finish(entry_id: int, *, now: datetime) -> None:
    """Count one receiver of an entry as done; the last one completes the entry.

    Runs once per delivery: written out, because building it anew each time cost more than running it.
    The order of the assignments matters: MySQL evaluates them from left to right and would see the
    new count in the others.
    """
    moment = connection.ops.adapt_datetimefield_value(now)
    done, sent = JournalEntry.State.DONE.value, JournalEntry.State.SENT.value
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [done, moment, entry_id, sent])
