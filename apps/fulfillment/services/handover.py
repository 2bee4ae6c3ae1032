"""Handing shipments over to the carrier, and voiding those that never left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.carriers import selectors as carriers
from apps.carriers.services import release
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.fulfillment import events
from apps.fulfillment.models import Parcel, Shipment
from apps.fulfillment.requests import HandOver
from apps.fulfillment.routing.deciding import give_places_back
from apps.fulfillment.services.settling import Dispatch, lock_dispatches, settle, tender
from apps.fulfillment.states import TRANSITIONS, ParcelStatus, ShipmentStatus
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders.models import Order


@retry_transaction
def hand_over(
    shipment: Shipment, *, actor: Actor, now: datetime, tendered_at: datetime | None = None
) -> Shipment:
    """Give a shipment to the carrier and ship its order, in one transaction; once.

    ``tendered_at`` is when it happened, if that was before ``now``. A shipment that left already is
    returned as it is. Raises ``fulfillment.voided`` (409) for a voided one, and the errors of
    ``orders.ship_order`` for an order that is on hold or cancelled.
    """
    with transaction.atomic():
        [dispatch] = lock_dispatches([shipment.order_id])
        found = [item for item in dispatch.shipments if item.pk == shipment.pk]
        if not found:
            raise _voided()
        if found[0].status == ShipmentStatus.QUOTED:
            raise label_pending(dispatch.order.number)
        if found[0].status == ShipmentStatus.BOOKED:
            tender(dispatch, found[0], tendered_at=tendered_at or now, actor=actor, now=now)
            settle([dispatch], actor=actor, now=now)
    return found[0]


def hand_over_orders(
    merchant: Merchant, order_ids: Sequence[str], *, actor: Actor, now: datetime
) -> list[HandOver]:
    """Hand over all shipments of several orders (outward ids); one outcome each, in their order.

    Each order is its own transaction: one that is held or unknown does not keep the others back.
    """
    found = Order.objects.filter(merchant=merchant, public_id__in=order_ids)
    rows = {row[0]: (row[1], row[2]) for row in found.values_list("public_id", "pk", "number")}
    outcomes: list[HandOver] = []
    for order_id in order_ids:
        if order_id not in rows:
            error = DomainError("orders.not_found", _("This order does not exist."), status=404)
            outcomes.append(HandOver(order_id, error=error))
            continue
        key, number = rows[order_id]
        try:
            is_new = _hand_over_order(key, actor=actor, now=now)
            outcomes.append(HandOver(order_id, number, is_new))
        except DomainError as error:
            outcomes.append(HandOver(order_id, number, error=error))
    return outcomes


@retry_transaction
def _hand_over_order(order_key: int, *, actor: Actor, now: datetime) -> bool:
    with transaction.atomic():
        [dispatch] = lock_dispatches([order_key])
        if not dispatch.shipments:
            raise DomainError(
                "fulfillment.no_shipment",
                _("Order %(number)s has no label yet.") % {"number": dispatch.order.number},
            )
        booked = [item for item in dispatch.shipments if item.status == ShipmentStatus.BOOKED]
        if any(item.status == ShipmentStatus.QUOTED for item in dispatch.shipments):
            raise label_pending(dispatch.order.number)
        for shipment in booked:
            tender(dispatch, shipment, tendered_at=now, actor=actor, now=now)
        if booked:
            settle([dispatch], actor=actor, now=now)
    return bool(booked)


@retry_transaction
def void_shipment(shipment: Shipment, *, reason: str, actor: Actor, now: datetime) -> Shipment:
    """Void a shipment that has not left; its numbers are never used again.

    A voided one is returned as it is. Raises ``fulfillment.has_left`` (409) after the hand-over.
    """
    with transaction.atomic():
        dispatches = lock_dispatches([shipment.order_id])
        found = [item for item in dispatches[0].shipments if item.pk == shipment.pk]
        if not found:
            return shipment
        void_locked(found[0], dispatches[0], reason=reason, actor=actor, now=now)
    return found[0]


def void_locked(
    shipment: Shipment, dispatch: Dispatch, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Void a shipment of a locked dispatch, and its booking with a carrier; 409 after the hand-over."""
    if ShipmentStatus.VOIDED not in TRANSITIONS.get(shipment.status, frozenset()):
        raise DomainError("fulfillment.has_left", _("The shipment has left. It cannot be voided."))
    shipment.status = ShipmentStatus.VOIDED
    shipment.voided_at = now
    shipment.void_reason = reason[:200]
    shipment.save(update_fields=["status", "voided_at", "void_reason"])
    Parcel.objects.filter(shipment=shipment).update(status=ParcelStatus.VOID)
    give_places_back(shipment)
    if shipment.booking:
        booking = carriers.get_booking(dispatch.order.merchant, shipment.booking)
        release(booking, actor=actor, now=now)
    facts: dict[str, journal.Json] = {
        "order": dispatch.order.public_id,
        "number": dispatch.order.number,
        "reason": shipment.void_reason,
    }
    fact = journal.Fact(events.SHIPMENT_VOIDED, "shipment", shipment.public_id, facts)
    journal.record_many([fact], tenant_id=shipment.merchant_id, actor=actor, now=now)


def label_pending(number: str) -> DomainError:
    """Return the error for a shipment whose carrier has not answered yet (409)."""
    message = _("Order %(number)s waits for its carrier's label.") % {"number": number}
    return DomainError("fulfillment.label_pending", message)


def _voided() -> DomainError:
    return DomainError("fulfillment.voided", _("The label was voided. Print a new one first."))
