"""Global products, their variants, the variants' listings per market, prices, and what finds them."""

from __future__ import annotations

from apps.catalog.models.images import ProductImage
from apps.catalog.models.issues import ListingIssue
from apps.catalog.models.listings import Listing
from apps.catalog.models.pricing import Ending, ListingPrice, PriceRule
from apps.catalog.models.products import Product, Variant
from apps.catalog.models.search import SearchToken

__all__ = [
    "Ending",
    "Listing",
    "ListingIssue",
    "ListingPrice",
    "PriceRule",
    "Product",
    "ProductImage",
    "SearchToken",
    "Variant",
]
