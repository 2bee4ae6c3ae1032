"""Deliveries to a warehouse in the portal under test."""

from __future__ import annotations

from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.inbound.models import InboundShipment
from apps.inventory.models import Node
from apps.merchants.models import Merchant
from apps.sandbox.demo.deliveries import WAREHOUSE, make_deliveries
from tests.factories.inbound import WarehouseFactory, make_inbound


def add_deliveries(merchant: Merchant) -> dict[str, str]:
    """A warehouse, the demo's deliveries to it, a draft, and one at the dock."""

    now = utc_now()
    own = Node.objects.filter(merchant=merchant, kind=Node.Kind.OVERSEAS_WAREHOUSE)
    node = own.first() or WarehouseFactory(merchant=merchant)
    if not InboundShipment.objects.filter(merchant=merchant).exists():
        make_deliveries(merchant, actor=WAREHOUSE, now=now)
    variant = Variant.objects.filter(merchant=merchant).select_related("merchant").earliest("pk")
    draft, dock = (
        make_inbound(variant, 40, status=status, now=now, node=node)
        for status in ("draft", "receiving")
    )
    return {
        "inbound": InboundShipment.objects.get(reference="PO-2026-109").public_id,
        "inbound_draft": draft.public_id,
        "inbound_dock": dock.public_id,
    }
