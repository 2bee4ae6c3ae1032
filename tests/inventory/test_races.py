"""A cart's order against the end of its time, and carts against each other, on real connections."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django_scopes import scope

from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance, StockReservation
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import deadlines
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.orders import order_request
from tests.orders.test_races import at_once, shop

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
TTL = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def hold(merchant, actor, now, reference="cart-1", units=1) -> str:
    with scope(merchant=merchant):
        cart = inventory.Cart(reference, "DE", (inventory.CartLine("HOT", units),))
        return inventory.reserve_cart(cart, merchant=merchant, actor=actor, now=now).public_id


def test_each_cart_becomes_an_order_or_expires_never_both(actor, now):
    merchant, store = shop(now, HOT=8)
    carts = [hold(merchant, actor, now, f"cart-{n}") for n in range(8)]
    end = now + TTL

    def act(task):
        kind, public_id = task
        if kind == "sweep":
            return deadlines.sweep(now=end)
        request = order_request(LineRequest("HOT", 1), now=now, reservation=public_id)
        with scope(merchant=merchant):
            try:
                # A moment before the end: open for the order, over for the sweep.
                orders.place_order(
                    request,
                    merchant=merchant,
                    store=store,
                    actor=actor,
                    now=end - timedelta(seconds=1),
                )
            except DomainError as error:
                return error.code
        return "sold"

    outcomes = at_once(act, [*(("buy", key) for key in carts), ("sweep", ""), ("sweep", "")])
    deadlines.sweep(now=end)

    with scope(merchant=merchant):
        states = Counter(StockReservation.objects.values_list("status", flat=True))
        balance = StockBalance.objects.get()
        sold = Order.objects.count()
        assert find_wrong_balances(merchant) == []
    assert set(states) <= {"converted", "expired"}
    assert states["converted"] + states["expired"] == 8
    # An order whose cart expired a moment before takes a unit that is for sale again.
    assert Counter(outcomes)["sold"] == sold == 8
    assert (balance.available, balance.reserved) == (0, 8)


def test_two_orders_that_name_one_cart_take_it_once(actor, now):
    merchant, store = shop(now, HOT=2)
    public_id = hold(merchant, actor, now, units=2)

    def buy(number):
        request = order_request(
            LineRequest("HOT", 2), now=now, reservation=public_id, external_ref=f"APP-R{number}"
        )
        with scope(merchant=merchant):
            try:
                orders.place_order(request, merchant=merchant, store=store, actor=actor, now=now)
            except DomainError as error:
                return error.code
        return "sold"

    outcomes = Counter(at_once(buy, range(8)))

    assert outcomes == {"sold": 1, "orders.reservation_used": 7}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().reserved == 2
        assert find_wrong_balances(merchant) == []


def test_carts_hold_exactly_what_there_is(actor, now):
    merchant, _store = shop(now, HOT=20)

    def take(number):
        try:
            return bool(hold(merchant, actor, now, f"cart-{number}"))
        except DomainError as error:
            return error.code

    outcomes = Counter(at_once(take, range(32)))

    assert outcomes == {True: 20, "inventory.out_of_stock": 12}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().reserved == 20


def test_transfers_in_opposite_directions_and_twins_never_meet_a_deadlock(actor, now):
    merchant, _store = shop(now, A=100, B=100)
    with scope(merchant=merchant):
        here = StockBalance.objects.select_related("variant", "node").get(variant__sku="A")
        there = NodeFactory(merchant=merchant)
        put_stock(here.variant, 100, now=now, node=there)

    def send(number):
        source, target = (here.node, there) if number % 2 else (there, here.node)
        with scope(merchant=merchant):
            return inventory.transfer_stock(
                merchant,
                source=source,
                target=target,
                quantities={here.variant: 1},
                reference=f"truck-{number // 2 * 2 + number % 2}",
                actor=actor,
                now=now,
            ).reference

    sent = at_once(send, [*range(16), *range(16)])

    assert Counter(sent) == {f"truck-{number}": 2 for number in range(16)}
    with scope(merchant=merchant):
        figures = StockBalance.objects.filter(variant=here.variant).values_list(
            "available", "in_transit"
        )
        assert set(figures) == {(92, 8)}
        assert find_wrong_balances(merchant) == []
