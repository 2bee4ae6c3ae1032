"""Global products, their variants, facts, texts and pictures, listings per market, prices, search."""

from __future__ import annotations

from apps.catalog.models.categories import (
    AttributeRule,
    Category,
    CategoryMapping,
    CategoryName,
)
from apps.catalog.models.facts import Party, ProductDocument, ProductFacts
from apps.catalog.models.images import ProductImage
from apps.catalog.models.issues import ListingIssue
from apps.catalog.models.listings import Listing
from apps.catalog.models.pricing import Ending, ListingPrice, PriceRule
from apps.catalog.models.products import Product, Variant
from apps.catalog.models.search import SearchToken
from apps.catalog.models.texts import ListingText, ProductText

__all__ = [
    "AttributeRule",
    "Category",
    "CategoryMapping",
    "CategoryName",
    "Ending",
    "Listing",
    "ListingIssue",
    "ListingPrice",
    "ListingText",
    "Party",
    "PriceRule",
    "Product",
    "ProductDocument",
    "ProductFacts",
    "ProductImage",
    "ProductText",
    "SearchToken",
    "Variant",
]
