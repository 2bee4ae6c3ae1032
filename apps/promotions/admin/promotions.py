"""Promotions in the Django admin with versions, counters and use; nothing here can be changed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.common.admin import PortalAdmin, PortalInline
from apps.common.formatting import format_money
from apps.promotions.models import (
    PriceFloor,
    Promotion,
    PromotionCounter,
    PromotionMarket,
    PromotionVersion,
    Redemption,
)


class PromotionMarketInline(PortalInline[PromotionMarket]):
    """The markets of a promotion with its period there."""

    model = PromotionMarket
    fields = ("market", "starts_at", "ends_at")


class PromotionVersionInline(PortalInline[PromotionVersion]):
    """What was published."""

    model = PromotionVersion
    fields = ("version", "row", "markets", "published_by", "published_at")


class PromotionCounterInline(PortalInline[PromotionCounter]):
    """How far it is used up."""

    model = PromotionCounter
    fields = ("scope", "uses", "uses_limit", "units", "units_limit", "spent_minor")


@admin.register(Promotion)
class PromotionAdmin(PortalAdmin[Promotion]):
    """Promotions."""

    list_display = ("public_id", "name", "kind", "status", "merchant", "version", "published_at")
    list_filter = ("status", "kind")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=campaign_ref")
    search_help_text = "prm_… / mer_…"
    inlines = (PromotionMarketInline, PromotionVersionInline, PromotionCounterInline)


@admin.register(Redemption)
class RedemptionAdmin(PortalAdmin[Redemption]):
    """What orders took from promotions."""

    list_display = ("promotion", "order_ref", "merchant", "amount", "units", "taken_at")
    list_filter = ("is_returned", "currency")
    list_select_related = ("promotion", "merchant")
    search_fields = ("=order_ref", "=promotion__public_id", "=merchant__public_id")
    search_help_text = "ord_… / prm_… / mer_…"
    hidden = ("buyer_index",)

    @admin.display(description=_("amount"))
    def amount(self, obj: Redemption) -> str:
        """Show what was taken off."""
        return str(format_money(obj.amount_minor, obj.currency))


@admin.register(PriceFloor)
class PriceFloorAdmin(PortalAdmin[PriceFloor]):
    """Lowest prices."""

    list_display = ("variant", "market", "floor", "merchant", "updated_at")
    list_filter = ("market",)
    list_select_related = ("variant", "market", "merchant")
    search_fields = ("=variant__sku", "=merchant__public_id")
    search_help_text = "SKU / mer_…"

    @admin.display(description=_("never below"))
    def floor(self, obj: PriceFloor) -> str:
        """Show the lowest price."""
        return str(format_money(obj.floor_minor, obj.market.currency))
