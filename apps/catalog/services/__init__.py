"""Writes of the catalog: products, variants, facts, texts, categories, and listings."""

from __future__ import annotations

from apps.catalog.services.categories import CategoryChoice, choose_category
from apps.catalog.services.documents import DocumentDraft, add_document, withdraw_document
from apps.catalog.services.drafts import PriceDraft, ProductDraft, VariantDraft
from apps.catalog.services.facts import set_attributes, set_facts
from apps.catalog.services.listings import change_listing, list_in_markets, relist_refused
from apps.catalog.services.parties import PartyDraft, add_party, update_party
from apps.catalog.services.products import (
    change_photo,
    create_product,
    create_products,
    update_product,
)
from apps.catalog.services.rule_files import import_attribute_rules
from apps.catalog.services.taxonomy import import_categories
from apps.catalog.services.texts import decide_text, override_texts, set_product_text
from apps.catalog.services.variants import add_variant, update_variant

__all__ = [
    "CategoryChoice",
    "DocumentDraft",
    "PartyDraft",
    "PriceDraft",
    "ProductDraft",
    "VariantDraft",
    "add_document",
    "add_party",
    "add_variant",
    "change_listing",
    "change_photo",
    "choose_category",
    "create_product",
    "create_products",
    "decide_text",
    "import_attribute_rules",
    "import_categories",
    "list_in_markets",
    "override_texts",
    "relist_refused",
    "set_attributes",
    "set_facts",
    "set_product_text",
    "update_party",
    "update_product",
    "update_variant",
    "withdraw_document",
]
