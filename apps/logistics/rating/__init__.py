"""Rate cards: what a shipment costs on billable weight, exactly and with a trace. Pure."""

from __future__ import annotations

from apps.logistics.rating.card import Card, NoPrice, Part, Rated, compile_card
from apps.logistics.rating.facts import Measured
from apps.logistics.rating.weight import Billable, Weighing, compile_weighing

__all__ = [
    "Billable",
    "Card",
    "Measured",
    "NoPrice",
    "Part",
    "Rated",
    "Weighing",
    "compile_card",
    "compile_weighing",
]
