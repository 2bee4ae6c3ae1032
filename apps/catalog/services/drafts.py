"""What people and partners ask the catalog to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from decimal import Decimal

from apps.catalog.models import Ending, Listing, ListingIssue, Product, Variant
from apps.catalog.pricing.deriving import DEFAULT_HYSTERESIS, EXPLICIT
from apps.journal.services import Json
from apps.markets.models import Market
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to make; mass in g, lengths in mm, amounts in minor units of their currency."""

    sku: str
    option: str = ""
    gtin: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    cost_minor: int = 0
    cost_currency: str = "CNY"
    base_price_minor: int = 0
    base_price_currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product to make, with its variants."""

    title: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    brand: str = ""
    category: str = ""
    origin_country: str = ""
    hs_code: str = ""
    customs_name: str = ""


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """Something that is wrong with a listing; ``is_blocking`` keeps it off sale."""

    code: str
    field: str = ""
    parameters: Mapping[str, Json] = default(default_factory=dict)
    rows: tuple[str, ...] = ()
    fix: str = ""
    is_blocking: bool = True

    @property
    def severity(self) -> str:
        """How bad it is."""
        kinds = ListingIssue.Severity
        return kinds.ERROR.value if self.is_blocking else kinds.WARNING.value

    @property
    def effect(self) -> str:
        """What it does to the listing."""
        kinds = ListingIssue.Effect
        return kinds.BLOCKED.value if self.is_blocking else kinds.NONE.value


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price of a variant in a market, in minor units of ``currency`` (else the market's own).

    ``basis`` says what a price that follows a rule was made of. ``issues`` is what a market's gate
    found, complete; ``None`` means that no gate looked, so that what an earlier look found stays.
    """

    variant: Variant
    market: Market
    price_minor: int
    model: str = default(default=Merchant.Model.DIRECT)
    currency: str = ""
    source: str = Listing.PriceSource.EXPLICIT.value
    reason: str = EXPLICIT
    basis: Mapping[str, Json] = default(default_factory=dict)
    issues: tuple[IssueDraft, ...] | None = None


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A price rule to keep: for a product or the company, in one market or in all.

    Amounts are minor units of ``currency``; ``percent`` is added to the base price and
    ``hysteresis`` is a share (0.01).
    """

    currency: str
    percent: Decimal = Decimal(0)
    uplift_minor: int = 0
    floor_minor: int | None = None
    ceiling_minor: int | None = None
    ending: str = Ending.END_99.value
    hysteresis: Decimal = DEFAULT_HYSTERESIS
    product: Product | None = None
    market: Market | None = None
