"""Writes of orders: intake, life cycle, holds, notes and saved views."""

from __future__ import annotations

from apps.orders.services.holds import place_hold, release_hold
from apps.orders.services.intake import place_order, place_orders
from apps.orders.services.lifecycle import (
    allocate_order,
    cancel_order,
    complete_order,
    confirm_order,
    deliver_order,
    ship_order,
)

__all__ = [
    "allocate_order",
    "cancel_order",
    "complete_order",
    "confirm_order",
    "deliver_order",
    "place_hold",
    "place_order",
    "place_orders",
    "release_hold",
    "ship_order",
]
