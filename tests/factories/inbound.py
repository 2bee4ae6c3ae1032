"""Shipments to a warehouse in Germany, brought to any state through the services."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django_scopes import scope

from apps.catalog.models import Variant
from apps.inbound import services
from apps.inbound.models import InboundShipment
from apps.inbound.requests import CartonDraft, InboundDraft, LineDraft, Scan, Shelving
from apps.inventory.models import Node
from apps.journal.actors import Actor, system_actor
from tests.factories.inventory import NodeFactory

ACTOR = system_actor("tests")
# The states up to which a shipment can be brought, in order.
WAY = (
    *("draft", "submitted", "accepted", "appointed", "in_transit", "arrived"),
    *("receiving", "inspecting", "putaway", "closed"),
)
SSCCS = ("106141411234567897", "006141411234567890")


class WarehouseFactory(NodeFactory):
    """An overseas warehouse in Germany."""

    name = "Hamburg warehouse"
    code = "HAM1"
    kind = Node.Kind.OVERSEAS_WAREHOUSE
    country = "DE"


def inbound_draft(node: Node, *lines: LineDraft, **changes: object) -> InboundDraft:
    """Return a draft of lines that comes on 10 December."""
    facts = {"node": node, "expected_on": date(2026, 12, 10), "lines": lines, **changes}
    return InboundDraft(**facts)


def make_inbound(
    variant: Variant,
    units: int = 10,
    *,
    status: str = "submitted",
    now: datetime,
    node: Node | None = None,
    actor: Actor = ACTOR,
    cartons: tuple[CartonDraft, ...] = (),
    **line: object,
) -> InboundShipment:
    """Return a shipment of units of one variant in a state of ``WAY``; everything came as announced."""
    merchant = variant.merchant
    with scope(merchant=merchant):
        place = node or WarehouseFactory(merchant=merchant)
        draft = inbound_draft(
            place,
            LineDraft(variant, units, **line),
            cartons=cartons,
            expected_on=(now + timedelta(days=15)).date(),
        )
        shipment = services.create_inbound(merchant, draft, actor=actor, now=now)
        steps = _steps(shipment, variant, units, actor, now)
        for name in WAY[1 : WAY.index(status) + 1]:
            steps[name]()
        return InboundShipment.objects.select_related("merchant", "node").get(pk=shipment.pk)


def _steps(shipment, variant, units, actor, now):
    who = {"actor": actor, "now": now}
    scan = [Scan(variant.sku, units)]
    half = units // 2

    def receive() -> None:
        services.receive(shipment, scan, reference="scan-1", **who)

    def shelve(count: int, reference: str) -> None:
        services.put_away(shipment, [Shelving(1, count)], reference=reference, **who)

    return {
        "submitted": lambda: services.submit_inbound(shipment, **who),
        "accepted": lambda: services.accept_inbound(shipment, **who),
        "appointed": lambda: services.book_appointment(
            shipment, at=now + timedelta(days=15), **who
        ),
        "in_transit": lambda: services.depart(shipment, **who),
        "arrived": lambda: services.arrive(shipment, **who),
        "receiving": receive,
        "inspecting": lambda: services.finish_receiving(shipment, **who),
        "putaway": lambda: shelve(half, "shelf-1"),
        "closed": lambda: shelve(units - half, "shelf-2"),
    }
