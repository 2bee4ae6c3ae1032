"""What calls about deliveries send, and deliveries in the states they need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django_scopes import scope, scopes_disabled

from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.inventory.models import Node
from tests.factories.inbound import WarehouseFactory, make_inbound

WAREHOUSE = "WH-DE"


def add_inbound(variant: Variant) -> dict[str, str]:
    """Open a warehouse with a draft for it; returns what calls name of them."""
    node = WarehouseFactory(merchant=variant.merchant, code=WAREHOUSE)
    made = make_inbound(variant, 20, status="draft", now=utc_now(), node=node)
    return {"inbound_id": made.public_id, "warehouse": node.code}


def in_state(status: str) -> Callable[[Any], None]:
    """Return what makes a world whose delivery is in a state."""

    def prepare(world: Any) -> None:
        with scopes_disabled():
            variant = Variant.objects.select_related("merchant").get(
                merchant=world.merchant, sku=world.sku
            )
        with scope(merchant=world.merchant):
            node = Node.objects.get(code=WAREHOUSE)
        made = make_inbound(variant, 20, status=status, now=utc_now(), node=node)
        world.ids["inbound_id"] = made.public_id

    return prepare


def delivery_of(sku: str, node: str) -> dict[str, object]:
    """Return the body of the call."""
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    lines = [{"sku": sku, "quantity": 40}]
    cartons = [{"sscc": "106141411234567897", "items": [{"sku": sku, "quantity": 40}]}]
    return {"node": node, "expected_on": day, "lines": lines, "cartons": cartons, "submit": True}


def slot() -> dict[str, object]:
    """Return the body of the call."""
    return {"at": (utc_now() + timedelta(days=3)).isoformat(), "dock": "D7"}


def receipt_of(sku: str) -> dict[str, object]:
    """Return the body of the call."""
    return {"reference": "gun-1", "items": [{"code": sku, "quantity": 20}]}


PUTAWAY = {"reference": "shelf-1", "lines": [{"position": 1, "shelved": 19, "damaged": 1}]}
AMENDMENT = {"position": 1, "quantity": 22, "reason": "Recount"}


def rows(row: Callable[..., Any]) -> dict[str, Any]:
    """Return the rows of the calls; ``row`` makes one."""
    return {
        "inbound.list": row(200),
        "inbound.create": row(
            201,
            lambda world: delivery_of(world.sku, world.ids["warehouse"]),
            lambda own, foreign: delivery_of(foreign.sku, own.ids["warehouse"]),
            422,
        ),
        "inbound.get": row(200),
        "inbound.submit": row(200),
        "inbound.cancel": row(200, lambda world: {"reason": "Supplier is late"}),
        "inbound.appoint": row(200, lambda world: slot(), prepare=in_state("accepted")),
        "inbound.depart": row(200, prepare=in_state("appointed")),
        "inbound.amend": row(
            200,
            lambda world: AMENDMENT,
            prepare=in_state("submitted"),
        ),
        "inbound.decide": row(
            200,
            lambda world: {"decision": "accept"},
            prepare=in_state("submitted"),
        ),
        "inbound.arrive": row(200, prepare=in_state("appointed")),
        "inbound.receive": row(
            201,
            lambda world: receipt_of(world.sku),
            prepare=in_state("arrived"),
        ),
        "inbound.finish": row(
            200,
            lambda world: {"note": "All here"},
            prepare=in_state("receiving"),
        ),
        "inbound.put_away": row(
            201,
            lambda world: PUTAWAY,
            prepare=in_state("inspecting"),
        ),
    }
