"""Steps in the life of an order; each locks it, checks the table, changes it and records it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import Disposition, StockPosting
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import Order
from apps.orders.services.locking import change_status, lock_order, wrong_state
from apps.orders.services.writing import AUTO_CANCEL, reserve_reference
from apps.orders.states import CANCELLABLE, OrderStatus, may_follow

COMPLETE = "orders.complete"


@retry_transaction
def confirm_order(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Confirm an order whose checks are done; refused while a hold is open."""
    with transaction.atomic():
        locked = lock_order(order)
        if locked.open_hold_count:
            raise DomainError("orders.on_hold", _("The order is on hold. Release its holds first."))
        change_status(
            locked,
            OrderStatus.CONFIRMED,
            at="confirmed_at",
            event=events.ORDER_CONFIRMED,
            actor=actor,
            now=now,
        )
    return locked


@retry_transaction
def allocate_order(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Mark a confirmed order as ready to ship: its shipment and label exist."""
    with transaction.atomic():
        locked = lock_order(order)
        change_status(
            locked,
            OrderStatus.ALLOCATED,
            at="allocated_at",
            event=events.ORDER_ALLOCATED,
            actor=actor,
            now=now,
        )
    return locked


@retry_transaction
def ship_order(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Mark an order as handed over; its reserved units leave the stock."""
    with transaction.atomic():
        locked = lock_order(order)
        if locked.open_hold_count:
            raise DomainError("orders.on_hold", _("The order is on hold. Release its holds first."))
        _require(locked, OrderStatus.SHIPPED)
        _move_reserved(locked, target="", reason="shipped", now=now)
        change_status(
            locked,
            OrderStatus.SHIPPED,
            at="shipped_at",
            event=events.ORDER_SHIPPED,
            actor=actor,
            now=now,
        )
        close_deadline(AUTO_CANCEL, locked.public_id, outcome="shipped", now=now)
    return locked


@retry_transaction
def deliver_order(order: Order, *, delivered_at: datetime, actor: Actor, now: datetime) -> Order:
    """Mark a shipped order as delivered at ``delivered_at`` and start its return window."""
    with transaction.atomic():
        locked = lock_order(order)
        change_status(
            locked,
            OrderStatus.DELIVERED,
            at="delivered_at",
            event=events.ORDER_DELIVERED,
            actor=actor,
            now=now,
            moment=delivered_at,
            payload={"delivered_at": delivered_at.isoformat()},
        )
        window = timedelta(days=locked.market.return_window_days)
        ends = NewDeadline(COMPLETE, locked.public_id, delivered_at + window)
        set_deadlines(locked.merchant_id, [ends])
    return locked


@retry_transaction
def complete_order(order: Order, *, actor: Actor, now: datetime) -> Order:
    """End a delivered order whose return window has passed."""
    with transaction.atomic():
        locked = lock_order(order)
        change_status(
            locked,
            OrderStatus.COMPLETED,
            at="completed_at",
            event=events.ORDER_COMPLETED,
            actor=actor,
            now=now,
        )
        close_deadline(COMPLETE, locked.public_id, outcome="completed", now=now)
    return locked


@retry_transaction
def cancel_order(order: Order, *, reason: str, actor: Actor, now: datetime) -> Order:
    """Cancel an order that has not left; its reserved units become available again, once."""
    with transaction.atomic():
        locked = lock_order(order)
        if locked.status not in CANCELLABLE:
            raise wrong_state(locked)
        _move_reserved(locked, target=Disposition.AVAILABLE, reason="cancelled", now=now)
        locked.cancel_reason = reason[:200]
        change_status(
            locked,
            OrderStatus.CANCELLED,
            at="cancelled_at",
            event=events.ORDER_CANCELLED,
            actor=actor,
            now=now,
            payload={"reason": reason[:200]},
        )
        close_deadline(AUTO_CANCEL, locked.public_id, outcome="cancelled", now=now)
    return locked


def _require(order: Order, following: OrderStatus) -> None:
    if not may_follow(order.status, following):
        raise wrong_state(order)


def _move_reserved(order: Order, *, target: str, reason: str, now: datetime) -> None:
    positions = order.lines.order_by("position").values_list("position", flat=True)
    wanted = {reserve_reference(order.public_id, position): position for position in positions}
    reserved = StockPosting.objects.filter(reference__in=list(wanted))
    movements: Sequence[inventory.Movement] = [
        inventory.Movement(
            balance_id, quantity, f"{reason}:{order.public_id}:{wanted[reference]}", is_hot
        )
        for reference, balance_id, quantity, is_hot in reserved.values_list(
            "reference", "balance_id", "quantity", "balance__is_hot"
        )
    ]
    inventory.move(
        movements,
        merchant_id=order.merchant_id,
        source=Disposition.RESERVED,
        target=target,
        reason=reason,
        now=now,
    )
