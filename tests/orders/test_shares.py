"""What orders hold of promotions follows every change of them: nothing is kept, nothing lost."""

from __future__ import annotations

import pytest

from apps.orders import services as orders
from apps.orders.models import LineDiscount, Order
from apps.promotions.models import PromotionCounter, Redemption
from tests.factories.markets import MarketFactory
from tests.factories.orders import make_order
from tests.factories.promotions import make_promotion

pytestmark = pytest.mark.django_db

RULE = {"value": {"percent": "20"}, "currency": "EUR", "limits": {"units": 100, "budget": 100000}}


@pytest.fixture(autouse=True)
def _promotion(scoped, now):
    MarketFactory(code="DE")
    make_promotion(scoped, now=now, rule=RULE)


def counted() -> tuple[int, int]:
    """Return units and money counted by the promotion."""
    counters = dict(PromotionCounter.objects.values_list("scope", "units"))
    money = PromotionCounter.objects.get(scope="money:EUR")
    return counters["all"], money.spent_minor


def held(order: Order) -> tuple[int, int]:
    redemption = Redemption.objects.filter(order_ref=order.public_id, is_returned=False).first()
    return (redemption.units, redemption.amount_minor) if redemption else (0, 0)


def off(order: Order) -> int:
    return sum(LineDiscount.objects.filter(order=order).values_list("amount_minor", flat=True))


def test_units_that_are_cancelled_come_back_to_the_promotion(scoped, actor, now):
    order = make_order(scoped, now=now, quantity=3)
    assert (counted(), off(order)) == ((3, 2940), 2940)
    orders.cancel_units(order, {1: 1}, code="out_of_stock", actor=actor, now=now)
    assert counted() == held(order) == (2, 1960)
    assert off(order) == 1960


def test_a_split_takes_its_part_along(scoped, actor, now):
    order = make_order(scoped, now=now, quantity=3)
    child = orders.split_order(order, {1: 1}, actor=actor, now=now)
    assert (held(order), held(child), counted()) == ((2, 1960), (1, 980), (3, 2940))
    orders.cancel_order(child, reason="x", actor=actor, now=now)
    assert (held(child), counted()) == ((0, 0), (2, 1960))
    orders.cancel_order(order, reason="x", actor=actor, now=now)
    assert counted() == (0, 0)


def test_a_joined_order_brings_what_it_held(scoped, actor, now):
    first, second = (make_order(scoped, now=now, quantity=units) for units in (2, 1))
    stays = orders.merge_orders(first, second, actor=actor, now=now)
    assert (held(stays), counted()) == ((3, 2940), (3, 2940))
    orders.cancel_order(stays, reason="x", actor=actor, now=now)
    assert counted() == (0, 0)
