"""Parts that many answers share."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from apps.common.money import precision

Count = Annotated[int, Meta(ge=0, le=100_000_000)]
Country = Annotated[str, Meta(min_length=2, max_length=2, pattern="^[A-Z]{2}$")]
Currency = Annotated[str, Meta(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
PublicId = Annotated[str, Meta(min_length=1, max_length=40)]
Sku = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
MAX_ITEMS = 500


class MoneyAmount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exact amount: decimal text with at most the currency's digits, and ISO 4217."""

    amount: Annotated[
        str,
        Meta(max_length=18, pattern=r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,3})?$", examples=["49.00"]),
    ]
    currency: Currency


class MoneyView(msgspec.Struct, frozen=True):
    """An exact amount: decimal text with the currency's digits, and ISO 4217."""

    amount: Annotated[str, Meta(examples=["49.00"])]
    currency: str


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which page of a list."""

    cursor: Annotated[str, Meta(max_length=200, description="`next_cursor` of the page before")] = (
        ""
    )
    limit: Annotated[int, Meta(ge=1, le=200, description="Rows per page")] = 50


class AppliedView(msgspec.Struct):
    """What a promotion gave, off the goods and off the shipping fee; the platform pays a part of it."""

    promotion: str
    name: str
    goods: MoneyView
    shipping: MoneyView
    platform: MoneyView


class RefusedView(msgspec.Struct):
    """Why a promotion gave nothing, or (`is_partial`) less than it says; `code` is stable."""

    promotion: str
    name: str
    code: str
    detail: str
    is_partial: bool


class GiftView(msgspec.Struct):
    """Units that come for nothing."""

    promotion: str
    sku: str
    quantity: int


class CodeView(msgspec.Struct):
    """What became of a code: `reason` is empty when it gave something, else a stable code."""

    code: str
    promotions: list[str]
    reason: str
    detail: str


class PriceChangeView(msgspec.Struct):
    """The total the buyer was shown, the total now, and what it is made of."""

    shown_total: MoneyView
    due_total: MoneyView
    applied: list[AppliedView]
    refused: list[RefusedView]
    codes: list[CodeView]


class ErrorItem(msgspec.Struct):
    """One thing that is wrong; `attr` is the path of the field, if there is one."""

    code: str
    detail: str
    attr: str | None


class ErrorAnswer(msgspec.Struct):
    """Why a call was refused; `price` comes with `orders.price_changed`."""

    type: Annotated[str, Meta(examples=["client_error", "validation_error", "server_error"])]
    errors: list[ErrorItem]
    price: PriceChangeView | UnsetType = UNSET


class ItemError(msgspec.Struct):
    """Why one item of a batch was refused; `fields` maps paths inside the item to sentences.

    `price` comes with `orders.price_changed`.
    """

    code: str
    detail: str
    fields: dict[str, str] = {}
    price: PriceChangeView | UnsetType = UNSET


def money_view(minor: int, currency: str) -> MoneyView:
    """Return minor units as the API writes money."""
    digits = precision(currency)
    if not digits:
        return MoneyView(str(minor), currency)
    whole, part = divmod(abs(minor), 10**digits)
    return MoneyView(f"{'-' if minor < 0 else ''}{whole}.{part:0{digits}d}", currency)
