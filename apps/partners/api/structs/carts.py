"""Carts: what somebody wants to buy, and what it costs under the promotions of the moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import (
    AppliedView,
    CodeView,
    Country,
    GiftView,
    MoneyAmount,
    MoneyView,
    RefusedView,
    Sku,
)
from apps.partners.api.structs.orders import Codes, Tags


class NewCartLine(msgspec.Struct, forbid_unknown_fields=True):
    """A SKU and how many."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=100_000)]


class NewCart(msgspec.Struct, forbid_unknown_fields=True):
    """A cart to price; the same facts as in the order that may follow.

    `buyer_contact` is the e-mail address, else the phone number, else the name the order would carry:
    with it, prices for a first order and limits per buyer are right. It is not kept. `language` is
    that of the sentences in the answer.
    """

    market: Country
    lines: Annotated[list[NewCartLine], Meta(min_length=1, max_length=100)]
    country: Annotated[str, Meta(max_length=2, pattern="^([A-Z]{2})?$")] = ""
    channel: Annotated[str, Meta(min_length=1, max_length=24, pattern="^[a-z0-9_.-]+$")] = "app"
    content_ref: Annotated[str, Meta(max_length=64)] = ""
    shipping: MoneyAmount | None = None
    shipping_method: Annotated[str, Meta(max_length=40)] = ""
    codes: Codes = []
    buyer_contact: Annotated[str, Meta(max_length=200)] = ""
    is_follower: bool = False
    buyer_tags: Tags = []
    language: Literal["en", "zh-hans"] = "en"


class CartLineView(msgspec.Struct):
    """A line of the cart: the listing's price of a unit, what is taken off the line, and its total."""

    position: int
    sku: str
    quantity: int
    unit_price: MoneyView
    discount: MoneyView
    total: MoneyView


class CartStepView(msgspec.Struct):
    """One line of the arithmetic: `amount` is what was taken off `base` at `rate`."""

    promotion: str
    what: str
    base: int
    rate: str
    amount: int


class CartQuoteView(msgspec.Struct):
    """What the cart costs now, why, and what became of each code.

    `program` is the version of the promotions: while it stays, only time and use change a price.
    `trace` is the arithmetic in minor units. Nothing is kept, reserved or counted; gifts come while
    there is stock.
    """

    market: str
    currency: str
    lines: list[CartLineView]
    items: MoneyView
    shipping: MoneyView
    discount: MoneyView
    shipping_discount: MoneyView
    total: MoneyView
    applied: list[AppliedView]
    refused: list[RefusedView]
    gifts: list[GiftView]
    codes: list[CodeView]
    trace: list[CartStepView]
    program: str
    priced_at: datetime
