"""Order calls that share a transaction: each keeps its own answer, key and refusal."""

from __future__ import annotations

import pytest
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.common.coalescing import OverloadError
from apps.common.idempotency import Keyed, StoredAnswer
from apps.common.models import IdempotencyRecord
from apps.inventory import hot
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.orders.models import Order
from apps.orders.requests import LineRequest
from apps.partners.api import crowd
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.orders import order_request
from tests.factories.partners import api_client
from tests.partners.test_intake import new_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(merchant):
    """Ten lamps on sale in Germany."""
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=variant)
    put_stock(variant, 10, now=utc_now())
    return variant


@pytest.fixture
def place(merchant, store, actor, now, lamp):
    """Place orders of (key, quantity) or (key, quantity, reference) together."""

    def act(*wanted, sku="LAMP"):
        batch = [
            crowd.Asked(
                Keyed("api:x", key, f"mark {key}"),
                order_request(
                    LineRequest(sku, quantity),
                    now=now,
                    **({"external_ref": reference[0]} if reference else {}),
                ),
                merchant,
                store,
                actor,
                now,
                lambda receipt: StoredAnswer(201 if receipt.is_new else 200, receipt.public_id),
            )
            for key, quantity, *reference in wanted
        ]
        with scope(merchant=merchant):
            return crowd._place_together(batch)

    return act


def codes(outcomes):
    return [getattr(item, "status", None) and getattr(item, "code", 201) for item in outcomes]


def test_each_gets_its_own_answer_under_its_own_key(place, merchant):
    outcomes = place(("a", 2), ("b", 3), ("c", 4))

    assert [item.status for item in outcomes] == [201, 201, 201]
    stored = dict(IdempotencyRecord.objects.values_list("key", "body"))
    assert stored == {key: item.body for key, item in zip("abc", outcomes, strict=True)}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().reserved == 9
        assert Order.objects.count() == 3


def test_what_cannot_be_served_is_refused_and_harms_nobody(place, merchant):
    outcomes = place(("a", 8), ("b", 0), ("c", 3), ("d", 2))

    assert codes(outcomes) == [201, "orders.invalid", "orders.out_of_stock", 201]
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"a", "d"}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().available == 0


def test_a_used_key_and_a_repeated_reference_are_answered_alone(place, merchant):
    place(("old", 1), ("older", 1))

    outcomes = place(("old", 1), ("x", 1, "SAME"), ("y", 1, "SAME"), ("z", 1), ("z", 1))

    assert [item and item.status for item in outcomes] == [None, 201, None, 201, None]
    with scope(merchant=merchant):
        assert Order.objects.count() == 4


def test_a_crowd_at_a_hot_balance_sells_what_there_is(place, merchant, lamp, actor, now):
    with scope(merchant=merchant):
        hot.heat_balances(merchant, variants=[lamp], actor=actor, now=now)

    outcomes = place(*((f"{n}", 1) for n in range(14)))

    assert codes(outcomes) == [201] * 10 + ["orders.out_of_stock"] * 4
    with scope(merchant=merchant):
        assert (sum_stock(merchant)["available"], sum_stock(merchant)["reserved"]) == (0, 10)
        assert find_wrong_balances(merchant) == []


def test_fifty_orders_together_take_one_statement_for_two(
    place, merchant, lamp, django_assert_max_num_queries
):
    put_stock(lamp, 100, now=utc_now())
    with django_assert_max_num_queries(20):
        outcomes = place(*((f"{n}", 1) for n in range(10)))

    assert codes(outcomes) == [201] * 10


def test_too_many_waiting_is_a_503_that_says_when_to_come_back(monkeypatch, merchant, lamp, store):
    def refuse(*_arguments, **_options):
        raise OverloadError

    monkeypatch.setattr(crowd._crowd, "run", refuse)

    api = api_client(merchant)
    api.client.raise_request_exception = False

    answer = api.call("POST", "/orders", new_order())

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["errors"][0]["code"] == "orders.busy"
    with scopes_disabled():
        assert not Order.objects.exists()


def test_it_can_be_switched_off(monkeypatch, settings, merchant, lamp, store):
    settings.INTAKE_TOGETHER = False
    monkeypatch.setattr(crowd._crowd, "run", None)

    assert api_client(merchant).call("POST", "/orders", new_order()).status_code == 201
