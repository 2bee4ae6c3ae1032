"""Places, balances and movements of stock in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.inventory.models import Node, StockBalance, StockBucket, StockPosting


@admin.register(Node)
class NodeAdmin(PortalAdmin[Node]):
    """Places that hold stock."""

    list_display = ("public_id", "code", "name", "kind", "country", "merchant", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=code", "=merchant__public_id")
    search_help_text = "nod_… / code / mer_…"


@admin.register(StockBalance)
class StockBalanceAdmin(PortalAdmin[StockBalance]):
    """How much stands where."""

    list_display = ("variant", "node", "inbound", "available", "reserved", "damaged", "is_hot")
    list_filter = ("is_hot",)
    list_select_related = ("variant", "node")
    search_fields = ("=variant__sku", "=merchant__public_id", "=node__public_id")
    search_help_text = "SKU / mer_… / nod_…"


@admin.register(StockBucket)
class StockBucketAdmin(PortalAdmin[StockBucket]):
    """The shares of hot balances."""

    list_display = ("balance", "number", "available", "reserved", "merchant")
    list_select_related = ("balance", "merchant")
    search_fields = ("=balance__variant__sku", "=merchant__public_id")
    search_help_text = "SKU / mer_…"


@admin.register(StockPosting)
class StockPostingAdmin(PortalAdmin[StockPosting]):
    """Movements; never changed."""

    list_display = ("reference", "balance", "from_disposition", "to_disposition", "quantity")
    list_filter = ("reason",)
    list_select_related = ("balance",)
    search_fields = ("=reference", "=merchant__public_id", "=balance__variant__sku")
    search_help_text = "reference / mer_… / SKU"
