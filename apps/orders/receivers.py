"""What orders do when their deadlines come."""

from __future__ import annotations

from datetime import datetime

from apps.jobs.deadlines import deadline_handler
from apps.jobs.models import Deadline
from apps.journal.actors import system_actor
from apps.orders.models import Order
from apps.orders.services import lifecycle, writing
from apps.orders.states import CANCELLABLE, OrderStatus

_ACTOR = system_actor("deadlines")


@deadline_handler(writing.AUTO_CANCEL)
def cancel_unshipped(deadline: Deadline, now: datetime) -> str:
    """Cancel an order that was not shipped long after its ship-by date."""
    order = Order.objects.get(public_id=deadline.subject_id)
    if order.status not in CANCELLABLE:
        return f"order is {order.status}"
    lifecycle.cancel_order(order, reason="Not shipped in time", actor=_ACTOR, now=now)
    return "cancelled"


@deadline_handler(lifecycle.COMPLETE)
def complete_delivered(deadline: Deadline, now: datetime) -> str:
    """End a delivered order when its return window is over."""
    order = Order.objects.get(public_id=deadline.subject_id)
    if order.status != OrderStatus.DELIVERED:
        return f"order is {order.status}"
    lifecycle.complete_order(order, actor=_ACTOR, now=now)
    return "completed"
