"""Writes of the catalog: products, variants, facts, texts, categories, and listings."""

from __future__ import annotations

from apps.catalog.services.categories import CategoryChoice, choose_category
from apps.catalog.services.documents import DocumentDraft, add_document, withdraw_document
from apps.catalog.services.drafts import (
    IssueDraft,
    PriceDraft,
    ProductDraft,
    RuleDraft,
    VariantDraft,
)
from apps.catalog.services.facts import set_attributes, set_facts
from apps.catalog.services.images import add_image, delete_image, describe_image, move_image
from apps.catalog.services.listings import (
    change_listing,
    keep_price,
    list_in_markets,
    relist_refused,
    take_off_sale,
)
from apps.catalog.services.parties import PartyDraft, add_party, update_party
from apps.catalog.services.pricing import remove_rule, save_rule, set_base_prices
from apps.catalog.services.products import (
    create_product,
    create_products,
    update_product,
)
from apps.catalog.services.repricing import draft_of, reprice
from apps.catalog.services.rule_files import import_attribute_rules
from apps.catalog.services.search import find_drift, rebuild_chunk, refresh_tokens
from apps.catalog.services.taxonomy import import_categories
from apps.catalog.services.texts import decide_text, override_texts, set_product_text
from apps.catalog.services.variants import add_variant, update_variant

__all__ = [
    "CategoryChoice",
    "DocumentDraft",
    "IssueDraft",
    "PartyDraft",
    "PriceDraft",
    "ProductDraft",
    "RuleDraft",
    "VariantDraft",
    "add_document",
    "add_image",
    "add_party",
    "add_variant",
    "change_listing",
    "choose_category",
    "create_product",
    "create_products",
    "decide_text",
    "delete_image",
    "describe_image",
    "draft_of",
    "find_drift",
    "import_attribute_rules",
    "import_categories",
    "keep_price",
    "list_in_markets",
    "move_image",
    "override_texts",
    "rebuild_chunk",
    "refresh_tokens",
    "relist_refused",
    "remove_rule",
    "reprice",
    "save_rule",
    "set_attributes",
    "set_base_prices",
    "set_facts",
    "set_product_text",
    "take_off_sale",
    "update_party",
    "update_product",
    "update_variant",
    "withdraw_document",
]
