"""Taking in carrier events: kept once, as they came, then folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from apps.carriers.recognition import clean_number, recognize
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.fulfillment import events as names
from apps.fulfillment.models import Parcel, TrackingEvent
from apps.fulfillment.reference import find_reason, map_code
from apps.fulfillment.requests import TrackingInput, TrackingOutcome
from apps.fulfillment.rules import UNKNOWN
from apps.fulfillment.services.codes import Code, read_codes
from apps.fulfillment.services.settling import Dispatch, lock_dispatches, settle
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_EVENTS = 1000
_CHUNK = 200
# Carriers' clocks and zones are wrong by hours, not by days; an event from next week would hide
# every true one until then.
_MAX_AHEAD = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the parcel of a number is found."""

    parcel_id: int
    public_id: str
    order_id: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event that may be kept: its place in the batch, its parcel, meaning and dedupe key."""

    index: int
    event: TrackingInput
    place: _Place
    status: str
    reason: str
    key: str


def record_tracking(
    merchant: Merchant, events: Sequence[TrackingInput], *, actor: Actor, now: datetime
) -> list[TrackingOutcome]:
    """Keep carrier events and bring parcels, shipments and orders in line; one outcome each.

    Events may come late, twice and in any order; a repeat changes nothing. An event that cannot be
    kept (unknown number, bad time) has its own error: ``fulfillment.unknown_number`` (404),
    ``fulfillment.bad_time``, ``fulfillment.bad_event`` (422). More than 1,000 events raise
    ``fulfillment.too_many_events`` (413). Every 200 events are one transaction.
    """
    if len(events) > MAX_EVENTS:
        message = _("Send at most %(count)d events at once.") % {"count": MAX_EVENTS}
        raise DomainError("fulfillment.too_many_events", message, status=413)
    outcomes: list[TrackingOutcome] = []
    for start in range(0, len(events), _CHUNK):
        chunk = events[start : start + _CHUNK]
        outcomes += _record_chunk(merchant, chunk, actor=actor, now=now)
    return outcomes


@retry_transaction
def _record_chunk(
    merchant: Merchant, events: Sequence[TrackingInput], *, actor: Actor, now: datetime
) -> list[TrackingOutcome]:
    with transaction.atomic():
        places = _find_places(merchant, events)
        outcomes: dict[int, TrackingOutcome] = {}
        taken: list[int] = []
        for index, event in enumerate(events):
            error = _find_error(event, places, now)
            if error is not None:
                outcomes[index] = TrackingOutcome(event.tracking_number, error=error)
                continue
            taken.append(index)
        decided = read_codes(_unknown_codes(events[index] for index in taken), now=now)
        entries = [
            _enter(index, event, places[clean_number(event.tracking_number)], decided)
            for index, event in ((index, events[index]) for index in taken)
        ]
        fresh = _keep(merchant, entries, actor=actor, now=now) if entries else set()
        for entry in entries:
            outcomes[entry.index] = TrackingOutcome(
                entry.event.tracking_number, entry.status, is_new=entry.index in fresh
            )
    return [outcomes[index] for index in range(len(events))]


def _find_places(merchant: Merchant, events: Sequence[TrackingInput]) -> dict[str, _Place]:
    numbers = {clean_number(event.tracking_number) for event in events}
    rows = Parcel.objects.filter(merchant=merchant, tracking_number__in=numbers).values_list(
        "tracking_number", "pk", "public_id", "shipment__order_id"
    )
    return {number: _Place(key, public_id, order) for number, key, public_id, order in rows}


def _find_error(
    event: TrackingInput, places: Mapping[str, _Place], now: datetime
) -> DomainError | None:
    if clean_number(event.tracking_number) not in places:
        return _unknown(event.tracking_number)
    if is_naive(event.occurred_at) or event.occurred_at > now + _MAX_AHEAD:
        return DomainError(
            "fulfillment.bad_time",
            _("The time of the event lies in the future or has no time zone."),
            status=422,
        )
    if not event.code.strip() or len(event.code) > 64 or len(event.event_id) > 80:
        return DomainError(
            "fulfillment.bad_event",
            _("An event needs a code of at most 64 characters and an id of at most 80."),
            status=422,
        )
    return None


def _unknown(number: str) -> DomainError:
    """Return the error for a number no parcel has, and whose number it is if its check digit says."""
    carriers = [match.carrier_name for match in recognize(number) if match.is_checked]
    names = ", ".join(dict.fromkeys(carriers))
    message = (
        _("No parcel of yours has the number %(number)s. By its form it can be from %(carriers)s.")
        if names
        else _("No parcel of yours has the number %(number)s.")
    )
    shown = {"number": number[:40], "carriers": names}
    return DomainError("fulfillment.unknown_number", message % shown, status=404)


def _unknown_codes(events: Iterable[TrackingInput]) -> set[Code]:
    """Return (source, code) of what the packaged table does not know."""
    found = {(event.source[:40], event.code) for event in events}
    return {code for code in found if map_code(*code) == UNKNOWN and code[1] != UNKNOWN}


def _enter(
    index: int, event: TrackingInput, place: _Place, decided: Mapping[Code, tuple[str, str]]
) -> _Entry:
    source = event.source[:40]
    if event.event_id:
        parts = ["id", source, str(place.parcel_id), event.event_id]
    else:
        moment = event.occurred_at.isoformat()
        parts = ["facts", source, str(place.parcel_id), event.code, moment, event.location[:120]]
    key = sha256("\x1f".join(parts).encode()).hexdigest()
    packaged = map_code(source, event.code), find_reason(source, event.code)
    status, reason = decided.get((source, event.code), packaged)
    return _Entry(index, event, place, status, reason, key)


def _keep(
    merchant: Merchant, entries: Sequence[_Entry], *, actor: Actor, now: datetime
) -> set[int]:
    """Store the entries that are new and settle their orders; return their places in the batch."""
    dispatches = lock_dispatches({entry.place.order_id for entry in entries})
    keys = {entry.key for entry in entries}
    known = set(
        TrackingEvent.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True)
    )
    fresh: dict[str, _Entry] = {}
    for entry in entries:
        if entry.key not in known:
            fresh.setdefault(entry.key, entry)
    if fresh:
        rows = [_row(merchant, entry, now) for entry in fresh.values()]
        TrackingEvent.objects.bulk_create(rows)
        refused = settle(dispatches, actor=actor, now=now)
        _announce(merchant, list(fresh.values()), dispatches, refused, actor=actor, now=now)
    return {entry.index for entry in fresh.values()}


def _row(merchant: Merchant, entry: _Entry, now: datetime) -> TrackingEvent:
    event = entry.event
    return TrackingEvent(
        merchant=merchant,
        parcel_id=entry.place.parcel_id,
        code=event.code,
        status=entry.status,
        reason=entry.reason,
        occurred_at=event.occurred_at,
        recorded_at=now,
        location=event.location[:120],
        description=event.description[:300],
        source=event.source[:40],
        event_id=event.event_id,
        dedupe_key=entry.key,
        raw=dict(event.raw),
    )


def _announce(
    merchant: Merchant,
    fresh: Sequence[_Entry],
    dispatches: Sequence[Dispatch],
    refused: Mapping[int, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record one entry per parcel of the batch."""
    by_place: dict[_Place, list[_Entry]] = defaultdict(list)
    for entry in fresh:
        by_place[entry.place].append(entry)
    status = {
        parcel.pk: parcel.tracking_status
        for item in dispatches
        for group in item.parcels.values()
        for parcel in group
    }
    facts = [
        journal.Fact(
            names.TRACKING_RECORDED,
            "parcel",
            place.public_id,
            {
                "tracking_number": clean_number(entries[0].event.tracking_number),
                "events": len(entries),
                "codes": [*sorted({entry.event.code for entry in entries})],
                "unmapped": sum(entry.status == "unknown" for entry in entries),
                "tracking_status": status.get(place.parcel_id, ""),
                "refused": refused.get(place.parcel_id, ""),
            },
        )
        for place, entries in by_place.items()
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
