"""Places, balances and movements of stock in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.inventory.models import (
    Disposition,
    Node,
    SafetyStock,
    StockAdjustment,
    StockAllocation,
    StockBalance,
    StockBucket,
    StockLot,
    StockPosting,
    StockReservation,
)


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

    list_display = ("variant", "node", *Disposition.values, "is_hot", "merchant")
    list_filter = ("is_hot",)
    list_select_related = ("variant", "node", "merchant")
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


@admin.register(StockAdjustment)
class StockAdjustmentAdmin(PortalAdmin[StockAdjustment]):
    """What somebody did to stock by hand; never changed."""

    list_display = ("public_id", "reason", "reference", "made_by_name", "made_at", "merchant")
    list_filter = ("reason",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=reference", "=merchant__public_id")
    search_help_text = "adj_… / reference / mer_…"


@admin.register(StockReservation)
class StockReservationAdmin(PortalAdmin[StockReservation]):
    """What carts hold and held."""

    list_display = ("public_id", "reference", "channel", "status", "expires_at", "merchant")
    list_filter = ("status",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=reference", "=merchant__public_id")
    search_help_text = "rsv_… / reference / mer_…"


@admin.register(SafetyStock)
class SafetyStockAdmin(PortalAdmin[SafetyStock]):
    """Units kept back from sale."""

    list_display = ("merchant", "variant", "units")
    list_select_related = ("merchant", "variant")
    search_fields = ("=merchant__public_id", "=variant__sku")
    search_help_text = "mer_… / SKU"


@admin.register(StockAllocation)
class StockAllocationAdmin(PortalAdmin[StockAllocation]):
    """What is set aside for markets and channels."""

    list_display = ("variant", "market", "channel", "mode", "units", "percent", "merchant")
    list_filter = ("mode",)
    list_select_related = ("merchant", "variant")
    search_fields = ("=merchant__public_id", "=variant__sku")
    search_help_text = "mer_… / SKU"


@admin.register(StockLot)
class StockLotAdmin(PortalAdmin[StockLot]):
    """Lots and their ends."""

    list_display = ("public_id", "code", "expires_on", "units", "merchant")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=code", "=merchant__public_id")
    search_help_text = "lot_… / code / mer_…"
