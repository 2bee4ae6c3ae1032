"""Deliveries of the demo world: one on its way to a warehouse, one whose count needs an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.catalog.models import Variant
from apps.inbound import selectors, services
from apps.inbound.models import InboundShipment
from apps.inbound.requests import InboundDraft, LineDraft, Scan
from apps.inventory.models import Node
from apps.journal.actors import Actor, system_actor
from apps.merchants.models import Merchant

WAREHOUSE = system_actor("demo-warehouse")


def make_deliveries(merchant: Merchant, *, actor: Actor, now: datetime) -> None:
    """Announce two deliveries of a company that has a warehouse; others get none."""
    places = selectors.list_warehouses(merchant)
    own = Variant.objects.filter(merchant=merchant, is_active=True)
    variants = list(own.select_related("product").order_by("pk")[:3])
    if not places or len(variants) < 2:
        return
    coming = _announce(merchant, places[0], variants, "PO-2026-118", days=12, actor=actor, now=now)
    services.depart(coming, actor=actor, now=now)
    counted = _announce(
        merchant, places[-1], variants[:2], "PO-2026-109", days=1, actor=actor, now=now
    )
    services.arrive(counted, actor=WAREHOUSE, now=now)
    full, part = variants[0].sku, variants[1].sku
    crushed = "Two cartons crushed at a corner, photos with the driver's papers"
    scans = (
        ("gun-1", Scan(full, 120)),
        ("gun-2", Scan(part, 88)),
        ("gun-3", Scan(part, 14, "damaged", note=crushed)),
    )
    for reference, scan in scans:
        services.receive(counted, [scan], reference=reference, actor=WAREHOUSE, now=now)
    missing = "Pallet 3 was not on the truck"
    services.finish_receiving(counted, note=missing, actor=WAREHOUSE, now=now)


def _announce(
    merchant: Merchant,
    node: Node,
    variants: list[Variant],
    reference: str,
    *,
    days: int,
    actor: Actor,
    now: datetime,
) -> InboundShipment:
    draft = InboundDraft(
        node=node,
        expected_on=(now + timedelta(days=days)).date(),
        lines=tuple(LineDraft(variant, 120, cartons=10) for variant in variants),
        reference=reference,
        carrier="COSCO",
        tracking_ref="CSQU3054383",
    )
    made = services.create_inbound(merchant, draft, actor=actor, now=now)
    services.submit_inbound(made, actor=actor, now=now)
    services.accept_inbound(made, actor=WAREHOUSE, now=now)
    at = now + timedelta(days=days)
    return services.book_appointment(made, at=at, dock="Dock 4", actor=actor, now=now)
