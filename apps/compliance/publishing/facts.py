"""What gates and waterfalls look at, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from decimal import Decimal

from apps.catalog.attribute_rules import AttributeSpec
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.selectors_pricing import RulePrice
from apps.common.money import Money
from apps.finance.rules import FeeRate
from apps.fulfillment.rules import needs_customs
from apps.inventory.models import Node
from apps.journal.services import Json
from apps.logistics.network import Network
from apps.markets.landed.sale import Fact
from apps.markets.models import Market
from apps.markets.selectors.dated_rates import DayRates
from apps.markets.selectors.rule_books import DatedBook
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about selling a product in a market.

    ``field`` is the fact, SKU or row it is about, ``rows`` the rule rows or obligations that say so,
    ``fix`` names where it is put right (empty: nowhere). What blocks and can be put right makes the
    answer ``can_when``; what blocks and cannot makes it ``cannot``. ``parameters`` fill the sentence.
    """

    code: str
    field: str = ""
    parameters: Mapping[str, Json] = default(default_factory=dict)
    rows: tuple[str, ...] = ()
    fix: str = ""
    is_blocking: bool = True

    def as_json(self) -> dict[str, Json]:
        """Return the finding as it is stored."""
        return {
            "code": self.code,
            "field": self.field,
            "parameters": dict(self.parameters),
            "rows": list[Json](self.rows),
            "fix": self.fix,
            "is_blocking": self.is_blocking,
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it would be sold in the market: its price and where that comes from."""

    variant: Variant
    price: Money | None
    source: str
    by_rule: RulePrice | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """The ordinary duty rate of the product in the market's country, and further rates by name."""

    rate: Decimal
    facts: Mapping[str, Fact] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Safety:
    """Who answers for the product, and what the rules of its category ask of it.

    ``maker_country`` is empty while no manufacturer is named; ``values`` are the attributes told.
    """

    maker_country: str = ""
    has_eu_responsible: bool = False
    specs: tuple[AttributeSpec, ...] = ()
    values: Mapping[str, object] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one product in one market and fulfilment model on a day."""

    merchant: Merchant
    product: Product
    market: Market
    model: str
    on: date
    offers: tuple[Offer, ...]
    book: DatedBook
    rates: DayRates
    fees: tuple[FeeRate, ...] = ()
    nodes: tuple[Node, ...] = ()
    network: Network = default(default_factory=lambda: Network(""))
    tariff: Tariff | None = None
    registrations: frozenset[str] = frozenset()
    has_rule: bool = False
    safety: Safety = Safety()

    @property
    def is_custody(self) -> bool:
        """Whether the price is a supply price."""
        return self.model == Merchant.Model.CUSTODY

    @property
    def is_imported(self) -> bool:
        """Whether each sale crosses the border by itself."""
        return self.model == Merchant.Model.DIRECT

    @property
    def ships_from(self) -> str:
        """The country parcels of this model leave from; empty when there is no such place.

        In direct sales the merchant's own country goes before the other places; from an overseas
        warehouse, the market's own country before another in its customs union.
        """
        if self.is_imported:
            countries = [node.country for node in self.nodes]
            own = self.merchant.country
            return own if own in countries or not countries else countries[0]
        here = [node.country for node in self.overseas]
        return self.market.code if self.market.code in here else here[0] if here else ""

    @property
    def overseas(self) -> list[Node]:
        """The overseas and platform warehouses that stand behind the market's customs border."""
        kinds = {Node.Kind.OVERSEAS_WAREHOUSE, Node.Kind.PLATFORM_WAREHOUSE}
        return [
            node
            for node in self.nodes
            if node.kind in kinds and not needs_customs(node.country, self.market.code)
        ]
