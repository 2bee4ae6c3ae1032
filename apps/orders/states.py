"""Life of an order and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderStatus(models.TextChoices):
    """Where an order stands. Holds are rows, not states."""

    PENDING = "pending", _("Being checked")
    CONFIRMED = "confirmed", _("Confirmed")
    ALLOCATED = "allocated", _("To ship")
    SHIPPED = "shipped", _("In transit")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS: dict[str, frozenset[str]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.ALLOCATED, OrderStatus.CANCELLED}),
    OrderStatus.ALLOCATED: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.COMPLETED}),
    OrderStatus.COMPLETED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED)
END_STATES = frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED})
CANCELLABLE = frozenset(
    status for status, following in TRANSITIONS.items() if OrderStatus.CANCELLED in following
)


def may_follow(current: str, following: str) -> bool:
    """Say whether ``following`` is allowed right after ``current``."""
    return following in TRANSITIONS[current]
