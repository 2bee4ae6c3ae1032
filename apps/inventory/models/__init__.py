"""Where stock stands, every movement that made it so, and what is held or kept back from sale."""

from __future__ import annotations

from apps.inventory.models.lots import StockLot, StockLotBook, StockLotEntry
from apps.inventory.models.policies import SafetyStock, StockAllocation
from apps.inventory.models.reservations import StockReservation, StockReservationLine
from apps.inventory.models.stock import (
    Node,
    StockAdjustment,
    StockBalance,
    StockBucket,
    StockPosting,
)
from apps.inventory.states import Disposition

__all__ = [
    "Disposition",
    "Node",
    "SafetyStock",
    "StockAdjustment",
    "StockAllocation",
    "StockBalance",
    "StockBucket",
    "StockLot",
    "StockLotBook",
    "StockLotEntry",
    "StockPosting",
    "StockReservation",
    "StockReservationLine",
]
