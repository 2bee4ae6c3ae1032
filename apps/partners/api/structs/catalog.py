"""Products, variants, listings, markets and stock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from apps.partners.api.structs.common import (
    MAX_ITEMS,
    Count,
    Country,
    ItemError,
    MoneyAmount,
    MoneyView,
    PageQuery,
    Sku,
)

Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
LongText = Annotated[str, Meta(max_length=10_000)]
Brand = Annotated[str, Meta(max_length=80)]
Category = Annotated[str, Meta(max_length=120)]
HsCode = Annotated[str, Meta(max_length=12, pattern=r"^([0-9]{6}([0-9]{2}){0,3})?$")]
CustomsName = Annotated[str, Meta(max_length=120)]
Origin = Annotated[str, Meta(max_length=2, pattern="^([A-Z]{2})?$")]
Millimetres = Annotated[int, Meta(ge=0, le=100_000)]
Grams = Annotated[int, Meta(ge=0, le=10_000_000)]
FulfilmentModel = Literal["direct", "overseas", "custody"]
ListingState = Literal["draft", "checking", "live", "paused", "rejected", "suppressed", "removed"]
SearchText = Annotated[
    str,
    Meta(
        max_length=100,
        description="Words of the title, brand, option, SKU or GTIN; all must match, the last one"
        " by its beginning. An exact SKU or GTIN comes first, then the newest product. A page may"
        " hold fewer rows than `limit`, even none, and still have a `next_cursor`.",
    ),
]


class MarketRate(msgspec.Struct):
    """What one unit of the market's currency costs in the company's own, by the newest fixings.

    `fixed_on` is the day of the older fixing in it, `source` names where they come from; both are
    empty where the two currencies are the same.
    """

    currency: str
    rate: str
    fixed_on: date | None
    source: str


class PostalView(msgspec.Struct):
    """How addresses are written: required fields, and a postal code as pattern and example."""

    required: list[str]
    postal_code_pattern: str
    postal_code_example: str


class HolidayView(msgspec.Struct):
    """A public holiday of the whole country."""

    day: date
    name: str


class MarketView(msgspec.Struct):
    """A market that is open for selling.

    `rate` is nothing while there is no exchange rate of the last ten days. `weekend` are the days of
    rest from 1 (Monday) to 7 (Sunday), `holidays` the next five.
    """

    code: str
    currency: str
    locale: str
    time_zone: str
    is_price_with_tax: bool
    return_window_days: int
    ship_within_days: int
    rate: MarketRate | None
    postal: PostalView
    weekend: list[int]
    holidays: list[HolidayView]


class MarketList(msgspec.Struct):
    """All open markets."""

    items: list[MarketView]


class ListingView(msgspec.Struct):
    """A variant in one market; `refusal` says what keeps it from going live.

    `price_source` is `rule` or `explicit`; in custody the price is the supply price.
    """

    id: str
    market: str
    status: str
    model: str
    price: MoneyView
    refusal: str
    price_source: str


class VariantView(msgspec.Struct):
    """One sellable form of a product; one that is not active takes no new orders."""

    id: str
    sku: str
    option: str
    gtin: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    cost: MoneyView
    base_price: MoneyView | None
    is_active: bool
    listings: list[ListingView]


class ProductView(msgspec.Struct):
    """A product with its variants and their listings."""

    id: str
    title: str
    description: str
    brand: str
    category: str
    origin_country: str
    hs_code: str
    customs_name: str
    status: str
    variants: list[VariantView]
    created_at: datetime
    updated_at: datetime


class ProductPage(msgspec.Struct):
    """One page of products, the newest first."""

    items: list[ProductView]
    next_cursor: str | None


class ProductQuery(PageQuery, forbid_unknown_fields=True):
    """Which products."""

    status: Literal["active", "archived"] | None = None
    q: SearchText = ""


class ListingItem(msgspec.Struct):
    """A variant in one market, with the names of its product and variant.

    `refusal` says what keeps it from going live.
    """

    id: str
    product_id: str
    variant_id: str
    sku: str
    title: str
    option: str
    market: str
    status: str
    model: str
    price: MoneyView
    price_source: str
    refusal: str
    updated_at: datetime


class ListingPage(msgspec.Struct):
    """One page of listings."""

    items: list[ListingItem]
    next_cursor: str | None


class ListingQuery(PageQuery, forbid_unknown_fields=True):
    """Which listings."""

    market: Country | None = None
    status: ListingState | None = None
    updated_since: (
        Annotated[
            datetime,
            Meta(tz=True, description="Only listings changed at this moment or later"),
        ]
        | None
    ) = None
    q: SearchText = ""


class NewVariant(msgspec.Struct, forbid_unknown_fields=True):
    """A variant to make; the SKU is unique in the company."""

    sku: Sku
    option: Annotated[str, Meta(max_length=120)] = ""
    gtin: Annotated[str, Meta(max_length=14, pattern="^[0-9]*$")] = ""
    weight_g: Grams = 0
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0
    cost: MoneyAmount | None = None
    base_price: MoneyAmount | None = None


class VariantChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Facts of a variant to change; what is absent stays, and the SKU always does."""

    option: Annotated[str, Meta(max_length=120)] | UnsetType = UNSET
    gtin: Annotated[str, Meta(max_length=14, pattern="^[0-9]*$")] | UnsetType = UNSET
    weight_g: Grams | UnsetType = UNSET
    length_mm: Millimetres | UnsetType = UNSET
    width_mm: Millimetres | UnsetType = UNSET
    height_mm: Millimetres | UnsetType = UNSET
    cost: MoneyAmount | UnsetType = UNSET
    base_price: MoneyAmount | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class NewProduct(msgspec.Struct, forbid_unknown_fields=True):
    """A product to make, with its variants."""

    title: Title
    variants: Annotated[list[NewVariant], Meta(min_length=1, max_length=100)]
    description: LongText = ""
    brand: Brand = ""
    category: Category = ""
    origin_country: Origin = ""
    hs_code: HsCode = ""
    customs_name: CustomsName = ""


class ProductChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Fields of a product to change; what is absent stays."""

    title: Title | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    brand: Brand | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    origin_country: Origin | UnsetType = UNSET
    hs_code: HsCode | UnsetType = UNSET
    customs_name: CustomsName | UnsetType = UNSET
    status: Literal["active", "archived"] | UnsetType = UNSET


class NewPrice(msgspec.Struct, forbid_unknown_fields=True):
    """A variant's price in a market, in the market's currency."""

    sku: Sku
    market: Country
    price: MoneyAmount
    model: FulfilmentModel = "direct"


class NewPrices(msgspec.Struct, forbid_unknown_fields=True):
    """Prices of one product's variants; each pair of SKU and market once."""

    listings: Annotated[list[NewPrice], Meta(min_length=1, max_length=MAX_ITEMS)]


class NodeView(msgspec.Struct):
    """A place that holds stock."""

    id: str
    code: str
    name: str
    kind: str
    country: str


class NodeList(msgspec.Struct):
    """All places in use."""

    items: list[NodeView]


class StockView(msgspec.Struct):
    """Units of a variant at a node, by condition."""

    sku: str
    node: str
    inbound: int
    available: int
    reserved: int
    damaged: int
    qc_hold: int
    picked: int
    packed: int
    in_transit: int
    quarantined: int
    customs_bonded: int
    lost: int
    disposed: int


class StockPage(msgspec.Struct):
    """One page of stock."""

    items: list[StockView]
    next_cursor: str | None


class StockQuery(PageQuery, forbid_unknown_fields=True):
    """Which stock."""

    sku: Annotated[str, Meta(max_length=64)] = ""
    node: Annotated[str, Meta(max_length=40, description="Id or code of a node")] = ""


class NewStock(msgspec.Struct, forbid_unknown_fields=True):
    """What is available of a SKU at a node after a count; reserved units are not part of it."""

    sku: Sku
    node: Annotated[str, Meta(min_length=1, max_length=40, description="Id or code of a node")]
    available: Count


class NewStocks(msgspec.Struct, forbid_unknown_fields=True):
    """Counts to set; each is done or refused on its own."""

    items: Annotated[list[NewStock], Meta(min_length=1, max_length=MAX_ITEMS)]


class StockOutcome(msgspec.Struct):
    """What became of one count."""

    index: int
    stock: StockView | None
    error: ItemError | None


class StockOutcomes(msgspec.Struct):
    """What became of each count, in the order sent."""

    items: list[StockOutcome]
