"""Deliveries: made from journal entries, tried until taken, replayed on demand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.partners import events, messages
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from apps.partners.rules import wants

MAX_REPLAY = 5000
_CHUNK = 500


def enqueue_entry(entry: JournalEntry, *, now: datetime) -> int:
    """Make the deliveries of one entry to the endpoints that want it; returns their number.

    Runs in the receiver's transaction. No statement for an event that never leaves the portal, one
    when nobody subscribed.
    """
    if not entry.tenant_id or entry.event not in events.PUBLIC_EVENTS:
        return 0
    active = WebhookEndpoint.objects.filter(merchant=entry.tenant_id, paused_at=None)
    listening = [item for item in active if wants(item.events, entry.event)]
    rows = [_delivery(endpoint, entry, now=now) for endpoint in listening]
    # A replay may have made the row of the same entry already.
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def send_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    """Queue a test message, to see whether the receiver takes it."""
    if not endpoint.is_active:
        raise DomainError("partners.endpoint_paused", _("Resume the webhook first."))
    ident = new_public_id("tst")
    data = {"message": "Hello from the portal", "endpoint": endpoint.public_id}
    delivery: WebhookDelivery = WebhookDelivery.objects.create(
        merchant_id=endpoint.merchant_id,
        endpoint=endpoint,
        entry_id=ident,
        event=events.TEST,
        body=messages.body(events.TEST, now, data),
        next_attempt_at=now,
        created_at=now,
    )
    return delivery


def replay_delivery(delivery: WebhookDelivery, *, actor: Actor, now: datetime) -> WebhookDelivery:
    """Send one delivery again, whatever became of it; the receiver sees the same id."""
    with transaction.atomic():
        _reset(WebhookDelivery.objects.filter(pk=delivery.pk), now=now)
        _record(delivery.endpoint, {"delivery": delivery.public_id}, actor=actor, now=now)
    delivery.refresh_from_db()
    return delivery


def replay_since(endpoint: WebhookEndpoint, since: datetime, *, actor: Actor, now: datetime) -> int:
    """Send everything since a moment that the endpoint does not have; returns the number.

    Failed deliveries start again, and entries that came while the endpoint was paused get their
    delivery now. At most ``MAX_REPLAY`` of each at once.
    """
    with transaction.atomic():
        not_taken = WebhookDelivery.objects.filter(endpoint=endpoint, created_at__gte=since)
        failed = not_taken.filter(state=WebhookDelivery.State.FAILED).order_by("id")
        keys = list(failed.values_list("pk", flat=True)[:MAX_REPLAY])
        _reset(WebhookDelivery.objects.filter(pk__in=keys), now=now)
        count = len(keys) + _make_missing(endpoint, since, now=now)
        facts: dict[str, journal.Json] = {"since": since.isoformat(), "count": count}
        _record(endpoint, facts, actor=actor, now=now)
    return count


def _make_missing(endpoint: WebhookEndpoint, since: datetime, *, now: datetime) -> int:
    wanted = [event for event in events.PUBLIC_EVENTS if wants(endpoint.events, event)]
    entries = JournalEntry.objects.filter(
        tenant_id=endpoint.merchant_id, event__in=wanted, recorded_at__gte=since
    ).exclude(state=JournalEntry.State.NEW)
    found = list(entries.order_by("id")[:MAX_REPLAY])
    idents = [entry.public_id for entry in found]
    known = set(_known(endpoint, idents))
    rows = [_delivery(endpoint, entry, now=now) for entry in found if entry.public_id not in known]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_CHUNK)
    return len(rows)


def _known(endpoint: WebhookEndpoint, idents: list[str]) -> Iterable[str]:
    for start in range(0, len(idents), _CHUNK):
        found = WebhookDelivery.objects.filter(
            endpoint=endpoint, entry_id__in=idents[start : start + _CHUNK]
        )
        yield from found.values_list("entry_id", flat=True)


def _reset(deliveries: object, *, now: datetime) -> None:
    deliveries.update(  # type: ignore[attr-defined]
        state=WebhookDelivery.State.PENDING, attempts=0, next_attempt_at=now, lease=None
    )


def _delivery(endpoint: WebhookEndpoint, entry: JournalEntry, *, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        merchant_id=endpoint.merchant_id,
        endpoint=endpoint,
        entry_id=entry.public_id,
        event=entry.event,
        body=messages.event_body(entry),
        next_attempt_at=now,
        created_at=now,
    )


def _record(
    endpoint: WebhookEndpoint, payload: dict[str, journal.Json], *, actor: Actor, now: datetime
) -> None:
    journal.record(
        events.WEBHOOK_REPLAYED,
        merchant=endpoint.merchant,
        subject=endpoint,
        actor=actor,
        now=now,
        payload=payload,
    )
