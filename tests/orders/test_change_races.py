"""Changes of one order at the same moment, on real connections: one wins, nothing is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django_scopes import scope

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.journal.actors import system_actor
from apps.orders import services as orders
from apps.orders.models import CancelRequest, Order, OrderLine
from apps.orders.requests import LineRequest
from apps.orders.states import OrderStatus
from tests.factories.orders import order_request
from tests.orders.test_races import at_once, shop

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
ACTOR = system_actor("tests")


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def place(merchant, store, now, *lines: LineRequest) -> Order:
    with scope(merchant=merchant):
        receipt = orders.place_order(
            order_request(*lines, now=now), merchant=merchant, store=store, actor=ACTOR, now=now
        )
        return Order.objects.get(public_id=receipt.public_id)


def outcomes_of(merchant, steps, names) -> Counter[str]:
    """Run named steps at once; counts the names of those that worked and the codes of the others."""

    def act(name: str) -> str:
        with scope(merchant=merchant):
            try:
                steps[name]()
            except DomainError as error:
                return error.code
            return name

    return Counter(at_once(act, names, connections_count=len(names)))


def check(merchant, total: int) -> None:
    """Nothing is lost: stock is its postings, reserved is what open orders hold."""
    with scope(merchant=merchant):
        assert find_wrong_balances(merchant) == []
        open_units = sum(
            OrderLine.objects.filter(
                order__status__in=[
                    OrderStatus.PENDING,
                    OrderStatus.CONFIRMED,
                    OrderStatus.ALLOCATED,
                ]
            )
            .filter(shipped_at=None)
            .values_list("quantity", flat=True)
        )
        balance = StockBalance.objects.get()
        assert balance.reserved == open_units
        assert balance.available + balance.reserved <= total


def test_split_and_cancel_at_once(now):
    merchant, store = shop(now, HOT=50)
    order = place(merchant, store, now, LineRequest("HOT", 10))
    steps = {
        "split": lambda: orders.split_order(order, {1: 2}, actor=ACTOR, now=now),
        "cancel": lambda: orders.cancel_order(order, reason="race", actor=ACTOR, now=now),
        "units": lambda: orders.cancel_units(order, {1: 1}, code="damaged", actor=ACTOR, now=now),
    }

    outcomes = outcomes_of(merchant, steps, ["split", "cancel", "units"] * 4)

    assert outcomes["cancel"] == 1
    assert set(outcomes) <= {"split", "cancel", "units", "orders.wrong_state", "orders.units"}
    check(merchant, 50)
    with scope(merchant=merchant):
        children = Order.objects.filter(parent=order)
        assert children.count() == outcomes["split"]
        assert StockBalance.objects.get().reserved == 2 * outcomes["split"]


def test_merges_of_three_orders_at_once(now):
    merchant, store = shop(now, HOT=50)
    first, second, third = (place(merchant, store, now, LineRequest("HOT", 3)) for _ in range(3))
    pairs = {
        "a": (first, second),
        "b": (second, third),
        "c": (third, first),
    }
    steps = {
        name: lambda pair=pair: orders.merge_orders(*pair, actor=ACTOR, now=now)
        for name, pair in pairs.items()
    }

    outcomes = outcomes_of(merchant, steps, ["a", "b", "c"] * 3)

    merged = sum(outcomes[name] for name in pairs)
    assert merged in {1, 2}
    check(merchant, 50)
    with scope(merchant=merchant):
        assert Order.objects.filter(status="cancelled").count() == merged
        assert StockBalance.objects.get().reserved == 9


def test_cancel_and_ship_of_parts_at_once(now):
    merchant, store = shop(now, HOT=50)
    order = place(merchant, store, now, LineRequest("HOT", 10))
    with scope(merchant=merchant):
        orders.confirm_order(order, actor=ACTOR, now=now)
        [whole] = fulfillment.create_shipments(order, actor=ACTOR, now=now)
        first, second = fulfillment.divide_shipment(whole, {1: 4}, actor=ACTOR, now=now)
    steps = {
        "first": lambda: fulfillment.hand_over(first, actor=ACTOR, now=now),
        "second": lambda: fulfillment.hand_over(second, actor=ACTOR, now=now),
        "cancel": lambda: orders.cancel_order(order, reason="race", actor=ACTOR, now=now),
    }

    outcomes = outcomes_of(merchant, steps, ["first", "second", "cancel"] * 3)

    with scope(merchant=merchant):
        order.refresh_from_db()
        balance = StockBalance.objects.get()
    if order.status == "cancelled":
        assert (outcomes["cancel"], balance.available, balance.reserved) == (1, 50, 0)
    else:
        assert outcomes["cancel"] == 0
        assert (order.status, balance.available, balance.reserved) == ("shipped", 40, 0)
    check(merchant, 50)


def test_one_answer_of_a_request_wins(now):
    merchant, store = shop(now, HOT=50)
    order = place(merchant, store, now, LineRequest("HOT", 1))
    with scope(merchant=merchant):
        orders.confirm_order(order, actor=ACTOR, now=now)
        orders.allocate_order(order, actor=ACTOR, now=now)
        request = orders.ask_to_cancel(order, party="buyer", code="too_slow", actor=ACTOR, now=now)
    steps = {
        "accept": lambda: orders.accept_request(request, actor=ACTOR, now=now),
        "refuse": lambda: orders.refuse_request(request, note="No", actor=ACTOR, now=now),
        "ship": lambda: orders.ship_order(order, actor=ACTOR, now=now),
    }

    outcomes_of(merchant, steps, ["accept", "refuse", "ship"] * 3)

    with scope(merchant=merchant):
        order.refresh_from_db()
        status = CancelRequest.objects.get().status
    assert (order.status, status) in {
        ("cancelled", "accepted"),
        ("shipped", "refused"),
        ("shipped", "moot"),
    }
    check(merchant, 50)
