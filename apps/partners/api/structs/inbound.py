"""Deliveries to warehouses: announced, counted in, put away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MAX_ITEMS, PageQuery, Sku
from apps.partners.api.structs.stock import NodeName, Note, Reference

Status = Literal[
    "draft",
    "submitted",
    "accepted",
    "rejected",
    "appointed",
    "in_transit",
    "arrived",
    "receiving",
    "paused",
    "received",
    "inspecting",
    "putaway",
    "reconciling",
    "closed",
    "cancelled",
    "expired",
]
Condition = Literal["good", "damaged", "rejected"]
Lot = Annotated[str, Meta(max_length=40, description="Code of the lot")]
Units = Annotated[int, Meta(ge=1, le=1_000_000)]
Some = Annotated[int, Meta(ge=0, le=1_000_000)]
Text = Annotated[str, Meta(max_length=60)]
Why = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]


class NewInboundLine(msgspec.Struct, forbid_unknown_fields=True):
    """Units of a SKU; those with an end name their lot and the day it ends."""

    sku: Sku
    quantity: Units
    cartons: Some = 0
    lot: Lot = ""
    expires_on: date | None = None


class CartonItem(msgspec.Struct, forbid_unknown_fields=True):
    """Units of a line that are in a carton."""

    sku: Sku
    quantity: Units
    lot: Lot = ""


class NewCarton(msgspec.Struct, forbid_unknown_fields=True):
    """A carton and what is in it; scanning its SSCC counts all of it in."""

    items: Annotated[list[CartonItem], Meta(min_length=1, max_length=100)]
    sscc: Annotated[
        str, Meta(max_length=18, pattern="^([0-9]{18})?$", description="18 digits with check digit")
    ] = ""


class NewInbound(msgspec.Struct, forbid_unknown_fields=True):
    """A delivery to a warehouse; `expected_on` is a day there. `submit` announces it at once."""

    node: NodeName
    expected_on: date
    lines: Annotated[list[NewInboundLine], Meta(min_length=1, max_length=MAX_ITEMS)]
    reference: Annotated[str, Meta(max_length=40, description="Your own; empty: we make one")] = ""
    carrier: Text = ""
    tracking_number: Text = ""
    note: Note = ""
    cartons: Annotated[list[NewCarton], Meta(max_length=1000)] = []
    submit: bool = False


class InboundQuery(PageQuery, forbid_unknown_fields=True):
    """Which deliveries."""

    status: Status | Literal[""] = ""
    node: Annotated[str, Meta(max_length=40, description="Id or code of a node")] = ""
    reference: Annotated[str, Meta(max_length=40)] = ""


class InboundReason(msgspec.Struct, forbid_unknown_fields=True):
    """Why; the other side reads it."""

    reason: Why


class InboundDecision(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the warehouse takes it; a rejection says why."""

    decision: Literal["accept", "reject"]
    reason: Note = ""


class NewAppointment(msgspec.Struct, forbid_unknown_fields=True):
    """When it comes to the gate."""

    at: Annotated[datetime, Meta(tz=True)]
    dock: Annotated[str, Meta(max_length=40)] = ""


class NewAmendment(msgspec.Struct, forbid_unknown_fields=True):
    """How many units of a line (by its position) will come."""

    position: Annotated[int, Meta(ge=1, le=65_535)]
    quantity: Some
    reason: Why


class ScannedItem(msgspec.Struct, forbid_unknown_fields=True):
    """A SKU, a GTIN or the SSCC of a carton, whose quantity is what is in it."""

    code: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
    quantity: Units = 1
    condition: Condition = "good"
    lot: Lot = ""
    note: Note = ""


class NewReceipt(msgspec.Struct, forbid_unknown_fields=True):
    """Units that were counted in, all or nothing, once per `reference`."""

    reference: Reference
    items: Annotated[list[ScannedItem], Meta(min_length=1, max_length=200)]


class EndOfCount(msgspec.Struct, forbid_unknown_fields=True):
    """What the warehouse says about what is missing."""

    note: Note = ""


class ShelvedLine(msgspec.Struct, forbid_unknown_fields=True):
    """Where units of a line (by its position) went."""

    position: Annotated[int, Meta(ge=1, le=65_535)]
    shelved: Some = 0
    damaged: Some = 0
    rejected: Some = 0
    note: Note = ""


class NewPutaway(msgspec.Struct, forbid_unknown_fields=True):
    """Units that left inspection, once per `reference`."""

    reference: Reference
    lines: Annotated[list[ShelvedLine], Meta(min_length=1, max_length=MAX_ITEMS)]


class InboundLineView(msgspec.Struct):
    """A line; `received` are all units that came, `waiting` are neither shelved nor set apart."""

    position: int
    sku: str
    lot: str
    expires_on: date | None
    cartons: int
    announced: int
    expected: int
    received: int
    accepted: int
    damaged: int
    rejected: int
    waiting: int
    over: int
    short: int


class DiscrepancyView(msgspec.Struct):
    """How a line differs, how many units are tolerated, what was said, and the answer."""

    id: str
    position: int
    sku: str
    kind: str
    units: int
    allowed: int
    rules_version: str
    said: str
    status: str
    answer: str


class CartonView(msgspec.Struct):
    """A carton and whether it was counted in."""

    number: int
    sscc: str
    is_received: bool
    items: list[CartonItem]


class InboundHead(msgspec.Struct):
    """A delivery without its lines."""

    id: str
    reference: str
    node: str
    status: str
    expected_on: date
    carrier: str
    tracking_number: str
    note: str
    reason: str
    appointment_at: datetime | None
    dock: str
    expires_at: datetime | None
    tolerance_percent: int
    tolerance_units: int
    submitted_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    ended_at: datetime | None


class InboundView(InboundHead):
    """A delivery with its lines, cartons and differences."""

    lines: list[InboundLineView]
    cartons: list[CartonView]
    discrepancies: list[DiscrepancyView]


class InboundPage(msgspec.Struct):
    """One page of deliveries, the newest first."""

    items: list[InboundHead]
    next_cursor: str | None
