"""Stock moved by hand, sent elsewhere, held for carts, and its history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MAX_ITEMS, Country, PageQuery, Sku

NodeName = Annotated[str, Meta(min_length=1, max_length=40, description="Id or code of a node")]
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"\S",
        description="Your own id of it: sent twice, it happens once",
    ),
]
Units = Annotated[int, Meta(ge=1, le=100_000_000)]
Note = Annotated[str, Meta(max_length=300)]
Reason = Literal[
    "received",
    "expected",
    "not_coming",
    "arrived",
    "damage",
    "repair",
    "loss",
    "found",
    "write_off",
    "inspect",
    "quarantine",
    "release",
    "return",
    "bond",
]
Condition = Literal[
    "outside",
    "inbound",
    "qc_hold",
    "available",
    "in_transit",
    "damaged",
    "quarantined",
    "customs_bonded",
    "lost",
    "disposed",
]


class AdjustedItem(msgspec.Struct, forbid_unknown_fields=True):
    """Units of a SKU at a node."""

    sku: Sku
    node: NodeName
    quantity: Units


class NewAdjustment(msgspec.Struct, forbid_unknown_fields=True):
    """Units to move from one condition to another; `outside` is neither on a shelf nor coming."""

    reference: Reference
    reason: Reason
    source: Condition
    target: Condition
    items: Annotated[list[AdjustedItem], Meta(min_length=1, max_length=MAX_ITEMS)]
    note: Note = ""


class TransferItem(msgspec.Struct, forbid_unknown_fields=True):
    """Units of a SKU to send."""

    sku: Sku
    quantity: Units


class NewTransfer(msgspec.Struct, forbid_unknown_fields=True):
    """Available units to send from one node to another."""

    reference: Reference
    source: NodeName
    target: NodeName
    items: Annotated[list[TransferItem], Meta(min_length=1, max_length=MAX_ITEMS)]
    note: Note = ""


class AdjustmentView(msgspec.Struct):
    """What was done to stock by hand."""

    id: str
    reference: str
    reason: str
    note: str
    made_at: datetime


class HistoryQuery(PageQuery, forbid_unknown_fields=True):
    """Which page of the history of which place."""

    node: Annotated[str, Meta(max_length=40, description="Needed where several nodes hold it")] = ""


class MovementView(msgspec.Struct):
    """One movement, with the units in every condition after it."""

    occurred_at: datetime
    reason: str
    source: str
    target: str
    quantity: int
    reference: str
    note: str
    after: dict[str, int]


class HistoryPage(msgspec.Struct):
    """One page of movements, the newest first."""

    sku: str
    node: str
    items: list[MovementView]
    next_cursor: str | None


class ReservedLine(msgspec.Struct, forbid_unknown_fields=True):
    """A SKU and how many units to hold."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=100_000)]


class NewReservation(msgspec.Struct, forbid_unknown_fields=True):
    """What a cart or checkout wants held; `reference` is the channel's own id of the cart."""

    reference: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
    market: Country
    lines: Annotated[list[ReservedLine], Meta(min_length=1, max_length=100)]
    channel: Annotated[str, Meta(min_length=1, max_length=24, pattern="^[a-z0-9_.-]+$")] = "app"
    ttl_seconds: Annotated[int, Meta(ge=60, le=3600)] = 900


class HeldLine(msgspec.Struct):
    """Units that are held at a node."""

    sku: str
    node: str
    quantity: int


class ReservationView(msgspec.Struct):
    """A cart's reservation; `order_ref` is the `external_ref` of the order that took it over."""

    id: str
    reference: str
    channel: str
    market: str
    status: str
    expires_at: datetime
    order_ref: str
    lines: list[HeldLine]
