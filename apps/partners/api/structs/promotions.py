"""Promotions, their codes and floors, and what they would do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import Country, MoneyAmount, MoneyView, PageQuery, Sku

Kind = Literal[
    "product_discount",
    "flash_sale",
    "live_price",
    "follower_price",
    "first_order_price",
    "order_discount",
    "voucher",
    "quantity_tiers",
    "spend_tiers",
    "buy_get",
    "bundle",
    "shipping",
    "gift",
]
Status = Literal["draft", "scheduled", "active", "paused", "ended"]
LocalMoment = Annotated[
    str,
    Meta(
        max_length=19,
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$",
        examples=["2026-12-01T00:00"],
        description="In the time of each market",
    ),
]
Code = Annotated[str, Meta(min_length=3, max_length=40)]
Rule = Annotated[
    dict[str, Any],
    Meta(
        description="The row without id, name, kind, period, priority, codes and funding; its "
        "schema is in the guide “Promotions”. Amounts are minor units for each currency.",
        examples=[{"value": {"percent": "20"}, "target": {"skus": ["LMP-1"]}}],
    ),
]


class PromotionQuery(PageQuery):
    """Which promotions."""

    status: Status | None = None
    kind: Kind | None = None


class NewPromotion(msgspec.Struct, forbid_unknown_fields=True):
    """The content of a promotion; an empty end is no end. It is saved as a draft."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
    kind: Kind
    markets: Annotated[list[Country], Meta(min_length=1, max_length=100)]
    starts: LocalMoment
    ends: LocalMoment = ""
    rule: Rule = {}
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    codes: Annotated[list[Code], Meta(max_length=100)] = []


class PublishPromotion(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a loss in the worst case is accepted."""

    accepts_loss: bool = False


class PromotionView(msgspec.Struct):
    """A promotion; `version` counts its published changes."""

    id: str
    name: str
    kind: str
    status: Status
    markets: list[str]
    starts: str
    ends: str
    rule: dict[str, Any]
    priority: int
    needs_code: bool
    platform_percent: str
    version: int
    published_at: datetime | None
    ended_at: datetime | None


class PromotionPage(msgspec.Struct):
    """Promotions, the newest first."""

    items: list[PromotionView]
    next_cursor: str | None


class NewCodes(msgspec.Struct, forbid_unknown_fields=True):
    """Codes to add by name, or how many to draw; `uses_limit` is how often each may be used."""

    codes: Annotated[list[Code], Meta(max_length=10_000)] = []
    draw: Annotated[int, Meta(ge=0, le=10_000)] = 0
    prefix: Annotated[str, Meta(max_length=20, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    uses_limit: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class CodeList(msgspec.Struct):
    """The codes that were added."""

    codes: list[str]


class CodeView(msgspec.Struct):
    """A code, how often it was used and how often it may be."""

    code: str
    uses: int
    uses_limit: int | None


class CodePage(msgspec.Struct):
    """Codes, the newest first."""

    items: list[CodeView]
    next_cursor: str | None


class TakenView(msgspec.Struct):
    """What orders took in one currency."""

    currency: str
    orders: int
    units: int
    discount: MoneyView
    paid_by_merchant: MoneyView
    paid_by_platform: MoneyView


class PerformanceView(msgspec.Struct):
    """What a promotion has brought.

    `units` are all units of its goods sold in its markets in its period so far, `units_before` those
    on the same weekdays of the `weeks` before. They tell what happened, not why.
    """

    taken: list[TakenView]
    units: int
    units_before: int
    weeks: int


class WorstView(msgspec.Struct):
    """The cart in which least is kept of a unit; `promotions` make up its price."""

    price: MoneyView
    keep: MoneyView
    quantity: int
    promotions: list[str]
    is_loss: bool
    is_at_floor: bool


class OutcomeView(msgspec.Struct):
    """What a promotion does to one SKU in one market.

    `new_price` is null where it never applies. `may_announce` says whether the new price is below
    the lowest of 30 days; it is null for promotions that change no shown price. What is kept leaves
    out the lines in `unknown`.
    """

    sku: str
    market: str
    price: MoneyView
    new_price: MoneyView | None
    lowest_of_30_days: MoneyView | None
    may_announce: bool | None
    keep: MoneyView
    new_keep: MoneyView | None
    unknown: list[str]
    worst: WorstView
    conflicts: list[str]


class SimulationView(msgspec.Struct):
    """What a promotion would do, what keeps least first; `offers` counts all, also those not listed."""

    items: list[OutcomeView]
    offers: int
    losses: int
    is_complete: bool


class NewFloor(msgspec.Struct, forbid_unknown_fields=True):
    """A lowest price; null takes it away."""

    sku: Sku
    market: Country
    floor: MoneyAmount | None


class NewFloors(msgspec.Struct, forbid_unknown_fields=True):
    """Lowest prices; all are set, or none."""

    floors: Annotated[list[NewFloor], Meta(min_length=1, max_length=500)]


class FloorView(msgspec.Struct):
    """A lowest price as it stands now."""

    sku: str
    market: str
    floor: MoneyView | None


class FloorList(msgspec.Struct):
    """The lowest prices that were set."""

    floors: list[FloorView]
