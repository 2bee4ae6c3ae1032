"""Steps in the life of an order; each locks it, checks the table, changes it and records it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import Disposition, StockPosting
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import CancelRequest, Order, OrderLine
from apps.orders.services.locking import change_status, lock_order, record_fact, wrong_state
from apps.orders.services.pausing import drop_pause
from apps.orders.services.writing import AUTO_CANCEL, reserve_reference
from apps.orders.states import (
    CANCELLABLE,
    CancelCode,
    OrderStatus,
    Party,
    RequestStatus,
    may_follow,
)
from apps.promotions.returning import give_back

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


def ship_order(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Mark an order as handed over; the reserved units that are still here leave the stock."""
    return ship_lines(order, None, actor=actor, now=now)


@retry_transaction
def ship_lines(
    order: Order, positions: Collection[int] | None, *, actor: Actor, now: datetime
) -> Order:
    """Hand over the lines at ``positions`` (all when None); their reserved units leave the stock.

    The order is shipped when its last line has left; until then the lines say what has. Lines that
    left already are passed over. Raises ``orders.on_hold`` and ``orders.wrong_state`` (409).
    """
    with transaction.atomic():
        locked = lock_order(order)
        if locked.open_hold_count:
            raise DomainError("orders.on_hold", _("The order is on hold. Release its holds first."))
        _require(locked, OrderStatus.SHIPPED)
        left = _lines_left(locked)
        leaving = {key: left[key] for key in left if positions is None or key in positions}
        _move_reserved(locked, leaving, target="", reason="shipped", now=now)
        if len(leaving) < len(left):
            _note_part(locked, leaving, actor=actor, now=now)
            return locked
        end_requests(locked, actor=actor, now=now)
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


def _note_part(order: Order, leaving: Mapping[int, int], *, actor: Actor, now: datetime) -> None:
    if not leaving:
        return
    OrderLine.objects.filter(order=order, position__in=list(leaving)).update(shipped_at=now)
    end_requests(order, actor=actor, now=now)
    payload: dict[str, journal.Json] = {"lines": [*leaving]}
    record_fact(order, events.PART_SHIPPED, payload, actor=actor, now=now)


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
def cancel_order(
    order: Order,
    *,
    reason: str,
    code: str = CancelCode.OTHER,
    party: str = Party.MERCHANT,
    actor: Actor,
    now: datetime,
) -> Order:
    """Cancel an order of which nothing has left; units and what promotions gave come back, once.

    ``code`` and ``party`` are the coded reason and who wanted it. Raises ``orders.wrong_state`` and
    ``orders.partly_shipped`` (409).
    """
    with transaction.atomic():
        locked = lock_order(order)
        if locked.status not in CANCELLABLE:
            raise wrong_state(locked)
        left = _lines_left(locked)
        if len(left) < locked.line_count:
            raise partly_shipped(locked)
        _move_reserved(locked, left, target=Disposition.AVAILABLE, reason="cancelled", now=now)
        give_back(locked.public_id, merchant_id=locked.merchant_id, now=now)
        end_requests(locked, actor=actor, now=now)
        locked.cancel_reason = reason[:200]
        locked.cancel_code, locked.cancelled_by = code, party
        change_status(
            locked,
            OrderStatus.CANCELLED,
            at="cancelled_at",
            event=events.ORDER_CANCELLED,
            actor=actor,
            now=now,
            payload={"reason": reason[:200], "code": str(code), "party": str(party)},
        )
        close_deadline(AUTO_CANCEL, locked.public_id, outcome="cancelled", now=now)
        if locked.open_hold_count:
            drop_pause(locked, now=now)
    return locked


def has_left_partly(order: Order) -> bool:
    """Say whether some lines of an order that is not shipped have left."""
    return bool(OrderLine.objects.filter(order=order, shipped_at__isnull=False).exists())


def partly_shipped(order: Order) -> DomainError:
    """Return the error for what is impossible once a part of an order has left."""
    return DomainError(
        "orders.partly_shipped",
        _("A part of order %(number)s has left already, so it cannot be cancelled.")
        % {"number": order.number},
    )


def _require(order: Order, following: OrderStatus) -> None:
    if not may_follow(order.status, following):
        raise wrong_state(order)


def end_requests(order: Order, *, actor: Actor, now: datetime) -> None:
    """Close the open request to cancel, if there is one: what happened has answered it."""
    CancelRequest.objects.filter(open_order=order.public_id).update(
        status=RequestStatus.MOOT, open_order=None, answered_at=now, answered_by=str(actor)
    )


def _lines_left(order: Order) -> dict[int, int]:
    """Return position → number of the reservation of the lines that have not left."""
    lines = OrderLine.objects.filter(order=order, shipped_at=None).order_by("position")
    return {line.position: line.reserved_as for line in lines.only("position", "slot")}


def _move_reserved(
    order: Order, lines: Mapping[int, int], *, target: str, reason: str, now: datetime
) -> None:
    wanted = {
        reserve_reference(order.public_id, number): position for position, number in lines.items()
    }
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
