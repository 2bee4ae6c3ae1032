"""Writes of the catalog: products, their variants, and the variants' listings."""

from __future__ import annotations

from apps.catalog.services.drafts import PriceDraft, ProductDraft, VariantDraft
from apps.catalog.services.images import add_image, delete_image, describe_image, move_image
from apps.catalog.services.listings import change_listing, list_in_markets, relist_refused
from apps.catalog.services.products import (
    create_product,
    create_products,
    update_product,
)
from apps.catalog.services.search import find_drift, rebuild_chunk, refresh_tokens
from apps.catalog.services.variants import add_variant, update_variant

__all__ = [
    "PriceDraft",
    "ProductDraft",
    "VariantDraft",
    "add_image",
    "add_variant",
    "change_listing",
    "create_product",
    "create_products",
    "delete_image",
    "describe_image",
    "find_drift",
    "list_in_markets",
    "move_image",
    "rebuild_chunk",
    "refresh_tokens",
    "relist_refused",
    "update_product",
    "update_variant",
]
