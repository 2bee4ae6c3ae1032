"""Writes of fulfilment: shipments and their numbers, dividing, hand-over, void, tracking."""

from __future__ import annotations

from apps.fulfillment.services.codes import map_unknown_code, start_refold
from apps.fulfillment.services.dividing import divide_shipment
from apps.fulfillment.services.handover import hand_over, hand_over_orders, void_shipment
from apps.fulfillment.services.printing import print_labels
from apps.fulfillment.services.routing import create_shipments
from apps.fulfillment.services.tracking import record_tracking

__all__ = [
    "create_shipments",
    "divide_shipment",
    "hand_over",
    "hand_over_orders",
    "map_unknown_code",
    "print_labels",
    "record_tracking",
    "start_refold",
    "void_shipment",
]
