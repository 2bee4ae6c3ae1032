"""Actions on orders one after the other, each with what takes it back.

Each order is a transaction of its own: one that refuses leaves the others done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, OrderTag
from apps.orders.services import tags
from apps.orders.services.locking import lock_order

MANUAL = "manual"
_T = TypeVar("_T", Order, str)


class Undo(Protocol):
    """Takes one change back by its id or key; says what it changed."""

    def __call__(self, merchant: Merchant, changed: str, *, actor: Actor, now: datetime) -> str:
        """Take it back, or raise a ``DomainError`` that says why not."""


@dataclass(frozen=True, slots=True)
class Done:
    """Ids or keys of what was changed, to take it back, and how many orders refused."""

    ids: tuple[str, ...]
    refused: int


def hold_orders(chosen: Iterable[Order], *, reason: str, actor: Actor, now: datetime) -> Done:
    """Hold orders by hand; ids of the holds. Orders that left refuse, held ones stay as they are."""
    return _each(chosen, lambda order: hold_order(order, reason=reason, actor=actor, now=now))


def release_orders(chosen: Iterable[Order], *, actor: Actor, now: datetime) -> Done:
    """Release what people hold by hand; ids of the holds. Orders nobody holds by hand refuse."""
    return _each(chosen, lambda order: release_order(order, actor=actor, now=now))


def tag_orders(chosen: Iterable[Order], *, name: str, actor: Actor, now: datetime) -> Done:
    """Put a tag on orders; keys of the new tags. An unusable tag is refused (422)."""
    wanted = tags.clean_tag(name)
    return _each(chosen, lambda order: tag_order(order, name=wanted, actor=actor, now=now))


def hold_order(order: Order, *, reason: str, actor: Actor, now: datetime) -> str:
    """Hold an order by hand; the id of the hold, empty when somebody held it already."""
    placed = orders.place_hold(order, kind=MANUAL, reason=reason, actor=actor, now=now)
    is_new = (placed.placed_by, placed.placed_at) == (str(actor), now)
    return placed.public_id if is_new else ""


def release_order(order: Order, *, actor: Actor, now: datetime) -> str:
    """Release the hold somebody placed by hand; its id. Without one: ``orders.no_hold`` (409)."""
    found = OrderHold.objects.filter(order=order, open_kind=MANUAL).select_related("order")
    held = found.first()
    if held is None:
        raise DomainError("orders.no_hold", _("Nobody holds this order by hand."))
    return orders.release_hold(held, actor=actor, now=now).public_id


def tag_order(order: Order, *, name: str, actor: Actor, now: datetime) -> str:
    """Put a tag on an order; the key of the tag, empty when the order had it already."""
    with transaction.atomic():
        if not tags.tag_order(order, name=name, actor=actor, now=now):
            return ""
        return str(OrderTag.objects.only("pk").get(order=order, name=name).pk)


def undo_hold(merchant: Merchant, changed: str, *, actor: Actor, now: datetime) -> str:
    """Release a hold that was placed; one that was released since raises ``orders.changed_since``."""
    found = OrderHold.objects.filter(merchant=merchant, public_id=changed, open_kind=MANUAL)
    hold = found.select_related("order").first()
    if hold is None:
        raise _changed_since(_("The hold was released since. It stays as it is."))
    return orders.release_hold(hold, actor=actor, now=now).public_id


def undo_release(merchant: Merchant, changed: str, *, actor: Actor, now: datetime) -> str:
    """Hold again what was released, for the same reason.

    An order that somebody held by hand since raises ``orders.changed_since``; one that left meanwhile
    ``orders.wrong_state`` (both 409).
    """
    own = OrderHold.objects.filter(merchant=merchant, kind=MANUAL)
    released = own.filter(public_id=changed, open_kind=None).select_related("order").first()
    if released is None:
        raise _changed_since(_("The order was held since. It stays as it is."))
    with transaction.atomic():
        locked = lock_order(released.order)
        if own.filter(order=locked, pk__gt=released.pk).exists():
            raise _changed_since(_("The order was held since. It stays as it is."))
        placed = orders.place_hold(
            locked, kind=MANUAL, reason=released.reason, actor=actor, now=now
        )
    return placed.public_id


def undo_tag(merchant: Merchant, changed: str, *, actor: Actor, now: datetime) -> str:
    """Take off a tag that was put on; one that was taken off since raises ``orders.changed_since``.

    A tag that somebody took off and put on again is theirs: it has another key.
    """
    key = int(changed) if changed.isascii() and changed.isdigit() and len(changed) < 19 else 0
    found = OrderTag.objects.filter(merchant=merchant, pk=key)
    tag = found.select_related("order").first()
    if tag is None or not tags.untag_order(
        tag.order, name=tag.name, key=tag.pk, actor=actor, now=now
    ):
        raise _changed_since(_("The tag was taken off since. The order stays as it is."))
    return changed


def undo_each(
    undo: Undo, merchant: Merchant, ids: Sequence[str], *, actor: Actor, now: datetime
) -> Done:
    """Take back a few changes, each on its own; how many had changed since is in ``refused``."""
    return _each(ids, lambda changed: undo(merchant, changed, actor=actor, now=now))


def _changed_since(sentence: str) -> DomainError:
    return DomainError("orders.changed_since", sentence)


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
