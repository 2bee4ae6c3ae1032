"""Changes of orders: units, fees, splitting, joining, and requests to cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MoneyAmount, MoneyView, PageQuery, PublicId, Sku

Note = Annotated[str, Meta(max_length=300)]
MerchantReason = Literal[
    "out_of_stock", "damaged", "pricing_error", "cannot_deliver", "buyer_asked", "other"
]
Reason = Literal[
    "changed_mind",
    "ordered_twice",
    "wrong_address",
    "too_slow",
    "out_of_stock",
    "damaged",
    "pricing_error",
    "cannot_deliver",
    "buyer_asked",
    "other",
]
RequestState = Literal["open", "accepted", "refused", "lapsed", "moot"]


class LineUnits(msgspec.Struct, forbid_unknown_fields=True):
    """How many units of the line at a position."""

    position: Annotated[int, Meta(ge=1, le=30_000)]
    quantity: Annotated[int, Meta(ge=1, le=100_000)]


Units = Annotated[list[LineUnits], Meta(min_length=1, max_length=100)]


class UnitsCancellation(msgspec.Struct, forbid_unknown_fields=True):
    """Which units to cancel, and why."""

    lines: Units
    code: MerchantReason
    note: Note = ""


class NewFee(msgspec.Struct, forbid_unknown_fields=True):
    """The shipping fee from now on; not above the one agreed."""

    shipping: MoneyAmount
    note: Note = ""


class Swap(msgspec.Struct, forbid_unknown_fields=True):
    """Another variant of the same product for the line at a position."""

    position: Annotated[int, Meta(ge=1, le=30_000)]
    sku: Sku
    note: Note = ""


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """Which units get an order of their own; the fee is shared by value unless given."""

    lines: Units
    shipping: MoneyAmount | None = None
    note: Note = ""


class Join(msgspec.Struct, forbid_unknown_fields=True):
    """The order to join with."""

    order: PublicId
    note: Note = ""


class Division(msgspec.Struct, forbid_unknown_fields=True):
    """Which units of a shipment leave apart."""

    lines: Units


class ChangeView(msgspec.Struct):
    """One change and what it did to the amounts; negative money goes back to the buyer.

    `kind` is `units`, `shipping`, `swap`, `split_off` or `joined`.
    """

    id: str
    kind: str
    code: str
    note: str
    items: MoneyView
    shipping: MoneyView
    discount: MoneyView
    total: MoneyView
    other_order: str | None
    made_at: datetime


class RelatedOrder(msgspec.Struct):
    """An order of the same family."""

    id: str
    number: str
    status: str
    relation: Literal["parent", "child", "joined_into", "joined"]


class OrderHistory(msgspec.Struct):
    """What was changed about an order, the newest first, and its family."""

    changes: list[ChangeView]
    family: list[RelatedOrder]


class BorderView(msgspec.Struct):
    """What the border takes one way, and by which rule rows."""

    duty: MoneyView
    charges: MoneyView
    tariff_lines: int
    rules: list[str]


class JoinProposal(msgspec.Struct):
    """An order that can be joined.

    `better` is `together`, `apart` or `same`, and empty where the duty cannot be worked out.
    """

    id: str
    number: str
    placed_at: datetime
    together: BorderView | None
    apart: BorderView | None
    better: str
    why_not: str


class JoinProposals(msgspec.Struct):
    """The orders that can be joined with this one."""

    items: list[JoinProposal]


class NewCancelRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants an order cancelled, and why; a party can give its own reasons only."""

    party: Literal["buyer", "merchant"]
    code: Reason
    note: Note = ""


class CancelRefusal(msgspec.Struct, forbid_unknown_fields=True):
    """Why a request to cancel is refused; the buyer reads it."""

    note: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]


class CancelRequestView(msgspec.Struct):
    """A request to cancel; an open one is granted by itself at `answer_by_at`."""

    id: str
    order: str
    order_number: str
    party: str
    code: str
    note: str
    status: str
    asked_at: datetime
    answer_by_at: datetime
    answered_at: datetime | None
    answer_note: str


class CancelRequestQuery(PageQuery, forbid_unknown_fields=True):
    """Which requests."""

    status: RequestState | Literal[""] = ""


class CancelRequestPage(msgspec.Struct):
    """One page of requests, the newest first."""

    items: list[CancelRequestView]
    next_cursor: str | None
