"""Carrier accounts, bookings and calls in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.carriers.models import Booking, CarrierAccount, CarrierCall, CarrierHealth
from apps.common.admin import PortalAdmin, PortalInline


class CarrierHealthInline(PortalInline[CarrierHealth]):
    """How the calls of an account go."""

    model = CarrierHealth
    fields = ("failures", "opened", "open_until", "tokens", "refilled_at", "last_error")


class CarrierCallInline(PortalInline[CarrierCall]):
    """The calls that were made for a booking."""

    model = CarrierCall
    fields = ("began_at", "operation", "outcome", "status_code", "detail", "ended_at")


@admin.register(CarrierAccount)
class CarrierAccountAdmin(PortalAdmin[CarrierAccount]):
    """Accounts with carriers."""

    list_display = ("name", "merchant", "url", "paused_at", "checked_at")
    list_filter = ("protocol",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=url")
    search_help_text = "cra_… / mer_… / address"
    hidden = ("secret_key", "secret_sealed")
    inlines = (CarrierHealthInline,)


@admin.register(Booking)
class BookingAdmin(PortalAdmin[Booking]):
    """Bookings with carriers."""

    list_display = ("reference", "account", "merchant", "status", "next_at", "created_at")
    list_filter = ("status",)
    list_select_related = ("account", "merchant")
    search_fields = ("=public_id", "=reference", "=subject", "=carrier_id", "=merchant__public_id")
    search_help_text = "bkg_… / reference / shp_… / the carrier's id / mer_…"
    inlines = (CarrierCallInline,)


@admin.register(CarrierCall)
class CarrierCallAdmin(PortalAdmin[CarrierCall]):
    """Every call to a carrier."""

    list_display = ("began_at", "account", "operation", "outcome", "status_code", "detail")
    list_filter = ("operation", "outcome")
    list_select_related = ("account",)
    search_fields = ("=account__public_id", "=booking__reference", "=booking__public_id")
    search_help_text = "cra_… / reference / bkg_…"
