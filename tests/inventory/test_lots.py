"""Lots: given out by their ends, quarantined after them, and told in the history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.common.errors import DomainError
from apps.inventory import hot
from apps.inventory import services as inventory
from apps.inventory.models import StockLot, StockPosting
from apps.inventory.receivers import book_lots, has_lots
from apps.inventory.rules import LotUnits, take_first_expiring
from apps.inventory.selectors import find_wrong_balances, find_wrong_lots, page_of_history
from apps.jobs import deadlines
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest
from tests.factories.catalog import ListingFactory
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.merchants import StoreFactory
from tests.factories.orders import order_request

# Before the orders of these tests are cancelled for not being shipped.
EARLY, LATE = date(2026, 11, 27), date(2027, 3, 1)
AFTER_EARLY = datetime(2026, 11, 28, 1, tzinfo=UTC)


def test_units_leave_from_the_lot_that_ends_first():
    lots = [LotUnits(1, 3), LotUnits(2, 5)]

    assert take_first_expiring(4, lots) == {1: 3, 2: 1}
    assert take_first_expiring(9, lots) == {1: 3, 2: 5}
    assert take_first_expiring(2, []) == {}


@pytest.mark.django_db
class TestLots:
    @pytest.fixture
    def receive(self, shelf):
        def receive(code, expires_on, units, **changes):
            facts = {
                "node": shelf.node,
                "variant": shelf.variant,
                "code": code,
                "expires_on": expires_on,
                "quantity": units,
                "reference": f"lot-{code}",
                "actor": shelf.actor,
                "now": shelf.now,
            }
            return inventory.receive_lot(shelf.merchant, **{**facts, **changes})

        return receive

    @pytest.fixture
    def buy(self, shelf):
        ListingFactory(variant=shelf.variant)
        store = StoreFactory(merchant=shelf.merchant)

        def buy(units) -> Order:
            request = order_request(LineRequest(shelf.variant.sku, units), now=shelf.now)
            receipt = orders.place_order(
                request, merchant=shelf.merchant, store=store, actor=shelf.actor, now=shelf.now
            )
            book_lots(JournalEntry.objects.filter(event="order.placed").latest("id"))
            return Order.objects.get(public_id=receipt.public_id)

        return buy

    def units(self) -> dict[str, int]:
        return dict(StockLot.objects.order_by("code").values_list("code", "units"))

    def test_a_lot_is_received_once(self, shelf, receive):
        receive("B", LATE, 5)
        receive("B", LATE, 5)

        assert (self.units(), shelf.balance.available) == ({"B": 5}, 5)
        assert has_lots(shelf.merchant.pk)

    def test_orders_take_the_earliest_end_and_cancelled_units_go_back_to_it(
        self, shelf, receive, buy
    ):
        receive("B", LATE, 5)
        receive("A", EARLY, 3)
        order = buy(4)
        assert self.units() == {"A": 0, "B": 4}

        orders.cancel_order(order, reason="Changed", actor=shelf.actor, now=shelf.now)
        book_lots(JournalEntry.objects.get(event="order.cancelled"))

        assert self.units() == {"A": 3, "B": 5}
        assert find_wrong_lots(shelf.merchant) == []

    def test_units_without_a_lot_leave_after_those_of_lots(self, shelf, receive, buy):
        shelf.receive(2)
        receive("A", EARLY, 3)

        buy(4)

        assert (self.units(), shelf.balance.available) == ({"A": 0}, 1)

    def test_what_is_left_after_the_end_is_quarantined_by_the_sweep(self, shelf, receive, buy):
        receive("A", EARLY, 3)
        receive("B", LATE, 5)
        buy(1)

        deadlines.sweep(now=AFTER_EARLY)

        assert self.units() == {"A": 0, "B": 5}
        assert (shelf.balance.available, shelf.balance.quarantined) == (5, 2)
        assert StockPosting.objects.latest("id").reason == "expired"
        assert find_wrong_balances(shelf.merchant) == []

    def test_a_sale_that_nobody_booked_yet_is_booked_before_the_end(self, shelf, receive, buy):
        receive("A", EARLY, 3)
        shelf.adjust("damage", "available", "damaged", 2)

        deadlines.sweep(now=AFTER_EARLY)

        assert (shelf.balance.available, shelf.balance.quarantined) == (0, 1)

    def test_units_that_come_back_after_the_end_are_quarantined_too(self, shelf, receive, buy):
        receive("A", EARLY, 3)
        order = buy(3)
        deadlines.sweep(now=AFTER_EARLY)
        later = AFTER_EARLY + timedelta(hours=1)
        orders.cancel_order(order, reason="Changed", actor=shelf.actor, now=later)
        book_lots(JournalEntry.objects.get(event="order.cancelled"))

        deadlines.sweep(now=later)

        assert (shelf.balance.available, shelf.balance.quarantined) == (0, 3)

    def test_the_history_names_the_lot(self, shelf, receive, buy):
        receive("A", EARLY, 3)
        buy(1)

        page = page_of_history(shelf.merchant, shelf.balance)

        assert [(step.reason, step.lots) for step in page.rows] == [
            ("order", ("A",)),
            ("received", ("A",)),
        ]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"quantity": 0}, "inventory.quantity"),
            ({"expires_on": date(2026, 11, 1)}, "inventory.lot_over"),
            ({"expires_on": LATE}, "inventory.lot_differs"),
        ],
    )
    def test_what_cannot_be_a_lot_is_refused(self, shelf, receive, changes, code):
        receive("A", EARLY, 3)

        with pytest.raises(DomainError) as caught:
            receive("A", **{"expires_on": EARLY, "units": 1, "reference": "lot-2", **changes})

        assert caught.value.code == code

    def test_a_planted_unit_of_a_lot_is_found(self, shelf, receive):
        lot = receive("A", EARLY, 3)
        StockLot.objects.update(units=4)

        assert [item.pk for item in find_wrong_lots(shelf.merchant)] == [lot.pk]

    def test_stock_for_many_buyers_takes_no_lots_and_lots_stay_in_one_row(
        self, shelf, receive, actor, now
    ):
        receive("A", EARLY, 3)
        assert (
            hot.heat_balances(shelf.merchant, variants=[shelf.variant], actor=actor, now=now) == 0
        )
        other = NodeFactory(merchant=shelf.merchant)
        put_stock(shelf.variant, 5, now=now, node=other)
        assert (
            hot.heat_balances(shelf.merchant, variants=[shelf.variant], actor=actor, now=now) == 1
        )

        with pytest.raises(DomainError) as caught:
            receive("B", LATE, 1, node=other)

        assert caught.value.code == "inventory.lot_hot"
