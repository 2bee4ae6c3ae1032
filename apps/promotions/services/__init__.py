"""Writes of promotions."""

from __future__ import annotations

from apps.promotions.services.codes import add_codes, make_codes
from apps.promotions.services.drafts import create_promotion, remove_promotion, update_promotion
from apps.promotions.services.floors import set_floor
from apps.promotions.services.lifecycle import (
    end_promotion,
    pause_promotion,
    publish_promotion,
    start_promotion,
)

__all__ = [
    "add_codes",
    "create_promotion",
    "end_promotion",
    "make_codes",
    "pause_promotion",
    "publish_promotion",
    "remove_promotion",
    "set_floor",
    "start_promotion",
    "update_promotion",
]
