"""Reads of promotions."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions.models import PriceFloor, Promotion, PromotionCode, Redemption


def list_promotions(merchant: Merchant) -> QuerySet[Promotion]:
    """Return the merchant's promotions with their markets, in no particular order."""
    promotions: QuerySet[Promotion] = Promotion.objects.filter(merchant=merchant)
    return promotions.prefetch_related("markets__market")


def get_promotion(merchant: Merchant, public_id: str) -> Promotion:
    """Return one promotion of the merchant; raises ``Promotion.DoesNotExist``."""
    promotion: Promotion = Promotion.objects.select_related("merchant").get(
        merchant=merchant, public_id=public_id
    )
    return promotion


def list_codes(promotion: Promotion) -> QuerySet[PromotionCode]:
    """Return the codes of a promotion, by key."""
    codes: QuerySet[PromotionCode] = PromotionCode.objects.filter(promotion=promotion)
    return codes.order_by("id")


def find_floors(merchant: Merchant, variants: list[int], market: Market) -> dict[int, int]:
    """Return the floors of variants in a market, by variant key, in minor units."""
    floors = PriceFloor.objects.filter(merchant=merchant, variant__in=variants, market=market)
    return dict(floors.values_list("variant_id", "floor_minor"))


def list_redemptions(merchant: Merchant, order_ref: str) -> QuerySet[Redemption]:
    """Return what an order took from promotions."""
    redemptions: QuerySet[Redemption] = Redemption.objects.filter(
        merchant=merchant, order_ref=order_ref
    )
    return redemptions.select_related("promotion").order_by("id")
