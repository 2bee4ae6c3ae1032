"""Shipments, their parcels, why they travel as they do, and what carriers said about them."""

from __future__ import annotations

from apps.fulfillment.models.routing import RouteDecision
from apps.fulfillment.models.shipments import NumberRange, Parcel, Shipment, ShipmentLine
from apps.fulfillment.models.tracking import TrackingEvent

__all__ = ["NumberRange", "Parcel", "RouteDecision", "Shipment", "ShipmentLine", "TrackingEvent"]
