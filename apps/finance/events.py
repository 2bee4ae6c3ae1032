"""Names of the events finance emits and of those from fulfilment it listens to."""

from __future__ import annotations

PAYABLE_RELEASED = "finance.payable_released"

# Fulfilment stands on the same floor and is never imported; the names are the contract.
SHIPMENT_CREATED = "shipment.created"
SHIPMENT_VOIDED = "shipment.voided"
