"""Locking one order for a change, and moving it along its life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders.models import Order
from apps.orders.states import OrderStatus, may_follow

_REASONS = ("cancel_reason", "cancel_code", "cancelled_by", "merged_into")


def lock_order(order: Order) -> Order:
    """Return the order's row locked for this transaction, as it is now."""
    locked: Order = Order.objects.select_for_update().get(pk=order.pk)
    return locked


def change_status(
    order: Order,
    following: OrderStatus,
    *,
    at: str,
    event: str,
    actor: Actor,
    now: datetime,
    moment: datetime | None = None,
    payload: dict[str, journal.Json] | None = None,
) -> None:
    """Move a locked order to ``following``, stamp column ``at`` and record the event.

    ``moment`` is when it happened in the world, if that differs from ``now``. Raises
    ``orders.wrong_state`` (409) when the life cycle does not allow it.
    """
    if not may_follow(order.status, following):
        raise wrong_state(order)
    order.status = following
    setattr(order, at, moment or now)
    order.save(update_fields=["status", at, "updated_at", *_REASONS])
    record_fact(order, event, payload or {}, actor=actor, now=now)


def record_fact(
    order: Order,
    event: str,
    payload: Mapping[str, journal.Json],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a fact about an order, with its number; the merchant's row is not needed for it."""
    fact = journal.Fact(event, "order", order.public_id, {"number": order.number, **payload})
    journal.record_many([fact], tenant_id=order.merchant_id, actor=actor, now=now)


def wrong_state(order: Order) -> DomainError:
    """Return the error for a step that the order's state does not allow."""
    return DomainError(
        "orders.wrong_state",
        _("Order %(number)s is “%(status)s”, so this is not possible now.")
        % {"number": order.number, "status": OrderStatus(order.status).label},
    )
