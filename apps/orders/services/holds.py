"""Holds: rows that say why an order may not ship, and what ends that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.clocks import PAUSING
from apps.orders.models import Order, OrderHold
from apps.orders.services.locking import lock_order, record_fact, wrong_state
from apps.orders.services.pausing import pause_clock, resume_clock
from apps.orders.states import OrderStatus

HOLDABLE = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED})


@retry_transaction
def place_hold(
    order: Order,
    *,
    kind: str,
    reason: str,
    fix: str = "",
    details: dict[str, journal.Json] | None = None,
    actor: Actor,
    now: datetime,
) -> OrderHold:
    """Hold an order that has not shipped; a second hold of an open kind returns the first."""
    with transaction.atomic():
        locked = lock_order(order)
        if locked.status not in HOLDABLE:
            raise wrong_state(locked)
        known: OrderHold | None = OrderHold.objects.filter(order=locked, open_kind=kind).first()
        if known is not None:
            return known
        hold: OrderHold = OrderHold.objects.create(
            merchant_id=locked.merchant_id,
            order=locked,
            kind=kind,
            open_kind=kind,
            reason=reason[:300],
            fix=fix[:300],
            details=details or {},
            placed_by=str(actor),
            placed_at=now,
        )
        locked.open_hold_count += 1
        locked.save(update_fields=["open_hold_count", "updated_at"])
        if kind in PAUSING:
            pause_clock(locked, kind, hold.public_id, actor=actor, now=now)
        _record(events.HOLD_PLACED, locked, hold, actor=actor, now=now)
    return hold


@retry_transaction
def release_hold(hold: OrderHold, *, note: str = "", actor: Actor, now: datetime) -> OrderHold:
    """Release an open hold; a hold that is released already raises ``orders.hold_released`` (409)."""
    with transaction.atomic():
        locked = lock_order(hold.order)
        current: OrderHold = OrderHold.objects.select_for_update().get(pk=hold.pk)
        if current.open_kind is None:
            raise DomainError("orders.hold_released", _("This hold was already released."))
        current.open_kind = None
        current.released_at = now
        current.released_by = str(actor)
        current.release_note = note[:300]
        current.save()
        locked.open_hold_count -= 1
        locked.save(update_fields=["open_hold_count", "updated_at"])
        if current.kind in PAUSING:
            resume_clock(locked, actor=actor, now=now)
        _record(events.HOLD_RELEASED, locked, current, actor=actor, now=now)
    return current


def _record(event: str, order: Order, hold: OrderHold, *, actor: Actor, now: datetime) -> None:
    payload: dict[str, journal.Json] = {
        "hold": hold.public_id,
        "kind": hold.kind,
        "reason": hold.reason,
    }
    record_fact(order, event, payload, actor=actor, now=now)
