"""Writes of the catalog: products, their variants, and the variants' listings."""

from __future__ import annotations

from apps.catalog.services.drafts import (
    IssueDraft,
    PriceDraft,
    ProductDraft,
    RuleDraft,
    VariantDraft,
)
from apps.catalog.services.images import add_image, delete_image, describe_image, move_image
from apps.catalog.services.listings import (
    change_listing,
    keep_price,
    list_in_markets,
    relist_refused,
)
from apps.catalog.services.pricing import remove_rule, save_rule, set_base_prices
from apps.catalog.services.products import (
    create_product,
    create_products,
    update_product,
)
from apps.catalog.services.repricing import draft_of, reprice
from apps.catalog.services.search import find_drift, rebuild_chunk, refresh_tokens
from apps.catalog.services.variants import add_variant, update_variant

__all__ = [
    "IssueDraft",
    "PriceDraft",
    "ProductDraft",
    "RuleDraft",
    "VariantDraft",
    "add_image",
    "add_variant",
    "change_listing",
    "create_product",
    "create_products",
    "delete_image",
    "describe_image",
    "draft_of",
    "find_drift",
    "keep_price",
    "list_in_markets",
    "move_image",
    "rebuild_chunk",
    "refresh_tokens",
    "relist_refused",
    "remove_rule",
    "reprice",
    "save_rule",
    "set_base_prices",
    "update_product",
    "update_variant",
]
