"""Writes of fulfilment: shipments and their numbers, dividing, hand-over, void, tracking."""

from __future__ import annotations

from apps.fulfillment.services.buying import (
    BOOKING_KIND,
    adopt_booking,
    booking_of,
    build_request,
    buy_label,
    forget_erased_labels,
    quote_request,
    use_own_line,
)
from apps.fulfillment.services.dividing import divide_shipment
from apps.fulfillment.services.handover import hand_over, hand_over_orders, void_shipment
from apps.fulfillment.services.printing import print_labels
from apps.fulfillment.services.routing import create_shipments
from apps.fulfillment.services.tracking import record_tracking

__all__ = [
    "BOOKING_KIND",
    "adopt_booking",
    "booking_of",
    "build_request",
    "buy_label",
    "create_shipments",
    "divide_shipment",
    "forget_erased_labels",
    "hand_over",
    "hand_over_orders",
    "print_labels",
    "quote_request",
    "record_tracking",
    "use_own_line",
    "void_shipment",
]
