"""Shipments, parcels, their tracking and their routes in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin, PortalInline
from apps.fulfillment.models import NumberRange, Parcel, RouteDecision, Shipment, TrackingEvent


class ParcelInline(PortalInline[Parcel]):
    """Parcels of a shipment."""

    model = Parcel
    fields = ("public_id", "tracking_number", "weight_g", "status", "tracking_status")


class TrackingEventInline(PortalInline[TrackingEvent]):
    """What the carrier told about a parcel."""

    model = TrackingEvent
    fields = ("occurred_at", "status", "code", "location", "description", "source")


@admin.register(Shipment)
class ShipmentAdmin(PortalAdmin[Shipment]):
    """Shipments."""

    list_display = ("public_id", "order", "merchant", "service", "status", "ship_by_at")
    list_filter = ("status", "service", "model", "carrier")
    list_select_related = ("order", "merchant")
    search_fields = (
        "=public_id",
        "=order__public_id",
        "=merchant__public_id",
        "=order__number",
    )
    search_help_text = "shp_… / ord_… / mer_… / order number"
    inlines = (ParcelInline,)


@admin.register(Parcel)
class ParcelAdmin(PortalAdmin[Parcel]):
    """Parcels."""

    list_display = ("tracking_number", "shipment", "merchant", "status", "tracking_status")
    list_filter = ("status", "tracking_status")
    list_select_related = ("shipment", "merchant")
    search_fields = (
        "=public_id",
        "=shipment__public_id",
        "=merchant__public_id",
        "=tracking_number",
    )
    search_help_text = "tracking number / pcl_… / shp_… / mer_…"
    inlines = (TrackingEventInline,)


@admin.register(TrackingEvent)
class TrackingEventAdmin(PortalAdmin[TrackingEvent]):
    """What carriers told; never changed."""

    list_display = ("parcel", "status", "code", "occurred_at", "recorded_at", "source")
    list_filter = ("status", "source")
    list_select_related = ("parcel",)
    search_fields = ("=parcel__public_id", "=parcel__tracking_number")
    search_help_text = "tracking number / pcl_…"
    # The carrier's own message may hold the recipient's name.
    hidden = ("raw",)


@admin.register(RouteDecision)
class RouteDecisionAdmin(PortalAdmin[RouteDecision]):
    """Why shipments travel as they do; never changed."""

    list_display = (
        *("public_id", "shipment", "merchant", "service_name", "departs_on", "arrives_p90"),
        *("keeps_promise", "edition"),
    )
    list_filter = ("keeps_promise", "service")
    list_select_related = ("shipment", "merchant")
    search_fields = ("=public_id", "=shipment__public_id", "=merchant__public_id", "=edition")
    search_help_text = "rte_… / shp_… / mer_… / ned_…"


@admin.register(NumberRange)
class NumberRangeAdmin(PortalAdmin[NumberRange]):
    """Serials of tracking numbers."""

    list_display = ("prefix", "country", "next_serial")
    search_fields = ("=prefix", "=country")
