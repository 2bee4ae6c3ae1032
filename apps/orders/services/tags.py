"""Tags: words that members put on orders to find them again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import Order, OrderTag
from apps.orders.services.locking import lock_order, record_fact

MAX_LENGTH = 32
MAX_TAGS = 10


def clean_tag(name: str) -> str:
    """Return a tag with single spaces; refuses (422) an empty one, an overlong one and commas."""
    wanted = " ".join(name.split())
    if not wanted:
        raise _refused(_("Write the tag first."))
    if len(wanted) > MAX_LENGTH or "," in wanted:
        raise _refused(
            _("A tag has at most %(limit)s characters and no comma.") % {"limit": MAX_LENGTH}
        )
    return wanted


@retry_transaction
def tag_order(order: Order, *, name: str, actor: Actor, now: datetime) -> bool:
    """Put a tag on an order in any state; says whether it is new there.

    Refuses (422) an unusable tag and more than ``MAX_TAGS`` tags of one order.
    """
    wanted = clean_tag(name)
    with transaction.atomic():
        locked = lock_order(order)
        own = set(OrderTag.objects.filter(order=locked).values_list("name", flat=True))
        if wanted in own:
            return False
        if len(own) >= MAX_TAGS:
            sentence = _("An order has at most %(limit)s tags.") % {"limit": MAX_TAGS}
            raise _refused(sentence)
        # The order first: a child row before the update of its parent would deadlock.
        _count(locked, len(own) + 1)
        OrderTag.objects.create(merchant_id=locked.merchant_id, order=locked, name=wanted)
        record_fact(locked, events.ORDER_TAGGED, {"tag": wanted}, actor=actor, now=now)
    return True


@retry_transaction
def untag_order(
    order: Order, *, name: str, key: int | None = None, actor: Actor, now: datetime
) -> bool:
    """Take a tag off an order; says whether it was there.

    With ``key`` only the tag with this primary key: one that was put on again has another.
    """
    with transaction.atomic():
        locked = lock_order(order)
        found = OrderTag.objects.filter(order=locked, name=name)
        removed, _models = (found if key is None else found.filter(pk=key)).delete()
        if not removed:
            return False
        _count(locked, OrderTag.objects.filter(order=locked).count())
        record_fact(locked, events.ORDER_UNTAGGED, {"tag": name}, actor=actor, now=now)
    return True


def _count(order: Order, count: int) -> None:
    order.tag_count = count
    order.save(update_fields=["tag_count", "updated_at"])


def _refused(sentence: str) -> DomainError:
    return DomainError("orders.tag", sentence, status=422, fields={"tag": sentence})
