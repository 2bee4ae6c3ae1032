"""Many buyers at once, on real connections: exactly what there is gets sold."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.db.models import Sum
from django_scopes import scope

from apps.catalog.models import Variant
from apps.common.errors import DomainError
from apps.common.idempotency import StoredAnswer, answer_once
from apps.inventory import hot
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.requests import LineRequest
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.merchants import MerchantFactory, StoreFactory
from tests.factories.orders import order_request

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def at_once(function, arguments, connections_count=64):
    """Run ``function`` on every argument at the same moment, each thread on its own connection."""
    barrier = threading.Barrier(min(connections_count, len(arguments)))

    def work(argument):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return function(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=connections_count) as pool:
        return list(pool.map(work, arguments))


def shop(now, **stock: int) -> tuple[Merchant, object]:
    merchant = MerchantFactory()
    node = NodeFactory(merchant=merchant)
    product = ProductFactory(merchant=merchant)
    for sku, units in stock.items():
        variant = VariantFactory(product=product, sku=sku)
        ListingFactory(variant=variant)
        put_stock(variant, units, now=now, node=node)
    return merchant, StoreFactory(merchant=merchant)


def buy(merchant, store, actor, now):
    def place(request):
        with scope(merchant=merchant):
            try:
                receipt = orders.place_order(
                    request, merchant=merchant, store=store, actor=actor, now=now
                )
            except DomainError as error:
                return error.code
            return "new" if receipt.is_new else "repeat"

    return place


def test_64_buyers_for_50_units_sell_exactly_50(actor, now):
    merchant, store = shop(now, HOT=50)
    requests = [order_request(LineRequest("HOT", 1), now=now) for _ in range(64)]

    outcomes = Counter(at_once(buy(merchant, store, actor, now), requests))

    assert outcomes == {"new": 50, "orders.out_of_stock": 14}
    with scope(merchant=merchant):
        balance = StockBalance.objects.get()
        assert (balance.available, balance.reserved) == (0, 50)
        assert Order.objects.count() == 50
        assert find_wrong_balances(merchant) == []
    assert JournalEntry.objects.filter(event="order.placed").count() == 50


def test_buyers_of_crossed_baskets_never_see_a_deadlock(actor, now):
    merchant, store = shop(now, A=1000, B=1000, C=1000)
    baskets = [("A", "B", "C"), ("C", "B", "A"), ("B", "A", "C"), ("C", "A", "B")]
    requests = [
        order_request(*(LineRequest(sku, 1) for sku in baskets[n % 4]), now=now) for n in range(256)
    ]

    outcomes = Counter(at_once(buy(merchant, store, actor, now), requests))

    assert outcomes == {"new": 256}
    with scope(merchant=merchant):
        assert set(StockBalance.objects.values_list("available", "reserved")) == {(744, 256)}
        assert OrderLine.objects.count() == 768


def test_64_twins_of_one_request_make_one_order(actor, now):
    merchant, store = shop(now, HOT=50)
    request = order_request(LineRequest("HOT", 2), now=now)

    outcomes = Counter(at_once(buy(merchant, store, actor, now), [request] * 64))

    assert outcomes == {"new": 1, "repeat": 63}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().reserved == 2


def test_batches_that_compete_share_the_stock_exactly(actor, now):
    merchant, store = shop(now, HOT=100)

    def place(batch):
        with scope(merchant=merchant):
            receipts = orders.place_orders(
                batch, merchant=merchant, store=store, actor=actor, now=now
            )
        return Counter(item.error.code if item.error else "new" for item in receipts)

    batches = [
        [order_request(LineRequest("HOT", 1), now=now) for _ in range(10)] for _ in range(16)
    ]

    outcomes = sum(at_once(place, batches, connections_count=16), Counter())

    assert outcomes == {"new": 100, "orders.out_of_stock": 60}


def test_cancel_and_ship_at_once_leave_one_winner(actor, now):
    merchant, store = shop(now, HOT=50)
    with scope(merchant=merchant):
        receipt = orders.place_order(
            order_request(LineRequest("HOT", 5), now=now),
            merchant=merchant,
            store=store,
            actor=actor,
            now=now,
        )
        order = Order.objects.get(public_id=receipt.public_id)
        orders.confirm_order(order, actor=actor, now=now)
        orders.allocate_order(order, actor=actor, now=now)

    def act(step):
        with scope(merchant=merchant):
            try:
                if step == "ship":
                    orders.ship_order(order, actor=actor, now=now)
                else:
                    orders.cancel_order(order, reason="race", actor=actor, now=now)
            except DomainError as error:
                return error.code
            return step

    outcomes = Counter(at_once(act, ["ship", "cancel"] * 16, connections_count=32))

    with scope(merchant=merchant):
        order.refresh_from_db()
        balance = StockBalance.objects.get()
        winner = {"shipped": "ship", "cancelled": "cancel"}[order.status]
        left = {"shipped": 45, "cancelled": 50}[order.status]
        assert outcomes == {winner: 1, "orders.wrong_state": 31}
        assert (balance.available, balance.reserved) == (left, 0)
        assert find_wrong_balances(merchant) == []


def _heat(merchant, actor, now):
    with scope(merchant=merchant):
        variants = list(Variant.objects.filter(merchant=merchant))
        hot.heat_balances(merchant, variants=variants, actor=actor, now=now)


def test_96_buyers_for_50_units_in_buckets_buy_exactly_50(actor, now):
    merchant, store = shop(now, HOT=50)
    _heat(merchant, actor, now)
    requests = [order_request(LineRequest("HOT", 1), now=now) for _ in range(96)]

    outcomes = Counter(at_once(buy(merchant, store, actor, now), requests, 32))

    assert outcomes == {"new": 50, "orders.out_of_stock": 46}
    with scope(merchant=merchant):
        assert (sum_stock(merchant)["available"], sum_stock(merchant)["reserved"]) == (0, 50)
        assert find_wrong_balances(merchant) == []


def test_hot_baskets_of_several_units_sell_to_the_last_one(actor, now):
    merchant, store = shop(now, A=90, B=90)
    _heat(merchant, actor, now)
    baskets = [("A", "B"), ("B", "A")]
    requests = [
        order_request(*(LineRequest(sku, 3) for sku in baskets[n % 2]), now=now) for n in range(48)
    ]

    outcomes = Counter(at_once(buy(merchant, store, actor, now), requests, 24))

    assert outcomes == {"new": 30, "orders.out_of_stock": 18}
    with scope(merchant=merchant):
        assert (sum_stock(merchant)["available"], sum_stock(merchant)["reserved"]) == (0, 180)
        assert find_wrong_balances(merchant) == []


def test_buying_cancelling_heating_and_cooling_at_once_lose_no_unit(actor, now):
    merchant, store = shop(now, HOT=40)
    _heat(merchant, actor, now)
    place = buy(merchant, store, actor, now)

    def act(step):
        number, kind = step
        if kind == "buy":
            return place(order_request(LineRequest("HOT", 1 + number % 3), now=now))
        with scope(merchant=merchant):
            if kind == "cancel":
                return _cancel_one(number, actor, now)
            variants = list(Variant.objects.filter(merchant=merchant))
            change = hot.heat_balances if kind == "heat" else hot.cool_balances
            change(merchant, variants=variants, actor=actor, now=now)
            return kind

    kinds = ["buy", "buy", "cancel", "buy", "heat", "buy", "cancel", "cool"]
    steps = [(number, kinds[number % 8]) for number in range(96)]

    outcomes = Counter(at_once(act, steps, connections_count=24))

    assert set(outcomes) <= {"new", "orders.out_of_stock", "cancel", "none", "heat", "cool"}
    with scope(merchant=merchant):
        stock = sum_stock(merchant)
        waiting = OrderLine.objects.filter(order__status="pending").aggregate(n=Sum("quantity"))
        assert stock["reserved"] == (waiting["n"] or 0)
        assert stock["available"] + stock["reserved"] == 40
        assert find_wrong_balances(merchant) == []


def _cancel_one(number, actor, now):
    waiting = list(Order.objects.filter(status="pending").order_by("id")[:50])
    if not waiting:
        return "none"
    try:
        order = waiting[number % len(waiting)]
        orders.cancel_order(order, reason="race", actor=actor, now=now)
    except DomainError:
        return "none"
    return "cancel"


def test_concurrent_requests_with_one_key_get_one_answer(db):
    effects: list[int] = []

    def answer(number):
        def effect() -> StoredAnswer:
            effects.append(number)
            return StoredAnswer(201, f"made by {number}")

        return answer_once(scope="mer:1", key="same", fingerprint="f", effect=effect)

    answers = at_once(answer, list(range(32)), connections_count=32)

    assert len(effects) == 1
    assert {item.body for item in answers} == {f"made by {effects[0]}"}
    assert Counter(item.replayed for item in answers) == {True: 31, False: 1}
