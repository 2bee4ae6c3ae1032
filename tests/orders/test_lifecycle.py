"""The life of an order: steps, refusals, stock given back once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import deadlines
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.services import buyers
from tests.factories.orders import BUYER, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scoped, now) -> Order:
    return make_order(scoped, now=now, quantity=2, stock=10)


def events(order: Order) -> list[str]:
    entries = JournalEntry.objects.filter(subject_id=order.public_id).order_by("id")
    return list(entries.values_list("event", flat=True))


def stock(order: Order) -> tuple[int, int]:
    return StockBalance.objects.values_list("available", "reserved").get()


def test_an_order_walks_to_its_end(order, scoped, actor, now):
    later = now + timedelta(days=5)
    orders.confirm_order(order, actor=actor, now=now)
    orders.allocate_order(order, actor=actor, now=now)
    orders.ship_order(order, actor=actor, now=now)
    assert stock(order) == (8, 0)
    orders.deliver_order(order, delivered_at=later, actor=actor, now=later)
    orders.complete_order(order, actor=actor, now=later + timedelta(days=14))

    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("completed", later)
    assert events(order) == [
        "order.placed",
        "order.confirmed",
        "order.allocated",
        "order.shipped",
        "order.delivered",
        "order.completed",
    ]
    assert find_wrong_balances(scoped) == []


def test_a_step_out_of_order_is_refused_and_changes_nothing(order, actor, now):
    with pytest.raises(DomainError) as caught:
        orders.ship_order(order, actor=actor, now=now)

    order.refresh_from_db()
    assert caught.value.code == "orders.wrong_state"
    assert (order.status, stock(order)) == ("pending", (8, 2))
    assert events(order) == ["order.placed"]


def test_cancelling_gives_the_stock_back_once(order, scoped, actor, now):
    orders.cancel_order(order, reason="Buyer changed their mind", actor=actor, now=now)
    with pytest.raises(DomainError):
        orders.cancel_order(order, reason="again", actor=actor, now=now)

    assert stock(order) == (10, 0)
    assert find_wrong_balances(scoped) == []
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "Buyer changed their mind")
    assert Deadline.objects.get(subject_id=order.public_id).outcome == "cancelled"


def test_a_shipped_order_cannot_be_cancelled(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    orders.allocate_order(order, actor=actor, now=now)
    orders.ship_order(order, actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        orders.cancel_order(order, reason="late", actor=actor, now=now)

    assert caught.value.code == "orders.wrong_state"
    assert stock(order) == (8, 0)


def test_a_hold_stops_the_order_until_it_is_released(order, actor, now):
    hold = orders.place_hold(
        order, kind="address", reason="The house number is missing.", actor=actor, now=now
    )
    again = orders.place_hold(order, kind="address", reason="Other", actor=actor, now=now)
    assert again.pk == hold.pk
    with pytest.raises(DomainError) as caught:
        orders.confirm_order(order, actor=actor, now=now)
    assert caught.value.code == "orders.on_hold"

    orders.release_hold(hold, note="Buyer answered", actor=actor, now=now)
    orders.confirm_order(order, actor=actor, now=now)

    order.refresh_from_db()
    assert (order.status, order.open_hold_count) == ("confirmed", 0)
    with pytest.raises(DomainError) as twice:
        orders.release_hold(hold, actor=actor, now=now)
    assert twice.value.code == "orders.hold_released"


def test_a_released_kind_can_be_held_again(order, actor, now):
    for _ in range(2):
        hold = orders.place_hold(order, kind="risk", reason="Check", actor=actor, now=now)
        orders.release_hold(hold, actor=actor, now=now)

    assert OrderHold.objects.filter(order=order, kind="risk").count() == 2


def test_an_order_not_shipped_long_after_its_date_is_cancelled(order, actor, now):
    end = Deadline.objects.get(subject_id=order.public_id).due_at
    assert deadlines.sweep(now=end - timedelta(seconds=1)) == 0
    assert deadlines.sweep(now=end) == 1

    order.refresh_from_db()
    assert (order.status, stock(order)) == ("cancelled", (10, 0))


def test_a_delivered_order_completes_after_its_return_window(order, actor, now):
    for step in (orders.confirm_order, orders.allocate_order, orders.ship_order):
        step(order, actor=actor, now=now)
    orders.deliver_order(order, delivered_at=now, actor=actor, now=now)

    deadlines.sweep(now=now + timedelta(days=14, seconds=1))

    order.refresh_from_db()
    assert order.status == "completed"


def test_revealing_the_buyer_is_recorded(order, actor, now):
    assert buyers.reveal_buyer(order, actor=actor, now=now) == BUYER

    assert events(order) == ["order.placed", "order.buyer_revealed"]


def test_an_erased_buyer_cannot_be_read_again(order, scoped, actor, now):
    assert buyers.erase_buyer(scoped, order.buyer_index, actor=actor, now=now) == 1

    order.refresh_from_db()
    assert (order.buyer_label, order.buyer_index) == ("", "")
    with pytest.raises(buyers.UnreadableError):
        buyers.read_buyer(order)
