"""Watching parcels under way: when they arrive, and when their carrier has been silent too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scope, scopes_disabled

from apps.common.bulk import update_rows
from apps.common.db import retry_transaction
from apps.fulfillment import eta
from apps.fulfillment.case_rules import Signal
from apps.fulfillment.legs import Stretch, route_legs, split_legs
from apps.fulfillment.models import ExceptionCase, Parcel, Shipment
from apps.fulfillment.rules import RETURNING
from apps.fulfillment.services.cases import Opening, open_cases
from apps.fulfillment.services.learning import Learned, group_names, read_learned
from apps.fulfillment.services.settling import Dispatch, lock_dispatches, read_signals
from apps.fulfillment.states import CaseKind, ParcelStatus
from apps.journal import services as journal
from apps.journal.actors import Actor

_ORDERS_AT_ONCE = 50
# A parcel that waits for its buyer is not silent: pick-up points keep parcels for about a week.
_PICKUP_WAIT = timedelta(days=8)
_LOOK_AGAIN = timedelta(days=1)
_COLUMNS = [
    *("eta_p50_at", "eta_p90_at", "eta_at", "eta_basis", "promised_p90_at", "watch_at"),
]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a parcel under way: its leg, its last sign of life, when it arrives."""

    stretch: Stretch
    heard_at: datetime
    silent_from: datetime
    p50_at: datetime
    p90_at: datetime
    basis: dict[str, journal.Json]


def look_ahead(
    shipment: Shipment, parcel: Parcel, signals: Sequence[Signal], learned: Learned, now: datetime
) -> Outlook:
    """Return a parcel's outlook from its events and what was learned of its lane and zone."""
    began = shipment.tendered_at or now
    route = route_legs(shipment.origin_country, shipment.ship_to_country)
    stretch = split_legs(signals, route, began)[-1]
    lane, zone = group_names(
        learned.zones, shipment.service, shipment.origin_country, shipment.ship_to_country
    )
    times = learned.times
    legs = route[route.index(stretch.leg) :]
    chosen = {leg: eta.choose_times(leg, times.get(lane, {}), times.get(zone, {})) for leg in legs}
    waited = int((now - stretch.began).total_seconds())
    found = eta.estimate(chosen[legs[0]], waited, [chosen[leg] for leg in legs[1:]])
    heard = max([began, *(item.occurred_at for item in signals)])
    silence = timedelta(seconds=chosen[legs[0]].silence_s)
    if parcel.tracking_status == "ready_for_pickup":
        silence = max(silence, _PICKUP_WAIT)
    basis: dict[str, journal.Json] = {
        "rules": eta.VERSION,
        "leg": stretch.leg,
        "legs": {
            leg: {"from": item.source, "parcels": item.samples} for leg, item in chosen.items()
        },
        "silence_s": int(silence.total_seconds()),
        "silence_from": chosen[legs[0]].source,
    }
    return Outlook(
        stretch,
        heard,
        heard + silence,
        now + timedelta(seconds=found.p50_s),
        now + timedelta(seconds=found.p90_s),
        basis,
    )


def watch_parcels(*, actor: Actor, now: datetime, limit: int = 2_000) -> int:
    """Look at the parcels that are due: estimate their arrival and open cases of silence.

    Parcels are due after every event and when their silence would begin; at most ``limit`` at once.
    Returns how many were looked at. Eleven statements per 50 orders.
    """
    with scopes_disabled():
        due = Parcel.objects.filter(watch_at__lte=now).order_by("watch_at")
        rows = list(due.values_list("merchant_id", "shipment__order_id")[:limit])
    orders: dict[int, set[int]] = defaultdict(set)
    for merchant_id, order_id in rows:
        orders[merchant_id].add(order_id)
    if not orders:
        return 0
    learned = read_learned(now.date())
    for merchant_id, found in sorted(orders.items()):
        keys = sorted(found)
        with scope(merchant=merchant_id):
            for start in range(0, len(keys), _ORDERS_AT_ONCE):
                _watch(keys[start : start + _ORDERS_AT_ONCE], learned, actor=actor, now=now)
    return len(rows)


@retry_transaction
def _watch(order_ids: Sequence[int], learned: Learned, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        dispatches = lock_dispatches(order_ids)
        signals = read_signals(dispatches)
        due = [
            (shipment, parcel)
            for item in dispatches
            for shipment in _with_order(item)
            for parcel in item.parcels[shipment.pk]
            if parcel.watch_at is not None and parcel.watch_at <= now
        ]
        busy = set(
            ExceptionCase.objects.filter(
                parcel_id__in=[parcel.pk for _shipment, parcel in due], open_key__isnull=False
            ).values_list("parcel_id", flat=True)
        )
        openings = [
            opening
            for shipment, parcel in due
            if (opening := _look_at(shipment, parcel, signals[parcel.pk], learned, busy, now))
        ]
        update_rows(Parcel, _COLUMNS, [parcel for _shipment, parcel in due])
        if openings:
            open_cases(openings, actor=actor, now=now)


def _with_order(dispatch: Dispatch) -> list[Shipment]:
    for shipment in dispatch.shipments:
        shipment.order = dispatch.order
    return dispatch.shipments


def _look_at(
    shipment: Shipment,
    parcel: Parcel,
    signals: Sequence[Signal],
    learned: Learned,
    busy: set[int],
    now: datetime,
) -> Opening | None:
    """Write a parcel's outlook on it (in memory); return the case of silence to open, if any."""
    if parcel.status != ParcelStatus.TENDERED:
        parcel.watch_at = None
        return None
    seen = look_ahead(shipment, parcel, signals, learned, now)
    parcel.eta_at, parcel.eta_basis = now, seen.basis
    if parcel.tracking_status == RETURNING:  # it does not come to the buyer any more
        parcel.eta_p50_at = parcel.eta_p90_at = None
    else:
        parcel.eta_p50_at, parcel.eta_p90_at = seen.p50_at, seen.p90_at
        parcel.promised_p90_at = parcel.promised_p90_at or seen.p90_at
    is_silent = now >= seen.silent_from
    parcel.watch_at = now + _LOOK_AGAIN if is_silent else min(seen.silent_from, now + _LOOK_AGAIN)
    if not is_silent or parcel.pk in busy:
        return None
    reasons: dict[str, journal.Json] = {**seen.basis, "heard_at": seen.heard_at.isoformat()}
    silence = ExceptionCase.Origin.SILENCE
    return Opening(parcel, shipment, CaseKind.SILENCE, seen.heard_at, silence, reasons)
