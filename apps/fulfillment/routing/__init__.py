"""Finding the way of a shipment: which service, what it costs, when it leaves, and why no other."""

from __future__ import annotations

from apps.fulfillment.routing.deciding import (
    NO_ROUTE_HOLD,
    Choice,
    NoRouteError,
    choose_route,
    quote_parcel,
    replay,
)
from apps.fulfillment.routing.record import StoredLeg, StoredOption, StoredPart, read_options

__all__ = [
    "NO_ROUTE_HOLD",
    "Choice",
    "NoRouteError",
    "StoredLeg",
    "StoredOption",
    "StoredPart",
    "choose_route",
    "quote_parcel",
    "read_options",
    "replay",
]
