"""Promotions and campaigns in the Django admin."""

from __future__ import annotations

from apps.promotions.admin import campaigns, promotions

__all__ = ["campaigns", "promotions"]
