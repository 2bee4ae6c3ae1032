"""Shipments, parcels, and what carriers say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MAX_ITEMS, ItemError, MoneyView, PageQuery

Status = Literal[
    "quoted",
    "booked",
    "tendered",
    "in_transit",
    "delivered",
    "returning",
    "returned",
    "disposed",
    "lost",
    "voided",
]


class TrackingView(msgspec.Struct):
    """One thing a carrier reported; `status` is the portal's word for the carrier's code."""

    status: str
    code: str
    occurred_at: datetime
    location: str
    description: str


class ParcelView(msgspec.Struct):
    """One box with its own number and label."""

    id: str
    tracking_number: str
    weight_g: int
    status: str
    tracking_status: str
    last_event_at: datetime | None
    delivered_at: datetime | None
    # One half, and nine of ten parcels like it, arrive by then; null while nothing is known.
    eta_p50_at: datetime | None
    eta_p90_at: datetime | None


class ShipmentView(msgspec.Struct):
    """What leaves one node for one order."""

    id: str
    order_id: str
    order_number: str
    node: str
    model: str
    service: str
    carrier: str
    status: str
    ship_to_country: str
    postage: MoneyView
    parcels: list[ParcelView]
    ship_by_at: datetime
    created_at: datetime
    tendered_at: datetime | None
    delivered_at: datetime | None
    # The buyer's public page; it needs no key and shows no name.
    tracking_url: str


class DividedShipment(msgspec.Struct):
    """The two shipments that take the place of one."""

    divided: ShipmentView
    rest: ShipmentView


class ShipmentDetail(ShipmentView):
    """A shipment with everything its carrier reported, the latest first."""

    events: list[TrackingView]


class ShipmentPage(msgspec.Struct):
    """One page of shipments, the newest first."""

    items: list[ShipmentView]
    next_cursor: str | None


class ShipmentQuery(PageQuery, forbid_unknown_fields=True):
    """Which shipments."""

    status: tuple[Status, ...] = ()
    order: Annotated[str, Meta(max_length=40, description="Id or number of an order")] = ""


class NewTracking(msgspec.Struct, forbid_unknown_fields=True):
    """One carrier event; `source` names the table of codes, `api` takes the portal's statuses."""

    tracking_number: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]
    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    location: Annotated[str, Meta(max_length=120)] = ""
    description: Annotated[str, Meta(max_length=300)] = ""
    source: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[a-z0-9_.-]+$")] = "api"
    event_id: Annotated[
        str, Meta(max_length=80, description="The source's own id: a repeat is the same event")
    ] = ""


class NewTrackings(msgspec.Struct, forbid_unknown_fields=True):
    """Events to take; each is taken or refused on its own, in any order, repeats change nothing."""

    events: Annotated[list[NewTracking], Meta(min_length=1, max_length=MAX_ITEMS)]


class TrackingResult(msgspec.Struct):
    """What became of one event; `is_new` is false for a repeat."""

    index: int
    tracking_number: str
    status: str | None
    is_new: bool
    error: ItemError | None


class TrackingResults(msgspec.Struct):
    """What became of each event, in the order sent."""

    items: list[TrackingResult]
