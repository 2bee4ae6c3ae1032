"""The compiled network: services, lanes, cards, cut-offs, capacities, restrictions, boxes. Pure."""

from __future__ import annotations

from apps.logistics.network.book import Network, compile_network
from apps.logistics.network.demand import Demand, Goods
from apps.logistics.network.options import Option, Refusal, list_options
from apps.logistics.network.rows import (
    Capacity,
    CutOff,
    Lane,
    Leg,
    Restriction,
    Service,
    Versioned,
    check_row,
)

__all__ = [
    "Capacity",
    "CutOff",
    "Demand",
    "Goods",
    "Lane",
    "Leg",
    "Network",
    "Option",
    "Refusal",
    "Restriction",
    "Service",
    "Versioned",
    "check_row",
    "compile_network",
    "list_options",
]
