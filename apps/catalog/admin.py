"""Products, variants and listings in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.catalog.models import Listing, ListingIssue, ListingPrice, PriceRule, Product, Variant
from apps.common.admin import PortalAdmin, PortalInline
from apps.common.formatting import format_money


class VariantInline(PortalInline[Variant]):
    """Variants of a product."""

    model = Variant
    fields = ("public_id", "sku", "option", "weight_g", "cost_minor", "cost_currency", "is_active")


@admin.register(Product)
class ProductAdmin(PortalAdmin[Product]):
    """Products."""

    list_display = ("public_id", "title", "merchant", "hs_code", "origin_country", "status")
    list_filter = ("status",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=variants__sku")
    search_help_text = "prd_… / mer_… / SKU"
    inlines = (VariantInline,)


@admin.register(Variant)
class VariantAdmin(PortalAdmin[Variant]):
    """Variants."""

    list_display = ("public_id", "sku", "product", "merchant", "weight_g", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("product", "merchant")
    search_fields = ("=public_id", "=sku", "=merchant__public_id", "=gtin")
    search_help_text = "var_… / SKU / mer_… / GTIN"


@admin.register(Listing)
class ListingAdmin(PortalAdmin[Listing]):
    """Listings."""

    list_display = ("public_id", "sku", "market", "price", "model", "status", "merchant")
    list_filter = ("status", "model", "currency")
    list_select_related = ("variant", "market", "merchant")
    search_fields = ("=public_id", "=variant__sku", "=merchant__public_id")
    search_help_text = "lst_… / SKU / mer_…"

    @admin.display(description="SKU")
    def sku(self, obj: Listing) -> str:
        """Show the SKU."""
        return obj.variant.sku

    @admin.display(description="price")
    def price(self, obj: Listing) -> str:
        """Show the price."""
        return str(format_money(obj.price_minor, obj.currency))


@admin.register(PriceRule)
class PriceRuleAdmin(PortalAdmin[PriceRule]):
    """Price rules of companies."""

    list_display = ("public_id", "scope_key", "percent", "ending", "hysteresis", "merchant")
    list_filter = ("ending",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id")
    search_help_text = "prl_… / mer_…"


@admin.register(ListingPrice)
class ListingPriceAdmin(PortalAdmin[ListingPrice]):
    """Every price that was asked."""

    list_display = ("listing", "price", "from_at", "source", "reason", "actor", "merchant")
    list_filter = ("source", "reason", "currency")
    list_select_related = ("listing", "merchant")
    search_fields = ("=listing__public_id", "=merchant__public_id")
    search_help_text = "lst_… / mer_…"

    @admin.display(description="price")
    def price(self, obj: ListingPrice) -> str:
        """Show the price."""
        return str(format_money(obj.price_minor, obj.currency))


@admin.register(ListingIssue)
class ListingIssueAdmin(PortalAdmin[ListingIssue]):
    """What is wrong with listings now."""

    list_display = ("public_id", "listing", "code", "field", "effect", "since", "merchant")
    list_filter = ("effect", "code")
    list_select_related = ("listing", "merchant")
    search_fields = ("=public_id", "=listing__public_id", "=merchant__public_id")
    search_help_text = "iss_… / lst_… / mer_…"
