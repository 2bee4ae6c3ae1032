"""In which condition stock stands, and which movement between conditions each reason allows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

OUTSIDE = ""


class Disposition(models.TextChoices):
    """In which condition stock stands at a node; each is a column of the balance."""

    INBOUND = "inbound", _("Coming")
    QC_HOLD = "qc_hold", _("Being inspected")
    AVAILABLE = "available", _("Available")
    RESERVED = "reserved", _("Reserved")
    PICKED = "picked", _("Picked")
    PACKED = "packed", _("Packed")
    IN_TRANSIT = "in_transit", _("Between places")
    DAMAGED = "damaged", _("Damaged")
    QUARANTINED = "quarantined", _("Quarantined")
    CUSTOMS_BONDED = "customs_bonded", _("In bond")
    LOST = "lost", _("Lost")
    DISPOSED = "disposed", _("Disposed of")


class Reason(models.TextChoices):
    """Why stock moved."""

    RECEIVED = "received", _("Received")
    ORDER = "order", _("Reserved for an order")
    SHIPPED = "shipped", _("Shipped")
    CANCELLED = "cancelled", _("Order cancelled, back on the shelf")
    CHANGED = "changed", _("Order changed, back on the shelf")
    COUNT = "count", _("Counted")
    IMPORT = "import", _("Set by an import")
    UNDO = "undo", _("Import undone")
    CART = "cart", _("Reserved for a cart")
    CART_EXPIRED = "cart_expired", _("The cart’s time ran out")
    CART_RELEASED = "cart_released", _("Released by the cart")
    CART_CONVERTED = "cart_converted", _("Handed from the cart to its order")
    DAMAGE = "damage", _("Damaged")
    REPAIR = "repair", _("Repaired")
    LOSS = "loss", _("Lost")
    FOUND = "found", _("Found again")
    WRITE_OFF = "write_off", _("Written off")
    INSPECT = "inspect", _("Sent to inspection")
    QUARANTINE = "quarantine", _("Put in quarantine")
    RELEASE = "release", _("Released for sale")
    RETURN = "return", _("Came back from a buyer")
    BOND = "bond", _("Put in bond")
    EXPECTED = "expected", _("Announced")
    NOT_COMING = "not_coming", _("No longer expected")
    TRANSFER = "transfer", _("Sent to another place")
    ARRIVED = "arrived", _("Arrived from another place")
    EXPIRED = "expired", _("Past its date")
    PUT_AWAY = "put_away", _("Put away after inspection")


class ReservationStatus(models.TextChoices):
    """How a cart's reservation stands."""

    OPEN = "open", _("Open")
    CONVERTED = "converted", _("Became an order")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


class AllocationMode(models.TextChoices):
    """How stock is set aside for a market or channel."""

    MANUAL = "manual", _("A number of units")
    DYNAMIC = "dynamic", _("A share")


Side = str
Sides = frozenset[tuple[Side, Side]]
_D = Disposition
# Where units stand that somebody can touch, apart from those an order owns already.
_AT_HAND = (_D.AVAILABLE, _D.QC_HOLD, _D.DAMAGED, _D.QUARANTINED, _D.CUSTOMS_BONDED)
ON_HAND = (*_AT_HAND, _D.RESERVED, _D.PICKED, _D.PACKED)
COMING = (_D.INBOUND, _D.IN_TRANSIT)


def _sides(*pairs: tuple[Side, Side]) -> Sides:
    return frozenset((str(source), str(target)) for source, target in pairs)


# What people and partners may do by hand; the first pair of a reason is the one forms offer first.
_BY_HAND: dict[Reason, tuple[tuple[Side, Side], ...]] = {
    Reason.DAMAGE: (
        (_D.AVAILABLE, _D.DAMAGED),
        (_D.QC_HOLD, _D.DAMAGED),
        (_D.INBOUND, _D.DAMAGED),
        (_D.IN_TRANSIT, _D.DAMAGED),
    ),
    Reason.REPAIR: ((_D.DAMAGED, _D.AVAILABLE), (_D.DAMAGED, _D.QC_HOLD)),
    Reason.LOSS: tuple((side, _D.LOST) for side in (*_AT_HAND, *COMING)),
    Reason.FOUND: ((_D.LOST, _D.AVAILABLE), (OUTSIDE, _D.AVAILABLE), (_D.LOST, _D.QC_HOLD)),
    Reason.WRITE_OFF: (
        (_D.DAMAGED, _D.DISPOSED),
        (_D.QUARANTINED, _D.DISPOSED),
        (_D.QC_HOLD, _D.DISPOSED),
        (_D.AVAILABLE, _D.DISPOSED),
    ),
    Reason.INSPECT: (
        (_D.AVAILABLE, _D.QC_HOLD),
        (_D.QUARANTINED, _D.QC_HOLD),
        (_D.INBOUND, _D.QC_HOLD),
        (_D.IN_TRANSIT, _D.QC_HOLD),
    ),
    Reason.QUARANTINE: (
        (_D.AVAILABLE, _D.QUARANTINED),
        (_D.QC_HOLD, _D.QUARANTINED),
        (_D.DAMAGED, _D.QUARANTINED),
    ),
    Reason.RELEASE: (
        (_D.QUARANTINED, _D.AVAILABLE),
        (_D.QC_HOLD, _D.AVAILABLE),
        (_D.CUSTOMS_BONDED, _D.AVAILABLE),
    ),
    Reason.RETURN: (
        (OUTSIDE, _D.AVAILABLE),
        (OUTSIDE, _D.QC_HOLD),
        (OUTSIDE, _D.DAMAGED),
        (OUTSIDE, _D.QUARANTINED),
    ),
    Reason.RECEIVED: (
        (OUTSIDE, _D.AVAILABLE),
        (_D.INBOUND, _D.AVAILABLE),
        (OUTSIDE, _D.QC_HOLD),
        (_D.INBOUND, _D.QC_HOLD),
    ),
    Reason.BOND: ((_D.INBOUND, _D.CUSTOMS_BONDED), (_D.AVAILABLE, _D.CUSTOMS_BONDED)),
    Reason.EXPECTED: ((OUTSIDE, _D.INBOUND),),
    Reason.NOT_COMING: ((_D.INBOUND, OUTSIDE),),
    Reason.ARRIVED: ((_D.IN_TRANSIT, _D.AVAILABLE),),
}
BY_HAND: Mapping[Reason, tuple[tuple[Side, Side], ...]] = MappingProxyType(_BY_HAND)

_BY_PORTAL: dict[Reason, Sides] = {
    Reason.ORDER: _sides((_D.AVAILABLE, _D.RESERVED)),
    Reason.SHIPPED: _sides((_D.RESERVED, OUTSIDE), (_D.PICKED, OUTSIDE), (_D.PACKED, OUTSIDE)),
    Reason.CANCELLED: _sides(
        (_D.RESERVED, _D.AVAILABLE), (_D.PICKED, _D.AVAILABLE), (_D.PACKED, _D.AVAILABLE)
    ),
    Reason.CHANGED: _sides((_D.RESERVED, _D.AVAILABLE)),
    Reason.COUNT: _sides((OUTSIDE, _D.AVAILABLE), (_D.AVAILABLE, OUTSIDE)),
    Reason.IMPORT: _sides((OUTSIDE, _D.AVAILABLE), (_D.AVAILABLE, OUTSIDE)),
    Reason.UNDO: _sides((OUTSIDE, _D.AVAILABLE), (_D.AVAILABLE, OUTSIDE)),
    Reason.CART: _sides((_D.AVAILABLE, _D.RESERVED)),
    Reason.CART_EXPIRED: _sides((_D.RESERVED, _D.AVAILABLE)),
    Reason.CART_RELEASED: _sides((_D.RESERVED, _D.AVAILABLE)),
    Reason.CART_CONVERTED: _sides((_D.RESERVED, _D.AVAILABLE)),
    Reason.TRANSFER: _sides((_D.AVAILABLE, OUTSIDE), (OUTSIDE, _D.IN_TRANSIT)),
    Reason.EXPIRED: _sides((_D.AVAILABLE, _D.QUARANTINED)),
    Reason.PUT_AWAY: _sides((_D.QC_HOLD, _D.AVAILABLE)),
}
MOVES: Mapping[str, Sides] = MappingProxyType(
    {str(reason): _sides(*pairs) for reason, pairs in _BY_HAND.items()}
    | {str(reason): sides for reason, sides in _BY_PORTAL.items()}
)


def may_move(reason: str, source: str, target: str) -> bool:
    """Say whether the reason moves stock from one side to the other (an empty side: outside)."""
    return (str(source), str(target)) in MOVES.get(str(reason), frozenset())


def may_adjust(reason: str, source: str, target: str) -> bool:
    """Say whether people and partners may make this movement by hand."""
    return reason in BY_HAND and may_move(reason, source, target)
