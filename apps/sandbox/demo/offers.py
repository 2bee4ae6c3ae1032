"""Promotions of the demo companies – running, planned, behind a code, a draft – and an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from apps.compliance.promoting.services import publish_promotion
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions.models import Campaign
from apps.promotions.requests import PromotionDraft
from apps.promotions.services import create_promotion
from apps.promotions.services.campaigns import open_campaign
from apps.sandbox.demo.goods import Shop


def make_offers(merchant: Merchant, shop: Shop, *, actor: Actor, now: datetime) -> None:
    """Make four promotions around a moment: the first product, the second one, codes, free shipping."""
    first, second = (f"{item.sku}-01" for item in shop.items[:2])
    running = PromotionDraft(
        "Autumn price",
        "product_discount",
        shop.markets,
        _at(now - timedelta(days=9)),
        _at(now + timedelta(days=12)),
        {"value": {"percent": "10"}, "target": {"skus": [first]}},
    )
    planned = PromotionDraft(
        "Winter flash sale",
        "flash_sale",
        shop.markets[:2],
        _at(now + timedelta(days=4)),
        _at(now + timedelta(days=6)),
        {
            "value": {"percent": "15"},
            "target": {"skus": [second]},
            "limits": {"units": 100, "units_per_buyer": 2},
        },
    )
    voucher = PromotionDraft(
        "Thank you, 5 %",
        "voucher",
        shop.markets,
        _at(now - timedelta(days=3)),
        "",
        {"value": {"percent": "5"}, "limits": {"uses_per_buyer": 1}},
        codes=("THANKYOU5",),
    )
    for draft in (running, planned, voucher):
        made = create_promotion(merchant, draft, actor=actor, now=now)
        publish_promotion(made, accepts_loss=True, actor=actor, now=now)
    draft = PromotionDraft(
        "Free shipping from two units",
        "shipping",
        shop.markets[:1],
        _at(now + timedelta(days=10)),
        rule={"value": {"percent": "100"}, "conditions": {"min_quantity": 2}},
    )
    create_promotion(merchant, draft, actor=actor, now=now)


def make_event(*, actor: Actor, now: datetime) -> None:
    """Open a campaign of the platform in Germany and the US that products can join for eight days."""
    with transaction.atomic():
        event: Campaign = Campaign.objects.create(
            name="Double Twelve",
            terms="Goods leave within two working days. What is sold out is not refilled.",
            starts_local=_at(now + timedelta(days=12)),
            ends_local=_at(now + timedelta(days=14)),
            entries_close_at=now + timedelta(days=8),
            min_percent=Decimal(10),
            min_units=20,
            platform_percent=Decimal(30),
        )
        event.markets.set(Market.objects.filter(code__in=["DE", "US"], is_active=True))
    open_campaign(event, actor=actor, now=now)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT00:00}"
