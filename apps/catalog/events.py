"""Journal events of the catalog that other apps listen to or name."""

from __future__ import annotations

PRODUCT_CREATED = "product.created"
PRODUCT_CHANGED = "product.changed"
PHOTO_CHANGED = "product.photo_changed"
VARIANT_ADDED = "variant.added"
VARIANT_CHANGED = "variant.changed"
VARIANT_WITHDRAWN = "variant.withdrawn"
VARIANT_REACTIVATED = "variant.reactivated"
LISTING_PRICED = "listing.priced"
LISTING_CHANGED = "listing.changed"
PRICE_RULE_SAVED = "price_rule.saved"
PRICE_RULE_REMOVED = "price_rule.removed"
