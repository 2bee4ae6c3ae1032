"""The 20 promotions of the measurements as a merchant's own, to be switched on and off."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.catalog.models import Category, Product
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions import services as promotions
from apps.promotions.models import Promotion
from apps.promotions.programs import renew_versions
from apps.promotions.requests import PromotionDraft
from apps.promotions.states import PromotionStatus
from bench.perf.promotions import twenty
from bench.perf.rig import spec

_OWNED = frozenset({"id", "kind", "starts", "ends"})


def open_sale(merchant: Merchant, *, actor: Actor, now: datetime) -> None:
    """Put the products in categories, and publish the promotions; they begin switched off."""
    numbers = range(spec.CATEGORIES)
    categories = {
        number: Category.objects.create(
            code=f"C{number}",
            name=f"Category {number}",
            name_key=f"category {number}",
            path=f"Category {number}",
            lineage=f"C{number}",
            depth=1,
            source="benchmark",
            version="1",
        )
        for number in numbers
    }
    keys = Product.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True)
    members: dict[int, list[int]] = {number: [] for number in numbers}
    for place, key in enumerate(keys):
        members[spec.product(place).category].append(key)
    for number, category in categories.items():
        Product.objects.filter(pk__in=members[number]).update(category_ref=category)
    for number, row in enumerate(twenty()):
        draft = PromotionDraft(
            name=f"Promotion {number}",
            kind=str(row["kind"]),
            markets=(spec.COUNTRY,),
            starts=f"{now - timedelta(days=2):%Y-%m-%dT%H:%M}",
            rule={name: part for name, part in row.items() if name not in _OWNED},
            priority=0,
        )
        made = promotions.create_promotion(merchant, draft, actor=actor, now=now)
        promotions.publish_promotion(made, actor=actor, now=now)
    switch_sale(merchant, is_on=False)


def switch_sale(merchant: Merchant, *, is_on: bool) -> None:
    """Switch all promotions of a merchant on or off, as pausing and publishing each would."""
    status = PromotionStatus.ACTIVE if is_on else PromotionStatus.PAUSED
    Promotion.objects.filter(merchant=merchant).update(status=status)
    renew_versions(merchant.pk, [Market.objects.get(code=spec.COUNTRY)])
