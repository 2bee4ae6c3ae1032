"""Names of the events fulfilment emits. Payloads hold facts and ids, never personal data."""

from __future__ import annotations

SHIPMENT_CREATED = "shipment.created"
SHIPMENT_TENDERED = "shipment.tendered"
SHIPMENT_DELIVERED = "shipment.delivered"
SHIPMENT_VOIDED = "shipment.voided"
LABEL_BOUGHT = "shipment.label_bought"
LABEL_PRINTED = "shipment.label_printed"
TRACKING_RECORDED = "tracking.recorded"
TRACKING_REFOLDED = "tracking.refolded"
CODE_MAPPED = "carrier_code.mapped"
EXCEPTION_OPENED = "exception.opened"
EXCEPTION_CHANGED = "exception.changed"
EXCEPTION_RESOLVED = "exception.resolved"
