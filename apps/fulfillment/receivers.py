"""What fulfilment does when an order is confirmed, cancelled, or gets more time."""

from __future__ import annotations

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Shipment
from apps.fulfillment.states import ShipmentStatus
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.orders import events
from apps.orders.models import Order
from apps.orders.states import OrderStatus

_ACTOR = system_actor("fulfillment")


@receiver(events.ORDER_CONFIRMED, name="fulfillment.route", queue="route")
def route(entry: JournalEntry) -> None:
    """Make the shipments of a confirmed order, unless it was cancelled meanwhile."""
    order = Order.objects.get(public_id=entry.subject_id)
    if order.status == OrderStatus.CONFIRMED:
        fulfillment.create_shipments(order, actor=_ACTOR, now=utc_now())


@receiver(events.CLOCK_RESUMED, name="fulfillment.move_clock", queue="route")
def move_clock(entry: JournalEntry) -> None:
    """Give shipments that have not left the ship-by date their order has now."""
    order = Order.objects.get(public_id=entry.subject_id)
    booked = Shipment.objects.filter(order=order, status=ShipmentStatus.BOOKED)
    booked.update(ship_by_at=order.ship_by_at)


@receiver(events.ORDER_CANCELLED, name="fulfillment.void", queue="route")
def void(entry: JournalEntry) -> None:
    """Void the shipments of a cancelled order; none of them can have left."""
    shipments = Shipment.objects.filter(
        order__public_id=entry.subject_id, status=ShipmentStatus.BOOKED
    )
    for shipment in shipments.order_by("pk"):
        fulfillment.void_shipment(shipment, reason="Order cancelled", actor=_ACTOR, now=utc_now())
