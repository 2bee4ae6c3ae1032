"""Bringing orders, shipments and parcels in line with what the carriers' events add up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.common.bulk import update_rows
from apps.common.errors import DomainError
from apps.fulfillment import events
from apps.fulfillment.case_rules import Signal
from apps.fulfillment.models import Parcel, Shipment, ShipmentLine, TrackingEvent
from apps.fulfillment.rules import ParcelState, Scan, fold, parcel_status, shipment_status
from apps.fulfillment.services.cases import reconcile_cases
from apps.fulfillment.states import ParcelStatus, ShipmentStatus
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.states import OrderStatus

NOT_LEFT = frozenset({ShipmentStatus.QUOTED, ShipmentStatus.BOOKED})


@dataclass(slots=True)
class Dispatch:
    """A locked order with its locked shipments that are not void, and their parcels."""

    order: Order
    shipments: list[Shipment]
    parcels: dict[int, list[Parcel]]


def lock_dispatches(order_ids: Collection[int]) -> list[Dispatch]:
    """Lock orders and their shipments in one order of keys; must run in a transaction.

    Orders before shipments, everywhere: a hand-over and a carrier's event about one order can then
    never wait for each other in a circle. The shipments' lock covers their parcels.
    """
    locked = Order.objects.filter(pk__in=order_ids).order_by("pk").select_for_update()
    found = {order.pk: Dispatch(order, [], {}) for order in locked}
    alive = Shipment.objects.filter(order_id__in=order_ids).exclude(status=ShipmentStatus.VOIDED)
    for shipment in alive.order_by("pk").select_for_update():
        found[shipment.order_id].shipments.append(shipment)
        found[shipment.order_id].parcels[shipment.pk] = []
    wanted = [shipment.pk for item in found.values() for shipment in item.shipments]
    owner = {shipment.pk: item for item in found.values() for shipment in item.shipments}
    for parcel in Parcel.objects.filter(shipment_id__in=wanted).order_by("shipment_id", "position"):
        owner[parcel.shipment_id].parcels[parcel.shipment_id].append(parcel)
    return list(found.values())


def tender(
    dispatch: Dispatch, shipment: Shipment, *, tendered_at: datetime, actor: Actor, now: datetime
) -> None:
    """Hand over a booked shipment (in memory, ``save_dispatches`` writes it) and ship its lines.

    Exactly the units in it leave the stock. The order is shipped with its last line; from the first
    one on it cannot be cancelled any more. Raises the error of ``orders.ship_lines`` for an order
    that is held or may not ship; then nothing has changed.
    """
    if dispatch.order.status not in {
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.COMPLETED,
    }:
        leaving = _positions(dispatch, shipment)
        dispatch.order = orders.ship_lines(dispatch.order, leaving, actor=actor, now=now)
    shipment.status = ShipmentStatus.TENDERED
    shipment.tendered_at = min(tendered_at, now)
    for parcel in dispatch.parcels[shipment.pk]:
        parcel.status = ParcelStatus.TENDERED
    fact = journal.Fact(
        events.SHIPMENT_TENDERED,
        "shipment",
        shipment.public_id,
        {
            "order": dispatch.order.public_id,
            "number": dispatch.order.number,
            "tendered_at": shipment.tendered_at.isoformat(),
            "parcels": len(dispatch.parcels[shipment.pk]),
        },
    )
    journal.record_many([fact], tenant_id=shipment.merchant_id, actor=actor, now=now)


def _positions(dispatch: Dispatch, shipment: Shipment) -> Collection[int] | None:
    """Return the positions of the order's lines that are in a shipment; None for all there are."""
    contents = ShipmentLine.objects.filter(shipment=shipment)
    found = set(contents.values_list("order_line__position", flat=True))
    return None if len(found) == dispatch.order.line_count else found


def settle(dispatches: Sequence[Dispatch], *, actor: Actor, now: datetime) -> dict[int, str]:
    """Fold the events of all parcels, write what changed, deliver, and open or end their cases.

    A scan of a shipment that nobody handed over implies the hand-over at the time of the scan.
    Returns parcel key → code of the error for parcels whose hand-over the order refuses (it is
    held); their events are kept and count as soon as it is allowed.
    """
    signals = read_signals(dispatches)
    states = {
        key: fold(Scan(item.status, item.occurred_at) for item in heard)
        for key, heard in signals.items()
    }
    refused: dict[int, str] = {}
    for dispatch in dispatches:
        for shipment in dispatch.shipments:
            parcels = dispatch.parcels[shipment.pk]
            folded = [states[parcel.pk] for parcel in parcels]
            for parcel, state in zip(parcels, folded, strict=True):
                parcel.tracking_status = state.status
                parcel.delivered_at = state.delivered_at
                parcel.last_event_at = state.last_event_at
            error = _imply_hand_over(dispatch, shipment, folded, actor=actor, now=now)
            if error:
                refused |= {parcel.pk: error for parcel in parcels}
            if shipment.status not in NOT_LEFT:
                _apply(shipment, parcels, folded, actor=actor, now=now)
    save_dispatches(dispatches)
    _update_cases(dispatches, signals, actor=actor, now=now)
    for dispatch in dispatches:
        _deliver(dispatch, actor=actor, now=now)
    return refused


def save_dispatches(dispatches: Sequence[Dispatch]) -> None:
    """Write the shipments and parcels back, one statement each."""
    shipments = [shipment for item in dispatches for shipment in item.shipments]
    parcels = [parcel for item in dispatches for group in item.parcels.values() for parcel in group]
    update_rows(Shipment, ["status", "tendered_at", "delivered_at"], shipments)
    columns = ["status", "tracking_status", "delivered_at", "last_event_at", "watch_at"]
    update_rows(Parcel, columns, parcels)


def read_signals(dispatches: Sequence[Dispatch]) -> dict[int, list[Signal]]:
    """Return the carriers' events of all parcels by parcel key, in no order; one statement."""
    keys = [p.pk for item in dispatches for group in item.parcels.values() for p in group]
    signals: dict[int, list[Signal]] = {key: [] for key in keys}
    rows = TrackingEvent.objects.filter(parcel_id__in=keys)
    columns = ("parcel_id", "status", "occurred_at", "reason")
    for parcel_id, status, occurred_at, reason in rows.values_list(*columns):
        signals[parcel_id].append(Signal(status, occurred_at, reason))
    return signals


def _update_cases(
    dispatches: Sequence[Dispatch],
    signals: Mapping[int, Sequence[Signal]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Open and end the cases of parcels that have left."""
    places: dict[int, tuple[Shipment, Parcel]] = {}
    for item in dispatches:
        for shipment in item.shipments:
            if shipment.status != ShipmentStatus.BOOKED:
                shipment.order = item.order
                places |= {p.pk: (shipment, p) for p in item.parcels[shipment.pk]}
    reconcile_cases(places, signals, actor=actor, now=now)


def _imply_hand_over(
    dispatch: Dispatch,
    shipment: Shipment,
    folded: Sequence[ParcelState],
    *,
    actor: Actor,
    now: datetime,
) -> str:
    scans = [state.first_scan_at for state in folded if state.first_scan_at is not None]
    if shipment.status != ShipmentStatus.BOOKED or not scans:
        return ""
    try:
        tender(dispatch, shipment, tendered_at=min(scans), actor=actor, now=now)
    except DomainError as error:
        return error.code
    return ""


def _apply(
    shipment: Shipment,
    parcels: Sequence[Parcel],
    folded: Sequence[ParcelState],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    for parcel, state in zip(parcels, folded, strict=True):
        parcel.status = parcel_status(state)
        parcel.watch_at = now if parcel.status == ParcelStatus.TENDERED else None
    shipment.status = shipment_status(folded)
    was_delivered = shipment.delivered_at is not None
    moments = [state.delivered_at for state in folded if state.delivered_at is not None]
    shipment.delivered_at = max(moments) if len(moments) == len(folded) else None
    if shipment.delivered_at is None or was_delivered:
        return
    fact = journal.Fact(
        events.SHIPMENT_DELIVERED,
        "shipment",
        shipment.public_id,
        {"delivered_at": shipment.delivered_at.isoformat(), "parcels": len(parcels)},
    )
    journal.record_many([fact], tenant_id=shipment.merchant_id, actor=actor, now=now)


def _deliver(dispatch: Dispatch, *, actor: Actor, now: datetime) -> None:
    moments = [shipment.delivered_at for shipment in dispatch.shipments]
    known = [moment for moment in moments if moment is not None]
    if dispatch.order.status != OrderStatus.SHIPPED or not known or len(known) < len(moments):
        return
    dispatch.order = orders.deliver_order(
        dispatch.order, delivered_at=max(known), actor=actor, now=now
    )
