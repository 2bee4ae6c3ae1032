"""Writes of the catalog: products, their variants, and the variants' listings."""

from __future__ import annotations

from apps.catalog.services.drafts import PriceDraft, ProductDraft, VariantDraft
from apps.catalog.services.listings import (
    change_listing,
    list_in_markets,
    relist_refused,
    take_off_sale,
)
from apps.catalog.services.products import (
    change_photo,
    create_product,
    create_products,
    update_product,
)
from apps.catalog.services.variants import add_variant, update_variant

__all__ = [
    "PriceDraft",
    "ProductDraft",
    "VariantDraft",
    "add_variant",
    "change_listing",
    "change_photo",
    "create_product",
    "create_products",
    "list_in_markets",
    "relist_refused",
    "take_off_sale",
    "update_product",
    "update_variant",
]
