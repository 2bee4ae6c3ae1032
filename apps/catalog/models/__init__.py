"""Global products, their variants, and the variants' listings per market."""

from __future__ import annotations

from apps.catalog.models.listings import Listing
from apps.catalog.models.products import Product, Variant

__all__ = ["Listing", "Product", "Variant"]
