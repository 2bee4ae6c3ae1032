"""The simulated carrier and calendar of sandbox merchants whose time passes at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django_scopes import scopes_disabled

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.simulator import plan_journey
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.states import OrderStatus
from apps.sandbox.models import SandboxTenant

_ACTOR = system_actor("sandbox")
_SCAN_EVERY = timedelta(milliseconds=1)
_EVENTS_AT_ONCE = 1000


def is_instant(tenant_id: int) -> bool:
    """Say whether a merchant lives in instant time."""
    with scopes_disabled():
        return SandboxTenant.objects.filter(
            merchant_id=tenant_id, pace=SandboxTenant.Pace.INSTANT
        ).exists()


@receiver("order.allocated", name="sandbox.hand_over", queue="labels", when=is_instant)
def hand_over(entry: JournalEntry) -> None:
    """Hand the parcels of an instant merchant to the carrier as soon as they have labels."""
    order = Order.objects.select_related("merchant").get(public_id=entry.subject_id)
    if order.status != OrderStatus.ALLOCATED:
        return
    outcomes = fulfillment.hand_over_orders(
        order.merchant, [order.public_id], actor=_ACTOR, now=utc_now()
    )
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error


@receiver("order.shipped", name="sandbox.track", queue="tracking", when=is_instant)
def track(entry: JournalEntry) -> None:
    """Let the carrier deliver: a whole journey of scans in one message."""
    now = utc_now()
    order = Order.objects.select_related("merchant").get(public_id=entry.subject_id)
    numbers = Parcel.objects.filter(shipment__order=order).values_list("tracking_number", flat=True)
    events = [
        event
        for number in numbers.order_by("id")
        for event in compressed_journey(number, order.ship_to_country, now=now)
    ]
    for start in range(0, len(events), _EVENTS_AT_ONCE):
        chunk = events[start : start + _EVENTS_AT_ONCE]
        for outcome in fulfillment.record_tracking(order.merchant, chunk, actor=_ACTOR, now=now):
            if outcome.error is not None:
                raise outcome.error


def compressed_journey(number: str, country: str, *, now: datetime) -> list[TrackingInput]:
    """Return a plausible journey whose weeks pass in milliseconds and end ``now``."""
    events = plan_journey(number, country, now, 0)
    return [
        replace(event, occurred_at=now - _SCAN_EVERY * (len(events) - index))
        for index, event in enumerate(events, 1)
    ]


@receiver("order.delivered", name="sandbox.complete", queue="deadlines", when=is_instant)
def complete(entry: JournalEntry) -> None:
    """Let the return window pass."""
    order = Order.objects.get(public_id=entry.subject_id)
    if order.status == OrderStatus.DELIVERED:
        orders.complete_order(order, actor=_ACTOR, now=utc_now())
