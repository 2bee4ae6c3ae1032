"""Promotions of merchants, and campaigns of the platform that merchants join."""

from __future__ import annotations

from apps.promotions.models.campaigns import Campaign, CampaignEntry
from apps.promotions.models.promotions import (
    MarketProgram,
    PriceFloor,
    Promotion,
    PromotionCode,
    PromotionCounter,
    PromotionMarket,
    PromotionVersion,
    Redemption,
)

__all__ = [
    "Campaign",
    "CampaignEntry",
    "MarketProgram",
    "PriceFloor",
    "Promotion",
    "PromotionCode",
    "PromotionCounter",
    "PromotionMarket",
    "PromotionVersion",
    "Redemption",
]
