"""Journal events of promotions."""

from __future__ import annotations

PROMOTION_CREATED = "promotion.created"
PROMOTION_CHANGED = "promotion.changed"
PROMOTION_REMOVED = "promotion.removed"
PROMOTION_PUBLISHED = "promotion.published"
PROMOTION_STARTED = "promotion.started"
PROMOTION_PAUSED = "promotion.paused"
PROMOTION_ENDED = "promotion.ended"
CODES_ADDED = "promotion.codes_added"
FLOOR_SET = "price_floor.set"
