"""Writes of orders: intake, life cycle, changes, holds, notes and saved views."""

from __future__ import annotations

from apps.orders.services.cancelling import accept_request, ask_to_cancel, refuse_request
from apps.orders.services.edits import change_shipping, swap_variant
from apps.orders.services.holds import place_hold, release_hold
from apps.orders.services.intake import place_order, place_orders
from apps.orders.services.lifecycle import (
    allocate_order,
    cancel_order,
    complete_order,
    confirm_order,
    deliver_order,
    ship_lines,
    ship_order,
)
from apps.orders.services.merging import merge_orders, undo_merge
from apps.orders.services.splitting import split_order
from apps.orders.services.units import cancel_units

__all__ = [
    "accept_request",
    "allocate_order",
    "ask_to_cancel",
    "cancel_order",
    "cancel_units",
    "change_shipping",
    "complete_order",
    "confirm_order",
    "deliver_order",
    "merge_orders",
    "place_hold",
    "place_order",
    "place_orders",
    "refuse_request",
    "release_hold",
    "ship_lines",
    "ship_order",
    "split_order",
    "swap_variant",
    "undo_merge",
]
