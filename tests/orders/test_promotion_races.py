"""Many buyers at once under limited promotions: exactly what there is gets used."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django_scopes import scope

from apps.common.errors import DomainError
from apps.orders import services as orders
from apps.orders.models import LineDiscount, Order
from apps.orders.requests import BuyerRequest, LineRequest
from apps.promotions.models import PromotionCounter, Redemption
from tests.factories.orders import order_request
from tests.factories.promotions import make_promotion
from tests.orders.test_races import at_once, shop

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
BUYERS = 24


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def buyer(number: int) -> BuyerRequest:
    return BuyerRequest(name=f"Buyer {number}", country="DE", email=f"b{number}@example.de")


def outcome(merchant, store, actor, now):
    """Return what places a request and tells its total, or the code of its refusal."""

    def place(request):
        with scope(merchant=merchant):
            try:
                receipt = orders.place_order(
                    request, merchant=merchant, store=store, actor=actor, now=now
                )
            except DomainError as error:
                return error.code
            return receipt.total_minor

    return place


def run(merchant, now, limits, **changes):
    facts = {
        "kind": "voucher",
        "codes": ("SAVE",),
        "rule": {"value": {"percent": "20"}, "currency": "EUR", "limits": limits},
    }
    return make_promotion(merchant, now=now, **{**facts, **changes})


def test_24_orders_for_10_uses_are_discounted_exactly_10_times(actor, now):
    merchant, store = shop(now, LAMP=100)
    run(merchant, now, {"uses": 10})
    requests = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(n), codes=("SAVE",))
        for n in range(BUYERS)
    ]

    totals = Counter(at_once(outcome(merchant, store, actor, now), requests))

    assert totals == {3920: 10, 4900: 14}
    with scope(merchant=merchant):
        assert PromotionCounter.objects.get(scope="all").uses == 10
        assert LineDiscount.objects.count() == Redemption.objects.count() == 10


def test_who_was_shown_the_discount_never_pays_more_unasked(actor, now):
    merchant, store = shop(now, LAMP=100)
    run(merchant, now, {"uses": 10})
    requests = [
        order_request(
            LineRequest("LAMP", 1),
            now=now,
            buyer=buyer(n),
            codes=("SAVE",),
            expected_total_minor=3920,
        )
        for n in range(BUYERS)
    ]

    totals = Counter(at_once(outcome(merchant, store, actor, now), requests))

    assert totals == {3920: 10, "orders.price_changed": 14}
    with scope(merchant=merchant):
        assert Order.objects.count() == 10


def test_a_budget_is_never_passed(actor, now):
    merchant, store = shop(now, LAMP=100)
    run(merchant, now, {"budget": 5000})
    requests = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(n), codes=("SAVE",))
        for n in range(BUYERS)
    ]

    totals = at_once(outcome(merchant, store, actor, now), requests)

    placed = [total for total in totals if isinstance(total, int)]
    assert set(totals) - set(placed) <= {"orders.promotion_busy"}
    with scope(merchant=merchant):
        spent = PromotionCounter.objects.get(scope="money:EUR").spent_minor
        assert spent == sum(4900 - total for total in placed) <= 5000
        assert spent == sum(row.amount_minor for row in LineDiscount.objects.all())


def test_a_buyer_uses_it_once_whoever_many_orders_come_at_once(actor, now):
    merchant, store = shop(now, LAMP=100)
    run(merchant, now, {"uses_per_buyer": 1})
    requests = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(n % 3), codes=("SAVE",))
        for n in range(BUYERS)
    ]

    totals = Counter(at_once(outcome(merchant, store, actor, now), requests))

    assert totals == {3920: 3, 4900: 21}


def test_a_first_order_is_the_first_one_also_at_once(actor, now):
    merchant, store = shop(now, LAMP=100)
    make_promotion(merchant, now=now, kind="first_order_price", rule={"value": {"percent": "20"}})
    requests = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(1)) for _ in range(BUYERS)
    ]

    totals = Counter(at_once(outcome(merchant, store, actor, now), requests))

    assert totals == {3920: 1, 4900: 23}


def test_cancelling_against_ordering_counts_every_use_once(actor, now):
    merchant, store = shop(now, LAMP=100)
    run(merchant, now, {"uses": 12, "budget": 12 * 980})
    first = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(n), codes=("SAVE",))
        for n in range(12)
    ]
    place = outcome(merchant, store, actor, now)
    assert [place(request) for request in first] == [3920] * 12
    with scope(merchant=merchant):
        placed = list(Order.objects.all())
    later = [
        order_request(LineRequest("LAMP", 1), now=now, buyer=buyer(20 + n), codes=("SAVE",))
        for n in range(12)
    ]

    def work(item):
        if not isinstance(item, Order):
            return place(item)
        with scope(merchant=merchant):
            orders.cancel_order(item, reason="x", actor=actor, now=now)
        return "cancelled"

    results = at_once(work, [one for pair in zip(placed, later, strict=True) for one in pair])

    discounted = results.count(3920)
    assert results.count("cancelled") == 12
    with scope(merchant=merchant):
        counter = PromotionCounter.objects.get(scope="all")
        money = PromotionCounter.objects.get(scope="money:EUR")
        assert (counter.uses, money.spent_minor) == (discounted, discounted * 980)
        assert Redemption.objects.filter(is_returned=False).count() == discounted
