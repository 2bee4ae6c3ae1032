"""What people and partners ask the catalog to make."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.catalog.models import Variant
from apps.markets.models import Market
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to make; mass in g, lengths in mm, cost in minor units of its currency."""

    sku: str
    option: str = ""
    gtin: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    cost_minor: int = 0
    cost_currency: str = "CNY"


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
class PriceDraft:
    """A price of a variant in a market, in minor units of ``currency`` (else the market's own)."""

    variant: Variant
    market: Market
    price_minor: int
    model: str = field(default=Merchant.Model.DIRECT)
    currency: str = ""
