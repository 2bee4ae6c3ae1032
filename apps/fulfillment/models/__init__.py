"""Shipments, their parcels, why they travel as they do, and what carriers said about them."""

from __future__ import annotations

from apps.fulfillment.models.cases import CaseEvidence, ExceptionCase
from apps.fulfillment.models.codes import CarrierCode, CodeMapping
from apps.fulfillment.models.learning import LegStatistic
from apps.fulfillment.models.routing import RouteDecision
from apps.fulfillment.models.shipments import NumberRange, Parcel, Shipment, ShipmentLine
from apps.fulfillment.models.tracking import TrackingEvent

__all__ = [
    "CarrierCode",
    "CaseEvidence",
    "CodeMapping",
    "ExceptionCase",
    "LegStatistic",
    "NumberRange",
    "Parcel",
    "RouteDecision",
    "Shipment",
    "ShipmentLine",
    "TrackingEvent",
]
