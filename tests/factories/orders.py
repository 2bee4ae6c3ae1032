"""Orders, made by the intake service itself."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from django_scopes import scope

from apps.journal.actors import system_actor
from apps.merchants.models import Merchant, Store
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest
from tests.factories.catalog import ListingFactory
from tests.factories.inventory import put_stock
from tests.factories.merchants import StoreFactory

_counter = count(1)
BUYER = BuyerRequest(
    name="Jonas Weber",
    country="DE",
    street="Sonnenallee 214",
    city="Berlin",
    postal_code="12059",
    phone="+4915112345678",
    email="jonas@example.de",
)


def order_request(*lines: LineRequest, now: datetime, **changes: object) -> OrderRequest:
    """Return a German order request with a new reference."""
    facts: dict[str, object] = {
        "external_ref": f"APP-{next(_counter)}",
        "market": "DE",
        "buyer": BUYER,
        "lines": lines,
        "placed_at": now,
    }
    return OrderRequest(**{**facts, **changes})  # type: ignore[arg-type]


def make_order(
    merchant: Merchant, *, now: datetime, quantity: int = 2, stock: int = 100, **changes: object
) -> Order:
    """Return a placed (pending) order of one line, with product, listing and stock behind it."""
    variant = ListingFactory(variant__product__merchant=merchant).variant
    put_stock(variant, stock, now=now)
    with scope(merchant=merchant):
        store = Store.objects.filter(merchant=merchant).first() or StoreFactory(merchant=merchant)
        receipt = orders.place_order(
            order_request(LineRequest(variant.sku, quantity), now=now, **changes),
            merchant=merchant,
            store=store,
            actor=system_actor("tests"),
            now=now,
        )
        return Order.objects.get(public_id=receipt.public_id)
