"""Orders that look like one order sent twice: the later one waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.journal.actors import Actor
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, OrderLine
from apps.orders.selectors import duplicate_minutes
from apps.orders.services.holds import HOLDABLE
from apps.orders.states import OrderStatus

KIND = "possible_duplicate"
# Of one buyer's orders around one moment, so many are compared.
MAX_COMPARED = 20


@retry_transaction
def hold_duplicate(order: Order, *, actor: Actor, now: datetime) -> OrderHold | None:
    """Hold an order of which another of the same buyer has the same SKUs and total.

    Both were placed within the minutes the company chose, under different references. Of two that
    are looked at the first time together only one is held. An order that was ever held for this is
    never held for it again: a person has decided. Returns the hold, or nothing.
    """
    minutes = duplicate_minutes(order.merchant_id)
    if not minutes or not order.buyer_index:
        return None
    with transaction.atomic():
        near = _lock_near(order, timedelta(minutes=minutes))
        own = near.pop(order.pk, None)
        if own is None or own.status not in HOLDABLE or not near:
            return None
        known = dict(
            OrderHold.objects.filter(order__in=[own.pk, *near], kind=KIND)
            .order_by("pk")
            .values_list("order_id", "details")
        )
        twin = None if own.pk in known else _find_twin(own, near.values(), known)
        if twin is None:
            return None
        return _hold(own, twin, minutes, actor=actor, now=now)


def _lock_near(order: Order, span: timedelta) -> dict[int, Order]:
    """Lock the order and the buyer's equal orders around it, in the order of their keys."""
    equal = Order.objects.filter(
        merchant=order.merchant_id,
        buyer_index=order.buyer_index,
        currency=order.currency,
        total_minor=order.total_minor,
        unit_count=order.unit_count,
        placed_at__gte=order.placed_at - span,
        placed_at__lte=order.placed_at + span,
    ).exclude(status=OrderStatus.CANCELLED)
    keys = sorted({order.pk, *equal.order_by("-pk").values_list("pk", flat=True)[:MAX_COMPARED]})
    locked = Order.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {found.pk: found for found in locked}


def _find_twin(own: Order, near: Iterable[Order], known: dict[int, dict[str, str]]) -> Order | None:
    """Return the earliest order with the same SKUs that does not wait for this very one."""
    others = [
        other
        for other in near
        if other.status != OrderStatus.CANCELLED
        and known.get(other.pk, {}).get("other") != own.public_id
    ]
    if not others:
        return None
    skus: dict[int, Counter[str]] = {key: Counter() for key in (own.pk, *(o.pk for o in others))}
    lines = OrderLine.objects.filter(order__in=list(skus))
    for key, sku, quantity in lines.values_list("order_id", "sku", "quantity"):
        skus[key][sku] += quantity
    return next((other for other in others if skus[other.pk] == skus[own.pk]), None)


def _hold(order: Order, twin: Order, minutes: int, *, actor: Actor, now: datetime) -> OrderHold:
    apart = abs(order.placed_at - twin.placed_at)
    return orders.place_hold(
        order,
        kind=KIND,
        reason=_("The same buyer placed order %(number)s with the same items and total.")
        % {"number": twin.number},
        fix=_("Release the hold if both are wanted; else cancel one of them."),
        details={
            "other": twin.public_id,
            "other_number": twin.number,
            "minutes_apart": int(apart.total_seconds() // 60),
            "minutes_allowed": minutes,
            "same_channel": order.channel == twin.channel,
        },
        actor=actor,
        now=now,
    )
