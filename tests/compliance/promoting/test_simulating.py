"""What a promotion would do: prices, what is kept, the 30-day rule, worst cases, and publishing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.catalog.models import ListingPrice
from apps.common.errors import DomainError
from apps.compliance.promoting.services import publish_promotion, simulate_promotion
from apps.promotions import services as promotions
from apps.promotions.models import PriceFloor, Promotion
from apps.promotions.requests import PromotionDraft
from tests.factories.catalog import ListingFactory, VariantFactory

pytestmark = pytest.mark.django_db


def only(promotion, now):
    [found] = simulate_promotion(promotion, now=now).outcomes
    return found


def test_price_now_new_price_and_what_is_kept(shirt, draft, now):
    found = only(draft({"percent": "25"}), now)
    assert (found.now, found.new.unit_paid, found.worst.unit_paid) == (4000, 3000, 3000)
    assert found.kept_new.minor < found.kept_now.minor
    assert found.kept_new == found.kept_worst
    assert (found.lowest, found.is_announced, found.is_reduction) == (4000, True, True)


def test_a_code_meets_what_runs_already(shirt, draft, actor, now):
    sale = draft({"percent": "30"}, name="Autumn")
    promotions.publish_promotion(sale, actor=actor, now=now)
    code = draft({"percent": "20"}, "voucher", codes=["SAVE20"], name="Code")
    simulation = simulate_promotion(code, now=now)
    [found] = simulation.outcomes
    assert found.worst.unit_paid == 2240
    assert [simulation.names[one.promotion] for one in found.worst.taken] == ["Autumn", "Code"]
    assert simulation.versions == {sale.public_id: 1}


def test_what_wins_over_it_is_a_conflict(shirt, draft, actor, now):
    sale = draft({"percent": "30"}, name="Autumn")
    promotions.publish_promotion(sale, actor=actor, now=now)
    found = only(mine := draft({"percent": "10"}), now)
    assert [(one.loser, one.code) for one in found.conflicts] == [(mine.public_id, "better_price")]


def test_a_price_that_was_lower_in_30_days_is_no_reduction(shirt, scoped, draft, now):
    ListingPrice.objects.create(
        merchant=scoped,
        listing=shirt,
        price_minor=2900,
        currency="GBP",
        from_at=now - timedelta(days=20),
    )
    found = only(draft({"percent": "25"}), now)
    assert (found.lowest, found.is_reduction) == (2900, False)


def test_a_floor_stops_the_worst_case(shirt, draft, now, scoped):
    PriceFloor.objects.create(
        merchant=scoped, variant=shirt.variant, market=shirt.market, floor_minor=3500
    )
    found = only(draft({"percent": "50"}), now)
    assert (found.new.unit_paid, found.worst.is_at_floor) == (3500, True)


def test_a_gift_costs_what_it_costs(shirt, scoped, actor, now):
    gift = VariantFactory(product=shirt.variant.product, sku="GIFT", cost_minor=941, weight_g=50)
    ListingFactory(variant=gift, market=shirt.market, price_minor=500, currency="GBP")
    wanted = PromotionDraft(
        "Gift", "gift", ("GB",), "2026-11-20T00:00", rule={"gift": {"sku": "GIFT", "quantity": 2}}
    )
    promotion = promotions.create_promotion(scoped, wanted, actor=actor, now=now)
    found = {one.sku: one for one in simulate_promotion(promotion, now=now).outcomes}["TEE-1"]
    # Two gifts of CN¥9.41 each are £2.00.
    assert found.kept_now.minor - found.kept_worst.minor == 200


def test_goods_that_are_not_meant_are_left_out(shirt, draft, now):
    other = VariantFactory(product=shirt.variant.product, sku="TEE-2")
    ListingFactory(variant=other, market=shirt.market, price_minor=4000, currency="GBP")
    found = simulate_promotion(draft({"percent": "25"}, target={"skus": ["TEE-2"]}), now=now)
    assert ([one.sku for one in found.outcomes], found.total) == (["TEE-2"], 1)
    by_brand = simulate_promotion(draft({"percent": "25"}, target={"brands": ["Lan"]}), now=now)
    assert sorted(one.sku for one in by_brand.outcomes) == ["TEE-1", "TEE-2"]


def test_publishing_at_a_loss_asks_first_and_keeps_what_was_found(shirt, draft, actor, now):
    promotion = draft({"percent": "90"})
    with pytest.raises(DomainError) as refused:
        publish_promotion(promotion, accepts_loss=False, actor=actor, now=now)
    assert refused.value.code == "promotions.loses_money"
    assert "TEE-1 in GB" in refused.value.message
    assert Promotion.objects.get(pk=promotion.pk).status == "draft"

    published = publish_promotion(promotion, accepts_loss=True, actor=actor, now=now)
    assert published.status == "scheduled"
    assert (published.simulation["losses"], published.simulation["is_complete"]) == (1, True)
    assert published.simulation["lines"][0]["worst_minor"] == 400
    assert any(rule.startswith("GB-") for rule in published.simulation["rules"])


def test_any_number_of_offers_takes_as_many_statements(
    shirt, draft, now, django_assert_max_num_queries
):
    promotion = draft({"percent": "25"})
    for number in range(6):
        variant = VariantFactory(product=shirt.variant.product, sku=f"MORE-{number}")
        ListingFactory(variant=variant, market=shirt.market, price_minor=4000, currency="GBP")
    simulate_promotion(promotion, now=now)
    with django_assert_max_num_queries(14):
        assert len(simulate_promotion(promotion, now=now).outcomes) == 7
