"""Journal events of the catalog that other apps listen to or name."""

from __future__ import annotations

PRODUCT_CREATED = "product.created"
PRODUCT_CHANGED = "product.changed"
PRODUCT_REMOVED = "product.removed"
PHOTO_CHANGED = "product.photo_changed"
VARIANT_ADDED = "variant.added"
VARIANT_CHANGED = "variant.changed"
VARIANT_REMOVED = "variant.removed"
VARIANT_WITHDRAWN = "variant.withdrawn"
VARIANT_REACTIVATED = "variant.reactivated"
LISTING_PRICED = "listing.priced"
LISTING_CHANGED = "listing.changed"
