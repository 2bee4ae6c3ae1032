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


class Party(models.TextChoices):
    """Who wants an order cancelled."""

    BUYER = "buyer", _("The buyer")
    MERCHANT = "merchant", _("The merchant")
    SYSTEM = "system", _("The portal")


class CancelCode(models.TextChoices):
    """Why an order, or part of it, is cancelled; ``rules.CANCEL_CODES`` says who may say so."""

    CHANGED_MIND = "changed_mind", _("The buyer changed their mind")
    ORDERED_TWICE = "ordered_twice", _("Ordered by mistake or twice")
    WRONG_ADDRESS = "wrong_address", _("The address is wrong")
    TOO_SLOW = "too_slow", _("It takes too long")
    OUT_OF_STOCK = "out_of_stock", _("Not in stock")
    DAMAGED = "damaged", _("The goods are damaged")
    PRICING_ERROR = "pricing_error", _("The price was wrong")
    CANNOT_DELIVER = "cannot_deliver", _("It cannot be delivered there")
    BUYER_ASKED = "buyer_asked", _("The buyer asked for it")
    OTHER = "other", _("Another reason")
    UNPAID = "unpaid", _("Not paid")
    LATE = "late", _("Not shipped in time")
    SANCTION = "sanction", _("The law forbids this sale")
    PLATFORM = "platform", _("Decided by the platform")
    MERGED = "merged", _("Joined with another order")


class RequestStatus(models.TextChoices):
    """What became of a request to cancel; ``LAPSED`` was granted because nobody answered."""

    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    LAPSED = "lapsed", _("Granted without an answer")
    MOOT = "moot", _("No longer needed")


class ChangeKind(models.TextChoices):
    """How the content of an order was changed after it was placed."""

    UNITS = "units", _("Units cancelled")
    SHIPPING = "shipping", _("Shipping changed")
    SWAP = "swap", _("Variant swapped")
    SPLIT_OFF = "split_off", _("Units moved to an order of their own")
    JOINED = "joined", _("Another order joined")


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
# Until its label exists, the content of an order can still change.
CHANGEABLE = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED})


def may_follow(current: str, following: str) -> bool:
    """Say whether ``following`` is allowed right after ``current``."""
    return following in TRANSITIONS[current]
