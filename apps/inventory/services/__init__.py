"""Writes of stock. Every quantity that changes has a posting that says why."""

from __future__ import annotations

from apps.inventory.services.adjusting import Change, adjust_stock, count_stock, transfer_stock
from apps.inventory.services.counting import Count, Counted, set_available, set_many
from apps.inventory.services.lots import book_lots, receive_lot, shelve_lot
from apps.inventory.services.moving import Movement, StockShortError, move, receive_stock
from apps.inventory.services.nodes import create_node
from apps.inventory.services.policies import (
    AllocationDraft,
    allocate_stock,
    keep_back,
    use_allocations,
)
from apps.inventory.services.reserving import (
    Cart,
    CartLine,
    convert_reservations,
    release_reservation,
    reserve_cart,
)
from apps.inventory.services.steps import UnitStep, move_units, move_what_is_left

__all__ = [
    "AllocationDraft",
    "Cart",
    "CartLine",
    "Change",
    "Count",
    "Counted",
    "Movement",
    "StockShortError",
    "UnitStep",
    "adjust_stock",
    "allocate_stock",
    "book_lots",
    "convert_reservations",
    "count_stock",
    "create_node",
    "keep_back",
    "move",
    "move_units",
    "move_what_is_left",
    "receive_lot",
    "receive_stock",
    "release_reservation",
    "reserve_cart",
    "set_available",
    "set_many",
    "shelve_lot",
    "transfer_stock",
    "use_allocations",
]
