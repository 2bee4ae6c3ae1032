"""Shipments to a warehouse, what was counted and put away of them, and what differed."""

from __future__ import annotations

from apps.inbound.models.documents import (
    InboundAmendment,
    InboundDiscrepancy,
    InboundPutaway,
    InboundPutawayLine,
    InboundReceipt,
    InboundReceiptLine,
)
from apps.inbound.models.shipments import (
    InboundCarton,
    InboundCartonLine,
    InboundLine,
    InboundShipment,
)

__all__ = [
    "InboundAmendment",
    "InboundCarton",
    "InboundCartonLine",
    "InboundDiscrepancy",
    "InboundLine",
    "InboundPutaway",
    "InboundPutawayLine",
    "InboundReceipt",
    "InboundReceiptLine",
    "InboundShipment",
]
