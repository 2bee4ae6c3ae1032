"""A flash sale makes the stock it names ready for many buyers, and gives it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from apps.inventory.models import StockBalance
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.orders import receivers
from apps.orders.services import flash_sales
from apps.promotions import services as promotions
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.promotions import ACTOR, make_promotion

pytestmark = pytest.mark.django_db


@pytest.fixture
def stocked(merchant, germany, now):
    """Two lamps in stock, LAMP and OTHER, on sale in Germany."""
    product = ProductFactory(merchant=merchant)
    for sku in ("LAMP", "OTHER"):
        variant = VariantFactory(product=product, sku=sku)
        ListingFactory(variant=variant, market=germany)
        put_stock(variant, 40, now=now)
    return merchant


def sale(merchant, now, *, kind="flash_sale", target=None):
    rule = {"value": {"percent": "20"}, "target": target or {"skus": ["LAMP"]}}
    if kind == "flash_sale":
        rule["limits"] = {"units": 10}
    return make_promotion(
        merchant,
        now=now,
        kind=kind,
        rule=rule,
        ends=f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}",
    )


def tell(event, promotion):
    with scope(merchant=promotion.merchant):
        entry = JournalEntry.objects.get(event=event, subject_id=promotion.public_id)
        for name in ("heat_flash_sale", "cool_flash_sale"):
            if (name == "heat_flash_sale") == (event == "promotion.published"):
                getattr(receivers, name)(entry)


def hot_skus(merchant) -> set[str]:
    with scope(merchant=merchant):
        hot = StockBalance.objects.filter(is_hot=True)
        return set(hot.values_list("variant__sku", flat=True))


def test_a_published_sale_heats_what_it_names_until_it_ends(stocked, now):
    promotion = sale(stocked, now)

    tell("promotion.published", promotion)
    tell("promotion.published", promotion)

    assert hot_skus(stocked) == {"LAMP"}
    ends = Deadline.objects.get(kind="inventory.cool", done_at=None)
    with scope(merchant=stocked):
        assert ends.due_at == promotion.markets.get().ends_at


def test_the_end_of_a_sale_cools_it(stocked, now):
    promotion = sale(stocked, now)
    tell("promotion.published", promotion)

    with scope(merchant=stocked):
        promotions.end_promotion(promotion, actor=ACTOR, now=now)
    tell("promotion.ended", promotion)

    assert hot_skus(stocked) == set()


@pytest.mark.parametrize(
    ("kind", "target"),
    [("product_discount", {"skus": ["LAMP"]}), ("flash_sale", {"categories": ["Home"]})],
)
def test_other_promotions_change_nothing(stocked, now, kind, target):
    tell("promotion.published", sale(stocked, now, kind=kind, target=target))

    assert hot_skus(stocked) == set()


def test_a_sale_of_very_many_skus_heats_none(stocked, now, monkeypatch):
    monkeypatch.setattr(flash_sales, "MOST_SKUS", 1)

    tell("promotion.published", sale(stocked, now, target={"skus": ["LAMP", "OTHER"]}))

    assert hot_skus(stocked) == set()
