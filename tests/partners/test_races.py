"""The doors under real concurrency: one key one order, one delivery one dispatcher."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.common.models import IdempotencyRecord
from apps.inventory import hot
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.orders.models import Order
from apps.partners import dispatch, services
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.merchants import MerchantFactory, StoreFactory
from tests.factories.partners import ApiClient, api_client, make_endpoint
from tests.partners.test_intake import new_order

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
THREADS = 16


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def at_once(work: Callable[[int], object]) -> list:
    """Run ``work`` in all threads at the same moment, each on its own connection."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_one_key_sent_sixteen_times_at_once_is_one_order() -> None:
    merchant = MerchantFactory()
    StoreFactory(merchant=merchant)
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=variant)
    put_stock(variant, 100, now=utc_now())
    secret = api_client(merchant).secret

    def send(_number: int) -> tuple[int, bytes]:
        api = ApiClient(secret)
        answer = api.call("POST", "/orders", new_order(), idempotency_key="one")
        return answer.status_code, answer.content

    answers = at_once(send)
    taken = {content for status, content in answers if status == 201}
    assert len(taken) == 1
    assert {status for status, _content in answers} <= {201, 409}
    with scopes_disabled():
        assert Order.objects.count() == 1
        assert StockBalance.objects.get().reserved == 2


def test_sixteen_dispatchers_never_claim_a_row_twice() -> None:
    merchant = MerchantFactory()
    endpoint, _secret = make_endpoint(merchant)
    now = utc_now()
    with scope(merchant=merchant):
        for _ in range(200):
            services.send_test(endpoint, now=now)

    def claim(_number: int) -> list[int]:
        mine: list[int] = []
        for _ in range(10):
            mine += [item.pk for item in dispatch.claim(now=now, limit=20)]
        return mine

    claimed = [key for mine in at_once(claim) for key in mine]
    assert len(claimed) == len(set(claimed)) == 200


def test_a_crowd_at_one_hot_product_gets_each_its_own_answer(actor) -> None:
    merchant = MerchantFactory()
    StoreFactory(merchant=merchant)
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=variant)
    put_stock(variant, 100, now=utc_now())
    with scope(merchant=merchant):
        hot.heat_balances(merchant, variants=[variant], actor=actor, now=utc_now())
    secret = api_client(merchant).secret

    def send(number: int) -> list[int]:
        """Send eight orders, of which one has a product that nobody sells."""
        api = ApiClient(secret)
        bodies = [new_order(f"{number}-{at}", quantity=1) for at in range(7)]
        bodies.append(new_order(f"{number}-x", sku="NOBODY", quantity=1))
        return [api.call("POST", "/orders", body).status_code for body in bodies]

    answers = [status for mine in at_once(send) for status in mine]

    assert Counter(answers) == {201: 100, 409: 12, 422: 16}
    with scope(merchant=merchant):
        assert (sum_stock(merchant)["available"], sum_stock(merchant)["reserved"]) == (0, 100)
        assert find_wrong_balances(merchant) == []
        assert Order.objects.count() == 100
    assert IdempotencyRecord.objects.filter(status=201).count() == 100
    assert IdempotencyRecord.objects.count() == 100
