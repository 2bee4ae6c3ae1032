"""A T-shirt on sale in Britain for £40 with rules, fees, rates and its price of forty days."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.catalog.models import ListingPrice
from apps.finance.services import open_fee_rules
from apps.markets.models import FxRate
from apps.markets.services import load_rule_book
from apps.promotions import services as promotions
from apps.promotions.requests import PromotionDraft
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory
from tests.factories.markets import MarketFactory


@pytest.fixture
def shirt(scoped, now):
    """One unit costs CN¥61, about £6.48."""
    load_rule_book(now=now)
    open_fee_rules()
    for quote, rate in (("CNY", "8"), ("GBP", "0.85"), ("USD", "1.1")):
        FxRate.objects.create(
            base="EUR", quote=quote, rate=Decimal(rate), valid_on=now.date(), source="test"
        )
    NodeFactory(merchant=scoped)
    market = MarketFactory(code="GB", currency="GBP", time_zone="Europe/London")
    product = ProductFactory(merchant=scoped, title="T-shirt", hs_code="610910", brand="Lan")
    variant = VariantFactory(product=product, sku="TEE-1", weight_g=200, cost_minor=6100)
    listing = ListingFactory(variant=variant, market=market, price_minor=4000, currency="GBP")
    ListingPrice.objects.filter(listing=listing).delete()
    ListingPrice.objects.create(
        merchant=scoped,
        listing=listing,
        price_minor=4000,
        currency="GBP",
        from_at=now - timedelta(days=40),
    )
    return listing


@pytest.fixture
def draft(scoped, actor, now):
    """Make a draft in Britain that starts in an hour."""

    def make(value, kind="product_discount", *, codes=(), name="Sale", **rule):
        starts = f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}"
        ends = f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}"
        wanted = PromotionDraft(
            name, kind, ("GB",), starts, ends, {"value": value, **rule}, 0, tuple(codes)
        )
        return promotions.create_promotion(scoped, wanted, actor=actor, now=now)

    return make
