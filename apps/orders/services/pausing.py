"""Pausing the clocks of an order while something keeps it that its merchant did not cause."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.jobs.deadlines import NewDeadline, find_deadline, pause_deadline, resume_deadline
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.clocks import PAUSING, later, worked
from apps.orders.models import DeadlinePause, Order, OrderHold
from apps.orders.services.locking import record_fact
from apps.orders.services.writing import AUTO_CANCEL


def pause_clock(
    order: Order, reason: str, subject: str, *, actor: Actor, now: datetime
) -> DeadlinePause:
    """Stop the ship-by clock of a locked order; a clock that stands already is left as it is."""
    pause, is_new = DeadlinePause.objects.get_or_create(
        open_order=order.public_id,
        defaults={
            "merchant_id": order.merchant_id,
            "order": order,
            "reason": reason,
            "subject": subject,
            "started_at": now,
        },
    )
    if is_new:
        pause_deadline(AUTO_CANCEL, order.public_id, now=now)
        record_fact(order, events.CLOCK_PAUSED, {"reason": reason}, actor=actor, now=now)
    stands: DeadlinePause = pause
    return stands


def resume_clock(order: Order, *, actor: Actor, now: datetime) -> None:
    """Let the clock of a locked order go on when no hold keeps it any more.

    Ship-by, warning and automatic cancellation move by exactly the working time that was paused.
    """
    still = OrderHold.objects.filter(order=order, open_kind__in=PAUSING)
    pause = DeadlinePause.objects.filter(open_order=order.public_id).first()
    if pause is None or still.exists():
        return
    moved = worked(order.merchant, pause.started_at, now)
    _end(pause, moved, now=now)
    before = order.ship_by_at
    order.ship_by_at = later(order.merchant, before, moved)
    order.save(update_fields=["ship_by_at", "updated_at"])
    _move_end(order, moved)
    payload: dict[str, journal.Json] = {
        "reason": pause.reason,
        "moved_s": pause.moved_s,
        "was_ship_by_at": before.isoformat(),
        "ship_by_at": order.ship_by_at.isoformat(),
    }
    record_fact(order, events.CLOCK_RESUMED, payload, actor=actor, now=now)


def _move_end(order: Order, moved: timedelta) -> None:
    due = find_deadline(AUTO_CANCEL, order.public_id)
    if due is None:
        return
    warn = due.warn_at and later(order.merchant, due.warn_at, moved)
    at = later(order.merchant, due.due_at, moved)
    resume_deadline(NewDeadline(AUTO_CANCEL, order.public_id, at, warn))


def _end(pause: DeadlinePause, moved: timedelta, *, now: datetime) -> None:
    pause.open_order = None
    pause.ended_at = max(now, pause.started_at)
    pause.moved_s = int(moved.total_seconds())
    pause.save()


def copy_pause(source: Order, target: Order, *, now: datetime) -> None:
    """Stop the clock of an order that took over the holds of one whose clock stands."""
    pause = DeadlinePause.objects.filter(open_order=source.public_id).first()
    known = DeadlinePause.objects.filter(open_order=target.public_id)
    if pause is None or known.exists():
        return
    DeadlinePause.objects.create(
        merchant_id=target.merchant_id,
        order=target,
        open_order=target.public_id,
        reason=pause.reason,
        subject=pause.subject,
        started_at=pause.started_at,
    )
    pause_deadline(AUTO_CANCEL, target.public_id, now=now)


def drop_pause(order: Order, *, now: datetime) -> None:
    """End the pause of an order that has ended: nothing moves any more."""
    DeadlinePause.objects.filter(open_order=order.public_id).update(open_order=None, ended_at=now)
