"""Learning from past parcels how long each leg takes and how long carriers are silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django_scopes import scopes_disabled

from apps.fulfillment import eta
from apps.fulfillment.case_rules import Signal
from apps.fulfillment.legs import (
    MIN_SAMPLES,
    Span,
    find_quantiles,
    measure_gaps,
    measure_legs,
    route_legs,
    split_legs,
)
from apps.fulfillment.models import LegStatistic, Parcel, TrackingEvent
from apps.fulfillment.states import ParcelStatus
from apps.logistics.network.rows import Zones
from apps.logistics.selectors import find_network

LOOK_BACK = timedelta(days=180)
# Newest first: beyond this many parcels a leg is known well enough, and old ones tell of old times.
MAX_SAMPLES = 5_000
_MAX_PARCELS = 200_000
_CHUNK = 500
_SILENCE_SHARE = 0.95


@dataclass(slots=True)
class _Heap:
    """What was measured of one leg of one group."""

    legs: list[Span] = field(default_factory=list)
    gaps: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Trip:
    """A parcel of the past: its groups, its countries, its hand-over and whether it is over."""

    key: int
    service: str
    origin: str
    destination: str
    tendered_at: datetime
    is_over: bool


def group_names(
    zones: Zones | None, service: str, origin: str, destination: str
) -> tuple[str, str]:
    """Return the names of a parcel's lane and zone in ``LegStatistic.group``.

    Zones are those of the network today; without any, the whole world is one.
    """
    zone = zones.find(origin, destination) if zones is not None else "world"
    return f"lane:{origin}-{destination}/{service}", f"zone:{zone}/{service}"


def learn_legs(*, now: datetime) -> int:
    """Measure the legs of the parcels of the last 180 days anew; returns how many rows stand.

    Reads at most 200,000 parcels, the newest first, two statements per 500. Groups with fewer than
    30 parcels are left out: a wider group or the stated defaults answer for them.
    """
    heaps: dict[tuple[str, str], _Heap] = defaultdict(_Heap)
    zones = find_network(now.date()).zones
    with scopes_disabled():
        for trips in _chunks(now):
            signals = _signals([trip.key for trip in trips])
            for trip in trips:
                _measure(trip, signals.get(trip.key, []), heaps, zones, now)
    rows = [
        row for (group, leg), heap in sorted(heaps.items()) if (row := _row(group, leg, heap, now))
    ]
    with transaction.atomic():
        LegStatistic.objects.all().delete()
        LegStatistic.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _chunks(now: datetime) -> Iterator[list[_Trip]]:
    seen, before = 0, None
    columns = ("pk", "status", "shipment__service", "shipment__origin_country")
    more = ("shipment__ship_to_country", "shipment__tendered_at")
    while seen < _MAX_PARCELS:
        parcels = Parcel.objects.exclude(status__in=(ParcelStatus.LABELLED, ParcelStatus.VOID))
        if before is not None:
            parcels = parcels.filter(pk__lt=before)
        rows = list(parcels.order_by("-pk").values_list(*columns, *more)[:_CHUNK])
        if not rows:
            return
        seen, before = seen + len(rows), rows[-1][0]
        yield [
            _Trip(key, service, origin, destination, moment, status != ParcelStatus.TENDERED)
            for key, status, service, origin, destination, moment in rows
            if moment is not None and moment >= now - LOOK_BACK
        ]
        if rows[-1][5] is not None and rows[-1][5] < now - LOOK_BACK:
            return


def _signals(keys: Sequence[int]) -> dict[int, list[Signal]]:
    found: dict[int, list[Signal]] = defaultdict(list)
    rows = TrackingEvent.objects.filter(parcel_id__in=keys)
    for key, status, moment in rows.values_list("parcel_id", "status", "occurred_at"):
        found[key].append(Signal(status, moment))
    return found


def _measure(
    trip: _Trip,
    signals: Sequence[Signal],
    heaps: dict[tuple[str, str], _Heap],
    zones: Zones | None,
    now: datetime,
) -> None:
    route = route_legs(trip.origin, trip.destination)
    stretches = split_legs(signals, route, trip.tendered_at)
    last = max((signal.occurred_at for signal in signals), default=trip.tendered_at)
    until = last if trip.is_over else now
    legs = measure_legs(stretches, until)
    gaps = measure_gaps(signals, stretches, until, is_over=trip.is_over)
    for group in group_names(zones, trip.service, trip.origin, trip.destination):
        for leg, span in legs:
            heap = heaps[group, leg]
            if len(heap.legs) < MAX_SAMPLES:
                heap.legs.append(span)
        for leg, span in gaps:
            heap = heaps[group, leg]
            if len(heap.gaps) < MAX_SAMPLES:
                heap.gaps.append(span)


def _row(group: str, leg: str, heap: _Heap, now: datetime) -> LegStatistic | None:
    lengths = find_quantiles(heap.legs, eta.SHARES)
    [silence] = find_quantiles(heap.gaps, [_SILENCE_SHARE])
    whole = sum(span.is_whole for span in heap.legs)
    is_thin = min(whole, len(heap.gaps)) < MIN_SAMPLES
    if is_thin or silence is None or any(item is None for item in lengths):
        return None
    return LegStatistic(
        group=group,
        leg=leg,
        samples=len(heap.legs),
        cut_off=len(heap.legs) - whole,
        lengths=lengths,
        gap_samples=len(heap.gaps),
        silence_s=silence,
        version=eta.VERSION,
        learned_at=now,
    )


@dataclass(frozen=True, slots=True)
class Learned:
    """What past parcels taught: times by group and leg, and the zones that name the groups."""

    zones: Zones | None
    times: Mapping[str, Mapping[str, eta.LegTimes]]


def read_learned(on: date) -> Learned:
    """Return what was learned, with the zones of a day; two statements."""
    found: dict[str, dict[str, eta.LegTimes]] = defaultdict(dict)
    for row in LegStatistic.objects.all():
        source = row.group.partition(":")[0]
        found[row.group][row.leg] = eta.LegTimes(
            tuple(row.lengths), row.silence_s, source, row.samples
        )
    return Learned(find_network(on).zones, dict(found))
