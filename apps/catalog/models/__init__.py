"""Global products, their variants, facts and texts, and the variants' listings per market."""

from __future__ import annotations

from apps.catalog.models.categories import (
    AttributeRule,
    Category,
    CategoryMapping,
    CategoryName,
)
from apps.catalog.models.facts import Party, ProductDocument, ProductFacts
from apps.catalog.models.listings import Listing
from apps.catalog.models.products import Product, Variant
from apps.catalog.models.texts import ListingText, ProductText

__all__ = [
    "AttributeRule",
    "Category",
    "CategoryMapping",
    "CategoryName",
    "Listing",
    "ListingText",
    "Party",
    "Product",
    "ProductDocument",
    "ProductFacts",
    "ProductText",
    "Variant",
]
