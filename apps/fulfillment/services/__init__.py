"""Writes of fulfilment: shipments and their numbers, dividing, hand-over, void, tracking, cases."""

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
from apps.fulfillment.services.case_actions import (
    Claim,
    add_note,
    add_paper,
    add_weight,
    file_claim,
    open_case,
    resolve_case,
    take_dossier,
)
from apps.fulfillment.services.codes import map_unknown_code, start_refold
from apps.fulfillment.services.dividing import divide_shipment
from apps.fulfillment.services.handover import hand_over, hand_over_orders, void_shipment
from apps.fulfillment.services.printing import print_labels
from apps.fulfillment.services.routing import create_shipments
from apps.fulfillment.services.tracking import record_tracking

__all__ = [
    "BOOKING_KIND",
    "Claim",
    "add_note",
    "add_paper",
    "add_weight",
    "adopt_booking",
    "booking_of",
    "build_request",
    "buy_label",
    "create_shipments",
    "divide_shipment",
    "file_claim",
    "forget_erased_labels",
    "hand_over",
    "hand_over_orders",
    "map_unknown_code",
    "open_case",
    "print_labels",
    "quote_request",
    "record_tracking",
    "resolve_case",
    "start_refold",
    "take_dossier",
    "use_own_line",
    "void_shipment",
]
