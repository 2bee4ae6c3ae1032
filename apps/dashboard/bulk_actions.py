"""Actions on a few orders that are done at once, one order after the other, and taken back.

Each order is a transaction of its own: one that refuses leaves the others done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.services import tags

MANUAL = "manual"
_T = TypeVar("_T", Order, OrderHold)


@dataclass(frozen=True, slots=True)
class Done:
    """Outward ids of what was changed, to take it back, and how many orders refused."""

    ids: tuple[str, ...]
    refused: int


def hold_orders(chosen: Iterable[Order], *, reason: str, actor: Actor, now: datetime) -> Done:
    """Hold orders by hand; ids of the holds. Orders that left refuse, held ones stay as they are."""

    def hold(order: Order) -> str:
        if OrderHold.objects.filter(order=order, open_kind=MANUAL).exists():
            return ""
        placed = orders.place_hold(order, kind=MANUAL, reason=reason, actor=actor, now=now)
        return placed.public_id

    return _each(chosen, hold)


def release_orders(chosen: Iterable[Order], *, actor: Actor, now: datetime) -> Done:
    """Release what people hold by hand; ids of the holds. Orders nobody holds by hand refuse."""

    def release(order: Order) -> str:
        found = OrderHold.objects.filter(order=order, open_kind=MANUAL).select_related("order")
        held = found.first()
        if held is None:
            raise DomainError("orders.no_hold", "Nobody holds this order by hand.")
        return orders.release_hold(held, actor=actor, now=now).public_id

    return _each(chosen, release)


def tag_orders(chosen: Iterable[Order], *, name: str, actor: Actor, now: datetime) -> Done:
    """Put a tag on orders; ids of those that did not have it. An unusable tag is refused (422)."""
    wanted = tags.clean_tag(name)

    def tag(order: Order) -> str:
        is_new = tags.tag_order(order, name=wanted, actor=actor, now=now)
        return order.public_id if is_new else ""

    return _each(chosen, tag)


def undo_holds(merchant: Merchant, ids: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Release holds that were just placed by hand; those released meanwhile stay as they are."""
    found = OrderHold.objects.filter(merchant=merchant, public_id__in=ids, open_kind=MANUAL)
    for hold in found.select_related("order").order_by("order_id"):
        orders.release_hold(hold, actor=actor, now=now)


def undo_releases(merchant: Merchant, ids: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Hold again what was just released, for the same reason; orders that left stay as they are."""
    found = OrderHold.objects.filter(
        merchant=merchant, public_id__in=ids, kind=MANUAL, open_kind=None
    )

    def hold_again(hold: OrderHold) -> str:
        placed = orders.place_hold(
            hold.order, kind=MANUAL, reason=hold.reason, actor=actor, now=now
        )
        return placed.public_id

    _each(found.select_related("order").order_by("order_id"), hold_again)


def undo_tags(
    merchant: Merchant, ids: Sequence[str], *, name: str, actor: Actor, now: datetime
) -> None:
    """Take a tag off the orders that just got it."""
    found = Order.objects.filter(merchant=merchant, public_id__in=ids).order_by("pk")
    for order in found:
        tags.untag_order(order, name=name, actor=actor, now=now)


def _each(items: Iterable[_T], act: Callable[[_T], str]) -> Done:
    done, refused = [], 0
    for item in items:
        try:
            changed = act(item)
        except DomainError:
            refused += 1
        else:
            done += [changed] if changed else []
    return Done(tuple(done), refused)
