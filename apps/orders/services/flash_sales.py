"""What a published flash sale does to the stock it names: it makes it ready for many buyers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from apps.catalog.models import Variant
from apps.inventory import hot
from apps.journal.actors import Actor
from apps.promotions.models import Promotion

KIND = "flash_sale"
# A sale of more is a sale of the shop: nobody waits for one of its SKUs.
MOST_SKUS = 100
_NO_END_YEAR = 9999


def heat_for_sale(promotion: Promotion, *, actor: Actor, now: datetime) -> int:
    """Make the SKUs that a flash sale names hot until it ends; returns how many balances became so.

    Other kinds of promotions, and sales that name no SKU or product or very many, change nothing.
    """
    variants = _named(promotion)
    if not variants:
        return 0
    end: datetime | None = promotion.markets.aggregate(end=Max("ends_at"))["end"]
    until = end if end is not None and end.year < _NO_END_YEAR else None
    return hot.heat_balances(
        promotion.merchant, variants=variants, until=until, actor=actor, now=now
    )


def cool_after_sale(promotion: Promotion, *, actor: Actor, now: datetime) -> int:
    """Bring the SKUs of an ended flash sale back; returns how many balances became cold."""
    variants = _named(promotion)
    return hot.cool_balances(promotion.merchant, variants=variants, actor=actor, now=now)


def _named(promotion: Promotion) -> list[Variant]:
    target = promotion.rule.get("target")
    if promotion.kind != KIND or not isinstance(target, dict):
        return []
    skus, products = target.get("skus") or [], target.get("products") or []
    named = Q(sku__in=skus) | Q(product__public_id__in=products)
    own: QuerySet[Variant] = Variant.objects.filter(named, merchant=promotion.merchant)
    found = list(own.order_by("id")[: MOST_SKUS + 1])
    return found if len(found) <= MOST_SKUS else []
