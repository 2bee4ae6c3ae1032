"""Markets and rates in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.markets.models import FxRate, Market


@admin.register(Market)
class MarketAdmin(PortalAdmin[Market]):
    """Markets."""

    list_display = ("code", "currency", "locale", "time_zone", "return_window_days", "is_active")
    list_filter = ("is_active", "currency")
    search_fields = ("=code",)
    search_help_text = "DE"
    ordering = ("code",)


@admin.register(FxRate)
class FxRateAdmin(PortalAdmin[FxRate]):
    """Dated rates with their source."""

    list_display = ("base", "quote", "valid_on", "rate", "source")
    list_filter = ("base", "source")
    search_fields = ("=quote", "=valid_on")
    search_help_text = "CNY / 2026-11-25"
