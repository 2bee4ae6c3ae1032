"""Global products, their variants, the variants' listings per market, and their prices."""

from __future__ import annotations

from apps.catalog.models.issues import ListingIssue
from apps.catalog.models.listings import Listing
from apps.catalog.models.pricing import Ending, ListingPrice, PriceRule
from apps.catalog.models.products import Product, Variant

__all__ = [
    "Ending",
    "Listing",
    "ListingIssue",
    "ListingPrice",
    "PriceRule",
    "Product",
    "Variant",
]
