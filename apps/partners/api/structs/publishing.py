"""Publishing, pricing and landed cost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.catalog import FulfilmentModel, ProductView
from apps.partners.api.structs.common import Country, Currency, MoneyAmount, MoneyView, PageQuery

Share = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]{0,1})(\.[0-9]{1,6})?$",
        examples=["0.165"],
        description="A share as decimal text: 0.165 is 16.5 %",
    ),
]
Percent = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?$", examples=["12.5"])]
Hs = Annotated[str, Meta(pattern=r"^[0-9]{6}([0-9]{2}){0,3}$", examples=["61091000"])]
RuleText = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$")]


class AnswersQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which markets, and in which fulfilment model; none means all open markets."""

    markets: tuple[Country, ...] = ()
    model: FulfilmentModel | None = None


class FindingView(msgspec.Struct):
    """One thing about selling there; `fix` names where it is put right, empty for nowhere."""

    code: str
    field: str
    detail: str
    rules: list[str]
    fix: str
    is_blocking: bool


class FlowLineView(msgspec.Struct):
    """One line of what becomes of the price; an amount of null is not known and not counted."""

    code: str
    amount: MoneyView | None
    note: str
    rules: list[str]


class WaterfallView(msgspec.Struct):
    """What is kept of one variant's price; `worst_keep` is that of the dearest parcel."""

    sku: str
    price: MoneyView
    price_source: str
    lines: list[FlowLineView]
    keep: MoneyView
    keep_in_own_currency: MoneyView | None
    unknown: list[str]
    worst_case: str
    worst_keep: MoneyView | None
    buyer_total: MoneyView | None


class AnswerView(msgspec.Struct):
    """Whether a product can be sold in a market, as of a day."""

    market: str
    model: str
    verdict: Literal["can", "can_when", "cannot"]
    answered_on: date
    rates_on: date | None
    findings: list[FindingView]
    waterfalls: list[WaterfallView]


class AnswerList(msgspec.Struct):
    """One answer per market, by code."""

    items: list[AnswerView]


class PricedProductView(ProductView):
    """A product with what the gate of each market says of the prices just set."""

    answers: list[AnswerView] = []


class MarketWish(msgspec.Struct, forbid_unknown_fields=True):
    """One market to publish to.

    `keep` leaves the listing's own price, else the rule gives it; `rule` follows the rule again;
    `own` sets `price` for every variant. In custody the price is the supply price.
    """

    market: Country
    pricing: Literal["keep", "rule", "own"] = "keep"
    price: MoneyAmount | None = None
    model: FulfilmentModel | None = None


class PublishWish(msgspec.Struct, forbid_unknown_fields=True):
    """The markets to publish to, each once."""

    markets: Annotated[list[MarketWish], Meta(min_length=1, max_length=100)]


class JobRowView(msgspec.Struct):
    """The outcome of one row of a job."""

    row: int
    reference: str
    is_ok: bool
    code: str
    detail: str


class JobView(msgspec.Struct):
    """Long work and the outcomes of its rows so far."""

    id: str
    kind: str
    title: str
    status: Literal["waiting", "running", "done", "failed", "cancelled"]
    total: int
    done: int
    failed: int
    rows: list[JobRowView]
    created_at: datetime
    finished_at: datetime | None


class NewQuoteItem(msgspec.Struct, forbid_unknown_fields=True):
    """One line of the basket; `tariff_rate` is the destination's ordinary duty rate, where known."""

    unit_price: MoneyAmount
    hs_code: Hs
    origin_country: Country
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    tariff_rate: Share | None = None
    rates: Annotated[dict[RuleText, Share], Meta(max_length=10)] = {}


class NewLandedQuote(msgspec.Struct, forbid_unknown_fields=True):
    """A basket to one buyer, in one currency; `sold_on` is today unless told."""

    country: Country
    currency: Currency
    items: Annotated[list[NewQuoteItem], Meta(min_length=1, max_length=200)]
    shipping: MoneyAmount | None = None
    insurance: MoneyAmount | None = None
    region: Annotated[str, Meta(max_length=3, pattern="^[A-Z0-9]*$")] = ""
    ship_from: Annotated[str, Meta(max_length=2, pattern="^([A-Z]{2})?$")] = ""
    channel: Literal["courier", "post", "sea", "land"] = "courier"
    sold_on: date | None = None


class QuoteStepView(msgspec.Struct):
    """One step of the arithmetic."""

    what: str
    rule: str
    base: str
    rate: str
    amount: str


class QuoteBannerView(msgspec.Struct):
    """What a person must read beside the figures."""

    kind: str
    rule: str
    text: str


class LandedQuoteView(msgspec.Struct):
    """A stored landed cost: the same id always answers the same figures."""

    id: str
    country: str
    sold_on: date
    duty: MoneyView
    tax: MoneyView
    fees: MoneyView
    total_charges: MoneyView
    landed_total: MoneyView
    collector: str
    is_deemed_supplier: bool
    rules: list[str]
    steps: list[QuoteStepView]
    banners: list[QuoteBannerView]
    gates: list[str]
    quoted_at: datetime


class PriceRuleView(msgspec.Struct):
    """A price rule; without product it is the company's, without market it is for all."""

    id: str
    product: str | None
    market: str | None
    percent: str
    uplift: MoneyView
    floor: MoneyView | None
    ceiling: MoneyView | None
    ending: str
    hysteresis: str
    updated_at: datetime


class PriceRuleList(msgspec.Struct):
    """All price rules of the company."""

    items: list[PriceRuleView]


class NewPriceRule(msgspec.Struct, forbid_unknown_fields=True):
    """A price rule to keep, in place of the one with the same product and market.

    Amounts are in `currency`. Prices that follow the rule move at once.
    """

    currency: Currency
    product: Annotated[str, Meta(max_length=40)] | None = None
    market: Country | None = None
    percent: Percent = "0"
    uplift: MoneyAmount | None = None
    floor: MoneyAmount | None = None
    ceiling: MoneyAmount | None = None
    ending: Literal["none", "whole", "99", "95", "90"] = "99"
    hysteresis: Share = "0.01"


class PricePointView(msgspec.Struct):
    """A price from a moment on; `basis` is what a price that follows a rule was made of."""

    price: MoneyView
    from_at: datetime
    source: str
    reason: str
    basis: dict[str, Any]


class PriceHistory(msgspec.Struct):
    """Every price a listing has had, the newest first.

    `was_price` is set only when it may be struck through by the 30-day rule; else `reduction` says
    why not: `no_cut`, `too_young`, `not_lower` or `usual`.
    """

    items: list[PricePointView]
    reduction: str
    was_price: MoneyView | None
    lowest_of_30_days: MoneyView | None
    is_bound_by_eu_law: bool
    next_cursor: str | None


class HistoryQuery(PageQuery, forbid_unknown_fields=True):
    """Which page of the history."""
