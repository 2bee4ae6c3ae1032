"""Categories, attributes, facts, parties, papers and texts of products, and previews of edits."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from apps.partners.api.structs.catalog import (
    Brand,
    Category,
    CustomsName,
    Grams,
    HsCode,
    LongText,
    Origin,
    ProductView,
    Title,
)
from apps.partners.api.structs.common import Country

AttributeValue = str | bool | int | list[str] | None
Decimals = Annotated[str, Meta(max_length=10, pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?$")]
ShortText = Annotated[str, Meta(max_length=200)]
PartyRef = Annotated[str, Meta(max_length=40, description="Id of a party; empty for none")]
Battery = Literal[
    "",
    "none",
    "ion_alone",
    "ion_packed",
    "ion_contained",
    "metal_alone",
    "metal_packed",
    "metal_contained",
    "other",
]
Language = Literal["en", "zh-hans"]
PartyKind = Literal["manufacturer", "eu_responsible", "uk_responsible", "importer"]


class CategoryView(msgspec.Struct):
    """A category of the platform's tree, in the language asked for (English where it has none)."""

    code: str
    name: str
    path: str
    depth: int
    is_leaf: bool


class CategoryList(msgspec.Struct):
    """Categories that match, the closest first."""

    items: list[CategoryView]


class CategoryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which categories."""

    q: Annotated[
        str, Meta(max_length=100, description="Words of the path, or the number of a category")
    ] = ""
    language: Language = "en"
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class AttributesQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Whose attributes."""

    code: Annotated[str, Meta(min_length=1, max_length=20, description="Number of a category")]
    language: Language = "en"


class AttributeView(msgspec.Struct):
    """One attribute that a category asks for; `category` says where in the tree the rule stands.

    It is required in `markets`, or everywhere when that is empty and `required` is true.
    """

    key: str
    label: str
    type: str
    unit: str
    required: bool
    markets: list[str]
    choices: list[str]
    min: str | None
    max: str | None
    min_length: int | None
    max_length: int | None
    pattern: str
    basis: str
    category: str


class AttributeList(msgspec.Struct):
    """The attributes of a category, those of the categories above it included."""

    items: list[AttributeView]


class PartyView(msgspec.Struct):
    """A company that answers for products."""

    id: str
    kind: str
    name: str
    address: str
    country: str
    email: str
    website: str
    is_active: bool


class PartyList(msgspec.Struct):
    """All companies that answer for products."""

    items: list[PartyView]


class NewParty(msgspec.Struct, forbid_unknown_fields=True):
    """A company to add; it needs an e-mail address or a contact page."""

    kind: PartyKind
    name: Annotated[str, Meta(min_length=1, max_length=160, pattern=r"\S")]
    address: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
    country: Country
    email: Annotated[str, Meta(max_length=254)] = ""
    website: ShortText = ""


class PartyChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Facts of a company to change for all its products; what is absent stays."""

    name: Annotated[str, Meta(min_length=1, max_length=160, pattern=r"\S")] | UnsetType = UNSET
    address: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")] | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    website: ShortText | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class DocumentView(msgspec.Struct):
    """A paper about a product; `state` is current, ending (30 days), expired or withdrawn."""

    id: str
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    issued_on: date | None
    valid_until: date | None
    state: str


class FactsView(msgspec.Struct):
    """Safety facts; watt-hours and grams of lithium are per battery."""

    battery: str
    battery_wh: str | None
    battery_lithium_g: str | None
    battery_count: int
    dangerous: str
    un_number: str
    hazard_class: str
    packing_group: str
    is_limited_quantity: bool
    has_magnet: bool
    has_liquid: bool
    has_powder: bool
    manufacturer: PartyView | None
    eu_responsible: PartyView | None
    uk_responsible: PartyView | None
    importer: PartyView | None


class TextView(msgspec.Struct):
    """Title and description in one language; an empty one falls back to the product's own."""

    locale: str
    title: str
    description: str


class ProductDetail(ProductView):
    """A product with everything known about it.

    `lacking` names, per market it is listed in, the attributes that the market requires and that
    nobody has told yet.
    """

    category_code: str
    attributes: dict[str, str | bool | list[str]]
    lacking: dict[str, list[str]]
    facts: FactsView
    texts: list[TextView]
    documents: list[DocumentView]


class FactsChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Category, attributes and safety facts to change; what is absent stays.

    An attribute set to null or an empty text is taken away. A number is an integer or decimal text.
    """

    category_code: Annotated[str, Meta(max_length=20)] | UnsetType = UNSET
    attributes: dict[str, AttributeValue] | UnsetType = UNSET
    battery: Battery | UnsetType = UNSET
    battery_wh: Decimals | UnsetType | None = UNSET
    battery_lithium_g: Decimals | UnsetType | None = UNSET
    battery_count: Annotated[int, Meta(ge=0, le=9999)] | UnsetType = UNSET
    dangerous: Literal["", "no", "yes"] | UnsetType = UNSET
    un_number: Annotated[str, Meta(max_length=8)] | UnsetType = UNSET
    hazard_class: Annotated[str, Meta(max_length=4)] | UnsetType = UNSET
    packing_group: Literal["", "I", "II", "III"] | UnsetType = UNSET
    is_limited_quantity: bool | UnsetType = UNSET
    has_magnet: bool | UnsetType = UNSET
    has_liquid: bool | UnsetType = UNSET
    has_powder: bool | UnsetType = UNSET
    manufacturer: PartyRef | UnsetType = UNSET
    eu_responsible: PartyRef | UnsetType = UNSET
    uk_responsible: PartyRef | UnsetType = UNSET
    importer: PartyRef | UnsetType = UNSET


class TextChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to set; an empty one follows what stands behind it, an absent one stays."""

    title: ShortText | UnsetType = UNSET
    description: LongText | UnsetType = UNSET


class MarketTextView(msgspec.Struct):
    """One field in one market: what buyers read, and how it stands to its source.

    `state` is inherited, overridden, or conflict: the source changed after the market's own text was
    written. `seen` goes into a decision, so that only what was looked at is decided.
    """

    market: str
    locale: str
    field: str
    state: str
    shown: str
    source: str
    source_was: str
    seen: str


class MarketTextList(msgspec.Struct):
    """What the buyers of each market read, conflicts first."""

    items: list[MarketTextView]


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """How a conflict ends: keep the market's own text, or take the source's."""

    field: Literal["title", "description"]
    decision: Literal["keep", "take"]
    seen: Annotated[str, Meta(max_length=16)] = ""


class SourceChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Fields of the product as they would be saved; what is absent stays."""

    title: Title | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    brand: Brand | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    origin_country: Origin | UnsetType = UNSET
    hs_code: HsCode | UnsetType = UNSET
    customs_name: CustomsName | UnsetType = UNSET
    status: Literal["active", "archived"] | UnsetType = UNSET


class PreviewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """An edit to look at: fields, texts per language, grams per SKU. Nothing is saved."""

    product: SourceChanges = msgspec.field(default_factory=SourceChanges)
    texts: Annotated[dict[str, TextChanges], Meta(max_length=60)] = {}
    weights: Annotated[dict[str, Grams], Meta(max_length=500)] = {}


class FactChangeView(msgspec.Struct):
    """One fact that would change in all markets; `sku` is empty for a fact of the product."""

    field: str
    sku: str
    before: str
    after: str


class TextChangeView(msgspec.Struct):
    """One field of one market whose source would change, and its state before and after."""

    market: str
    field: str
    state: str
    state_after: str
    shown: str
    shown_after: str


class GateChangeView(msgspec.Struct):
    """A listing that would lose or gain what it needs to be on sale."""

    sku: str
    market: str
    status: str
    missing: list[str]
    missing_after: list[str]


class PreviewView(msgspec.Struct):
    """What an edit would change."""

    markets: list[str]
    facts: list[FactChangeView]
    texts: list[TextChangeView]
    listings: list[GateChangeView]
