"""What fulfilment does when an order is confirmed, cancelled, or gets more time or a new way."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from apps.carriers import events as carrier_events
from apps.carriers.models import Booking
from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Shipment
from apps.fulfillment.routing.deciding import NO_ROUTE_HOLD, NoRouteError
from apps.fulfillment.services.settling import NOT_LEFT
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.logistics import events as network_events
from apps.orders import events
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.states import OrderStatus

_ACTOR = system_actor("fulfillment")
_RELEASED_AT_ONCE = 1000


@receiver(events.ORDER_CONFIRMED, name="fulfillment.route", queue="route")
def route(entry: JournalEntry) -> None:
    """Make the shipments of a confirmed order, unless it was cancelled meanwhile."""
    order = Order.objects.get(public_id=entry.subject_id)
    if order.status == OrderStatus.CONFIRMED:
        _route(order)


@receiver(events.HOLD_RELEASED, name="fulfillment.route_again", queue="route")
def route_again(entry: JournalEntry) -> None:
    """Look for a way once more after somebody released the hold of an order that had none."""
    if entry.payload.get("kind") != NO_ROUTE_HOLD:
        return
    order = Order.objects.get(public_id=entry.subject_id)
    if order.status == OrderStatus.CONFIRMED:
        _route(order)


@receiver(
    network_events.ROW_APPROVED,
    network_events.NETWORK_LOADED,
    name="fulfillment.network_changed",
    queue="route",
)
def network_changed(entry: JournalEntry) -> None:
    """Release the holds of orders without a way when the network changed, so that each is tried again."""
    with scopes_disabled():
        waiting = OrderHold.objects.filter(open_kind=NO_ROUTE_HOLD).order_by("pk")
        holds = list(waiting.select_related("order")[:_RELEASED_AT_ONCE])
    for hold in holds:
        with scope(merchant=hold.merchant_id):
            orders.release_hold(hold, note="The network changed", actor=_ACTOR, now=utc_now())


def _route(order: Order) -> None:
    """Make the shipments, or hold the order with the reasons when no way is open."""
    now = utc_now()
    try:
        fulfillment.create_shipments(order, actor=_ACTOR, now=now)
    except NoRouteError as error:
        orders.place_hold(
            order,
            kind=NO_ROUTE_HOLD,
            reason=error.message,
            details=error.details,
            fix=_("Correct what is named, or ask the operator for a way. Then release the hold."),
            actor=_ACTOR,
            now=now,
        )


@receiver(events.CLOCK_RESUMED, name="fulfillment.move_clock", queue="route")
def move_clock(entry: JournalEntry) -> None:
    """Give shipments that have not left the ship-by date their order has now."""
    order = Order.objects.get(public_id=entry.subject_id)
    booked = Shipment.objects.filter(order=order, status__in=NOT_LEFT)
    booked.update(ship_by_at=order.ship_by_at)


@receiver(events.ORDER_CANCELLED, name="fulfillment.void", queue="route")
def void(entry: JournalEntry) -> None:
    """Void the shipments of a cancelled order; none of them can have left."""
    shipments = Shipment.objects.filter(order__public_id=entry.subject_id, status__in=NOT_LEFT)
    for shipment in shipments.order_by("pk"):
        fulfillment.void_shipment(shipment, reason="Order cancelled", actor=_ACTOR, now=utc_now())


@receiver(carrier_events.BOOKING_BOOKED, name="fulfillment.adopt_booking", queue="labels")
def adopt_booking(entry: JournalEntry) -> None:
    """Give a shipment the numbers that its carrier gave."""
    booking = Booking.objects.get(public_id=entry.subject_id)
    if booking.kind == fulfillment.BOOKING_KIND:
        fulfillment.adopt_booking(booking, actor=_ACTOR, now=utc_now())


@receiver(events.BUYER_ERASED, name="fulfillment.forget_labels", queue="labels")
def forget_labels(entry: JournalEntry) -> None:
    """Erase the carriers' labels that show the address of an erased buyer."""
    fulfillment.forget_erased_labels(entry.tenant_id)
