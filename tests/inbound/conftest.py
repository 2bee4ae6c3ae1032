"""A dock: one variant, one warehouse, and a shipment at the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from apps.catalog.models import Variant
from apps.inbound import services
from apps.inbound.models import InboundLine, InboundReceipt, InboundShipment
from apps.inbound.requests import Scan, Shelving
from apps.inventory.models import Node, StockBalance
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inbound import WarehouseFactory, make_inbound


@dataclass
class Dock:
    """What happens at one warehouse to shipments of one variant."""

    merchant: Merchant
    node: Node
    variant: Variant
    actor: Actor
    now: datetime

    def ship(self, status: str = "arrived", units: int = 100, **facts: object) -> InboundShipment:
        """A shipment of the variant in a state."""
        return make_inbound(
            self.variant, units, status=status, now=self.now, node=self.node, **facts
        )

    def scan(
        self,
        shipment: InboundShipment,
        quantity: int,
        condition: str = "good",
        *,
        code: str = "",
        reference: str = "r1",
        **facts: str,
    ) -> InboundReceipt:
        """Count units in."""
        scans = [Scan(code or self.variant.sku, quantity, condition, **facts)]
        return services.receive(
            shipment, scans, reference=reference, actor=self.actor, now=self.now
        )

    def finish(self, shipment: InboundShipment, note: str = "") -> InboundShipment:
        """Say that everything was counted."""
        return services.finish_receiving(shipment, note=note, actor=self.actor, now=self.now)

    def shelve(
        self, shipment: InboundShipment, *shelvings: Shelving, reference: str = "s1"
    ) -> InboundShipment:
        """Put units away."""
        services.put_away(shipment, shelvings, reference=reference, actor=self.actor, now=self.now)
        return self.fresh(shipment)

    def fresh(self, shipment: InboundShipment) -> InboundShipment:
        """The shipment as it is now."""
        return InboundShipment.objects.select_related("merchant", "node").get(pk=shipment.pk)

    def line(self, shipment: InboundShipment, position: int = 1) -> InboundLine:
        """A line as it is now."""
        return InboundLine.objects.get(shipment=shipment, position=position)

    @property
    def stock(self) -> dict[str, int]:
        """What stands at the warehouse, by condition, without zeros."""
        balance = StockBalance.objects.filter(variant=self.variant, node=self.node).first()
        names = ("inbound", "qc_hold", "available", "damaged", "quarantined")
        figures = {name: getattr(balance, name) if balance else 0 for name in names}
        return {name: units for name, units in figures.items() if units}


@pytest.fixture
def dock(scoped, now, actor) -> Dock:
    """The warehouse of the scoped merchant, with nothing in it."""
    variant = VariantFactory(
        product=ProductFactory(merchant=scoped), sku="LAMP", gtin="4006381333931"
    )
    return Dock(scoped, WarehouseFactory(merchant=scoped), variant, actor, now)
