"""Orders that look like one order sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django_scopes import scope

from apps.compliance.duplicates import KIND, hold_duplicate
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.requests import LineRequest
from apps.orders.services.settings import set_duplicate_minutes
from tests.compliance.test_checks import deliver_news
from tests.factories.orders import BUYER, make_order, order_request

pytestmark = pytest.mark.django_db


def again(first: Order, *, now, actor, quantity: int = 2, **changes: object) -> Order:
    """Return another order of the same SKU."""
    request = order_request(LineRequest(first.lines.get().sku, quantity), now=now, **changes)
    receipt = orders.place_order(
        request, merchant=first.merchant, store=first.store, actor=actor, now=now
    )
    return Order.objects.get(public_id=receipt.public_id)


def test_the_second_of_two_equal_orders_waits_and_names_the_first(scoped, actor, now):
    first = make_order(scoped, now=now)
    deliver_news(now)
    second = again(first, now=now + timedelta(minutes=12), actor=actor, channel="web")
    deliver_news(now)

    hold = OrderHold.objects.get()
    assert (hold.order, hold.kind) == (second, KIND)
    assert hold.details == {
        "other": first.public_id,
        "other_number": first.number,
        "minutes_apart": 12,
        "minutes_allowed": 30,
        "same_channel": False,
    }
    assert first.number in hold.reason
    statuses = dict(Order.objects.values_list("pk", "status"))
    assert statuses == {first.pk: "allocated", second.pk: "pending"}


def test_of_two_that_are_seen_together_one_goes_on(scoped, actor, now):
    first = make_order(scoped, now=now)
    again(first, now=now, actor=actor)
    deliver_news(now)

    assert sorted(Order.objects.values_list("status", flat=True)) == ["allocated", "pending"]


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 3},
        {"buyer": replace(BUYER, email="other@example.de")},
        {"now": timedelta(minutes=31)},
        {"shipping_minor": 500},
    ],
)
def test_what_differs_is_no_duplicate(scoped, actor, now, changes):
    first = make_order(scoped, now=now)
    moment = now + changes.pop("now", timedelta())
    second = again(first, now=moment, actor=actor, **changes)

    assert hold_duplicate(second, actor=actor, now=now) is None


def test_a_cancelled_order_is_no_twin(scoped, actor, now):
    first = make_order(scoped, now=now)
    second = again(first, now=now, actor=actor)
    orders.cancel_order(first, reason="Twice", actor=actor, now=now)

    assert hold_duplicate(second, actor=actor, now=now) is None


def test_a_person_decides_once(scoped, actor, now):
    first = make_order(scoped, now=now)
    deliver_news(now)
    second = again(first, now=now, actor=actor)
    deliver_news(now)
    orders.release_hold(OrderHold.objects.get(), actor=actor, now=now)
    deliver_news(now)

    second.refresh_from_db()
    assert second.status == "allocated"
    assert hold_duplicate(second, actor=actor, now=now) is None


def test_the_company_chooses_the_minutes_or_none(scoped, actor, now):
    first = make_order(scoped, now=now)
    second = again(first, now=now + timedelta(minutes=5), actor=actor)

    set_duplicate_minutes(scoped, 0, actor=actor, now=now)
    assert hold_duplicate(second, actor=actor, now=now) is None
    set_duplicate_minutes(scoped, 4, actor=actor, now=now)
    assert hold_duplicate(second, actor=actor, now=now) is None
    set_duplicate_minutes(scoped, 5, actor=actor, now=now)
    assert hold_duplicate(second, actor=actor, now=now) is not None
    told = JournalEntry.objects.filter(event="orders.setting_changed").order_by("id")
    assert [entry.payload["duplicate_minutes"] for entry in told] == [0, 4, 5]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_workers_hold_one_of_two(merchant, actor, now):
    if connection.vendor != "mysql":
        pytest.skip("needs MariaDB or MySQL: SQLite has one writer")
    with scope(merchant=merchant):
        first = make_order(merchant, now=now)
        second = again(first, now=now, actor=actor)
    barrier = Barrier(2)

    def work(order: Order) -> None:
        try:
            with scope(merchant=merchant):
                barrier.wait(10)
                hold_duplicate(order, actor=actor, now=now)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(order,)) for order in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with scope(merchant=merchant):
        assert OrderHold.objects.filter(kind=KIND).count() == 1
