"""Customs facts of an order that has not left, brought up to date with its products."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.common.db import retry_transaction
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import Order, OrderLine
from apps.orders.services.holds import HOLDABLE
from apps.orders.services.locking import lock_order, wrong_state

_FACTS = ("hs_code", "origin_country", "customs_name", "unit_weight_g")


@retry_transaction
def refresh_declaration(order: Order, *, actor: Actor, now: datetime) -> int:
    """Copy HS code, origin, customs description and weight from the products to the order's lines.

    Lines keep what was true when the order was placed; after a merchant completed a product, this
    is how its waiting orders get the facts. Returns the number of lines that changed. Raises
    ``orders.wrong_state`` (409) once the order has left.
    """
    with transaction.atomic():
        locked = lock_order(order)
        if locked.status not in HOLDABLE:
            raise wrong_state(locked)
        lines = OrderLine.objects.filter(order=locked).select_related("variant__product")
        changed = [line for line in lines if _copy_facts(line)]
        if changed:
            OrderLine.objects.bulk_update(changed, _FACTS)
            journal.record(
                events.DECLARATION_REFRESHED,
                merchant=locked.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"number": locked.number, "lines": [line.position for line in changed]},
            )
    return len(changed)


def _copy_facts(line: OrderLine) -> bool:
    product = line.variant.product
    current = (
        product.hs_code,
        product.origin_country,
        product.customs_name,
        line.variant.weight_g,
    )
    before = tuple(getattr(line, name) for name in _FACTS)
    for name, value in zip(_FACTS, current, strict=True):
        setattr(line, name, value)
    return before != current
