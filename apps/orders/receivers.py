"""What orders do when their deadlines come, and when a flash sale is published or ends."""

from __future__ import annotations

from datetime import datetime

from apps.jobs.deadlines import deadline_handler
from apps.jobs.models import Deadline
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.orders.models import Order
from apps.orders.services import flash_sales, lifecycle, writing
from apps.orders.states import CANCELLABLE, OrderStatus
from apps.promotions import events as promotions
from apps.promotions.models import Promotion

_ACTOR = system_actor("deadlines")
_SALES = system_actor("flash-sales")


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


@receiver(promotions.PROMOTION_PUBLISHED, name="orders.heat_flash_sale", queue="intake")
def heat_flash_sale(entry: JournalEntry) -> None:
    """Make the stock of a flash sale ready for many buyers, before it starts."""
    promotion = Promotion.objects.get(public_id=entry.subject_id)
    flash_sales.heat_for_sale(promotion, actor=_SALES, now=entry.occurred_at)


@receiver(promotions.PROMOTION_ENDED, name="orders.cool_flash_sale", queue="intake")
def cool_flash_sale(entry: JournalEntry) -> None:
    """Sell the stock of an ended flash sale at the usual pace again."""
    promotion = Promotion.objects.get(public_id=entry.subject_id)
    flash_sales.cool_after_sale(promotion, actor=_SALES, now=entry.occurred_at)
