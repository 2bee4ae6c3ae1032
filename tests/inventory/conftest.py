"""A shelf: one place, one variant, and a way to put units on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count

import pytest

from apps.catalog.models import Variant
from apps.inventory import services as inventory
from apps.inventory.models import Node, StockAdjustment, StockBalance
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory

_references = count(1)


@dataclass
class Shelf:
    """One variant at one place."""

    merchant: Merchant
    node: Node
    variant: Variant
    actor: Actor
    now: datetime

    def receive(self, units: int) -> None:
        """Put units on the shelf."""
        inventory.receive_stock(
            self.merchant,
            node=self.node,
            quantities={self.variant: units},
            reference=f"asn-{next(_references)}",
            actor=self.actor,
            now=self.now,
        )

    def adjust(
        self, reason: str, source: str, target: str, units: int, reference: str = ""
    ) -> StockAdjustment:
        """Move units by hand."""
        return inventory.adjust_stock(
            self.merchant,
            changes=[inventory.Change(self.variant, self.node, units)],
            reason=reason,
            source=source,
            target=target,
            note="seen at the gate",
            reference=reference or f"ref-{next(_references)}",
            actor=self.actor,
            now=self.now,
        )

    @property
    def balance(self) -> StockBalance:
        """The balance as it is now."""
        return StockBalance.objects.get(variant=self.variant, node=self.node)


@pytest.fixture
def shelf(scoped, now, actor) -> Shelf:
    """A shelf of the scoped merchant, with nothing on it."""
    variant = VariantFactory(product=ProductFactory(merchant=scoped))
    return Shelf(scoped, NodeFactory(merchant=scoped), variant, actor, now)
