"""What calls about stock send, and a cart that holds some."""

from __future__ import annotations

from django_scopes import scope

from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.inventory import services as inventory
from apps.journal.actors import system_actor
from tests.factories.inventory import NodeFactory


def adjustment_of(sku: str, node: str) -> dict[str, object]:
    """Return the body of the call."""
    item = {"sku": sku, "node": node, "quantity": 2}
    sides = {"source": "available", "target": "damaged"}
    return {"reference": "case-1", "reason": "damage", **sides, "items": [item]}


def transfer_of(sku: str, source: str, target: str) -> dict[str, object]:
    """Return the body of the call."""
    items = [{"sku": sku, "quantity": 2}]
    places = {"source": source, "target": target}
    return {"reference": "truck-1", **places, "items": items}


def cart_of(sku: str) -> dict[str, object]:
    """Return the body of the call."""
    lines = [{"sku": sku, "quantity": 2}]
    return {"reference": "cart-1", "market": "DE", "lines": lines}


def add_stock(variant: Variant) -> dict[str, str]:
    """Open another place and hold a unit for a cart; returns what calls name of them."""
    cart = inventory.Cart("cart-0", "DE", (inventory.CartLine(variant.sku, 1),))
    merchant, actor = variant.merchant, system_actor("tests")
    with scope(merchant=merchant):
        made = inventory.reserve_cart(cart, merchant=merchant, actor=actor, now=utc_now())
    other = NodeFactory(merchant=merchant).code
    return {"sku": variant.sku, "reservation_id": made.public_id, "other_node": other}
