"""Reads of stock."""

from __future__ import annotations

from apps.inventory.selectors.history import Step, page_of_history
from apps.inventory.selectors.stock import (
    find_balance,
    find_newest_postings,
    find_safety_units,
    find_wrong_balances,
    find_wrong_lots,
    get_node,
    get_reservation,
    list_allocations,
    list_balances,
    list_lots,
    list_nodes,
    list_supplies,
    sum_stock,
)

__all__ = [
    "Step",
    "find_balance",
    "find_newest_postings",
    "find_safety_units",
    "find_wrong_balances",
    "find_wrong_lots",
    "get_node",
    "get_reservation",
    "list_allocations",
    "list_balances",
    "list_lots",
    "list_nodes",
    "list_supplies",
    "page_of_history",
    "sum_stock",
]
