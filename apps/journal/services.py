"""Writing facts into the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import Model

from apps.common.bulk import insert_rows
from apps.common.db import in_transaction
from apps.common.ids import new_public_id
from apps.common.middleware import request_id
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry, Receipt

PLATFORM = 0
_COLUMNS = (
    "public_id",
    "tenant_id",
    "event",
    "subject_type",
    "subject_id",
    "actor",
    "payload",
    "request_id",
    "occurred_at",
    "recorded_at",
    "previous_hash",
    "hash",
    "state",
    "pending_count",
    "attempts",
)

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class TenantLike(Protocol):
    """Anything that is a merchant: only its key matters here."""

    @property
    def pk(self) -> int:
        """The merchant's primary key."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact to record; ``payload`` holds JSON facts, never personal data."""

    event: str
    subject_type: str
    subject_id: str
    payload: Mapping[str, Json] = field(default_factory=dict)


def record(
    event: str,
    *,
    merchant: TenantLike | None,
    subject: Model,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Json] | None = None,
) -> None:
    """Write one entry about ``subject`` in the caller's transaction.

    Everything that must follow (webhook, mail, the next step) hangs on this row after the commit.
    Raises ``RuntimeError`` outside a transaction: a fact must commit together with its change.
    """
    ident = str(getattr(subject, "public_id", subject.pk))
    fact = Fact(event, subject._meta.model_name or "", ident, payload or {})
    record_many([fact], tenant_id=tenant_of(merchant), actor=actor, now=now)


def tenant_of(merchant: TenantLike | None) -> int:
    """Return the tenant's key in the journal: the merchant's, or 0 for the platform."""
    return merchant.pk if merchant is not None else PLATFORM


def record_many(facts: Sequence[Fact], *, tenant_id: int, actor: Actor, now: datetime) -> None:
    """Write several entries of one tenant in one statement; same rules as ``record``."""
    if not in_transaction():
        raise RuntimeError("journal entries are written inside the transaction of their change")
    doer, request = str(actor), request_id.get()
    rows = [
        (
            new_public_id("jrn"),
            tenant_id,
            fact.event,
            fact.subject_type,
            fact.subject_id,
            doer,
            dict(fact.payload),
            request,
            now,
            now,
            "",
            "",
            JournalEntry.State.NEW.value,
            0,
            0,
        )
        for fact in facts
    ]
    insert_rows(JournalEntry, _COLUMNS, rows)


def replay_dead_letter(receipt_id: int, *, actor: Actor, now: datetime) -> None:
    """Give a dead letter another round of attempts, starting now, and record who asked for it."""
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().select_related("entry").get(pk=receipt_id)
        receipt.state = Receipt.State.FAILED
        receipt.attempts = 0
        receipt.next_attempt_at = now
        receipt.save(update_fields=["state", "attempts", "next_attempt_at", "updated_at"])
        entry = receipt.entry
        JournalEntry.objects.filter(pk=entry.pk, state=JournalEntry.State.DEAD).update(
            state=JournalEntry.State.SENT
        )
        fact = Fact(
            "journal.dead_letter_replayed",
            "receipt",
            entry.public_id,
            {"receiver": receipt.receiver},
        )
        record_many([fact], tenant_id=PLATFORM, actor=actor, now=now)
