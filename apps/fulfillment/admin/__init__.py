"""Fulfilment in the Django admin."""

from __future__ import annotations

from apps.fulfillment.admin.cases import ExceptionCaseAdmin, LegStatisticAdmin
from apps.fulfillment.admin.codes import CarrierCodeAdmin, CodeMappingAdmin
from apps.fulfillment.admin.shipments import (
    NumberRangeAdmin,
    ParcelAdmin,
    ShipmentAdmin,
    TrackingEventAdmin,
)

__all__ = [
    "CarrierCodeAdmin",
    "CodeMappingAdmin",
    "ExceptionCaseAdmin",
    "LegStatisticAdmin",
    "NumberRangeAdmin",
    "ParcelAdmin",
    "ShipmentAdmin",
    "TrackingEventAdmin",
]
