"""Orders: what the shopping app sends, and what it sees."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import (
    MAX_ITEMS,
    AppliedView,
    CodeView,
    Country,
    Currency,
    GiftView,
    ItemError,
    MoneyAmount,
    MoneyView,
    PageQuery,
    PublicId,
    Sku,
)

Text = Annotated[str, Meta(max_length=200)]
Codes = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=20)]
Tags = Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=20)]
Status = Literal[
    "pending", "confirmed", "allocated", "shipped", "delivered", "completed", "cancelled"
]


class NewBuyer(msgspec.Struct, forbid_unknown_fields=True):
    """Who gets the parcel. Stored sealed; answers show a masked name only."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    country: Country
    street: Text = ""
    city: Text = ""
    region: Text = ""
    postal_code: Text = ""
    phone: Text = ""
    email: Text = ""


class NewLine(msgspec.Struct, forbid_unknown_fields=True):
    """A SKU and how many. Give every line of an order a price, which then counts as it is, or none:

    then the listings' prices and the merchant's promotions count.
    """

    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=100_000)]
    unit_price: MoneyAmount | None = None


class NewOrder(msgspec.Struct, forbid_unknown_fields=True):
    """One order as the shopping app sends it; `external_ref` is the app's own id of it.

    `codes` are those the buyer entered; they need lines without prices. A code that gives nothing
    does not stop the order. `expected_total` is the total the buyer was shown: when another one is
    due the order is refused (409 `orders.price_changed`) and the answer says what the new one is made
    of. `is_follower` and `buyer_tags` are what the app knows of the buyer.
    """

    external_ref: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
    market: Country
    buyer: NewBuyer
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=100)]
    placed_at: Annotated[datetime, Meta(tz=True)]
    channel: Annotated[str, Meta(min_length=1, max_length=24, pattern="^[a-z0-9_.-]+$")] = "app"
    shipping: MoneyAmount | None = None
    content_ref: Annotated[str, Meta(max_length=64)] = ""
    store: PublicId | None = None
    reservation: Annotated[
        str, Meta(max_length=40, description="The cart's reservation, whose units it takes over")
    ] = ""
    shipping_method: Annotated[str, Meta(max_length=40)] = ""
    codes: Codes = []
    expected_total: MoneyAmount | None = None
    is_follower: bool = False
    buyer_tags: Tags = []


class NewOrders(msgspec.Struct, forbid_unknown_fields=True):
    """Orders to take; each is accepted or refused on its own."""

    orders: Annotated[list[NewOrder], Meta(min_length=1, max_length=MAX_ITEMS)]


class OrderReceipt(msgspec.Struct):
    """An accepted order; `is_new` is false when this reference was accepted before.

    `promotions` are those that gave something, `codes` what became of each code entered.
    """

    id: str
    number: str
    external_ref: str
    status: str
    total: MoneyView
    is_new: bool
    promotions: list[AppliedView]
    gifts: list[GiftView]
    codes: list[CodeView]


class OrderOutcome(msgspec.Struct):
    """What became of one order of a batch."""

    index: int
    external_ref: str
    order: OrderReceipt | None
    error: ItemError | None


class OrderOutcomes(msgspec.Struct):
    """What became of each order, in the order sent."""

    accepted: int
    refused: int
    items: list[OrderOutcome]


class BuyerLabel(msgspec.Struct):
    """The buyer as everybody may see it."""

    name: Annotated[str, Meta(examples=["Jonas W."])]
    country: str


class BuyerView(msgspec.Struct):
    """The buyer's name and address; reading them is recorded."""

    name: str
    country: str
    street: str
    city: str
    region: str
    postal_code: str
    phone: str
    email: str


class LineView(msgspec.Struct):
    """One line of an order."""

    position: int
    sku: str
    title: str
    quantity: int
    unit_price: MoneyView
    discount: MoneyView
    total: MoneyView
    shipped_at: datetime | None


class HoldView(msgspec.Struct):
    """A reason why the order may not ship now."""

    id: str
    kind: str
    reason: str
    placed_at: datetime


class OrderView(msgspec.Struct):
    """An order with its lines and open holds."""

    id: str
    number: str
    channel: str
    external_ref: str
    content_ref: str
    market: str
    status: str
    model: str
    items: MoneyView
    shipping: MoneyView
    discount: MoneyView
    total: MoneyView
    buyer: BuyerLabel
    lines: list[LineView]
    holds: list[HoldView]
    placed_at: datetime
    ship_by_at: datetime
    confirmed_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    cancel_code: str
    cancelled_by: str
    tags: list[str]


class OrderPage(msgspec.Struct):
    """One page of orders."""

    items: list[OrderView]
    next_cursor: str | None


Word = Annotated[str, Meta(max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]
Amount = Annotated[str, Meta(max_length=18, pattern=r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,3})?$")]


class OrderQuery(PageQuery, forbid_unknown_fields=True):
    """Which orders."""

    status: tuple[Status, ...] = ()
    market: tuple[Country, ...] = ()
    on_hold: bool = False
    hold: tuple[Annotated[str, Meta(min_length=1, max_length=32)], ...] = ()
    model: Literal["direct", "overseas", "custody"] | None = None
    store: Word = ""
    channel: Word = ""
    content: Annotated[str, Meta(max_length=64, description="Live or video id")] = ""
    country: Country | None = None
    tag: Annotated[str, Meta(max_length=32)] = ""
    currency: Currency | None = None
    total_min: Amount | None = None
    total_max: Amount | None = None
    placed_from: Moment | None = None
    placed_before: Moment | None = None
    due_from: Moment | None = None
    due_before: Moment | None = None
    search: Annotated[
        str,
        Meta(
            max_length=100,
            description="Exact number, reference, id, SKU, or the buyer's whole e-mail or phone",
        ),
    ] = ""
    sort: Literal["placed", "-placed", "due", "-due", "total", "-total"] = "-placed"


class Cancellation(msgspec.Struct, forbid_unknown_fields=True):
    """Why an order is cancelled, in words and as one of the merchant's coded reasons."""

    reason: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    code: Literal[
        "out_of_stock", "damaged", "pricing_error", "cannot_deliver", "buyer_asked", "other"
    ] = "other"
