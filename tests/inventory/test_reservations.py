"""Carts that hold stock for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance, StockPosting, StockReservation
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import deadlines
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest, OrderRequest
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.factories.merchants import StoreFactory
from tests.factories.orders import order_request

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cart(shelf):
    shelf.receive(10)
    ListingFactory(variant=shelf.variant)
    return inventory.Cart("cart-1", "DE", (inventory.CartLine(shelf.variant.sku, 4),))


def reserve(shelf, cart, *, now=None) -> StockReservation:
    return inventory.reserve_cart(
        cart, merchant=shelf.merchant, actor=shelf.actor, now=now or shelf.now
    )


def figures(shelf) -> tuple[int, int]:
    balance = StockBalance.objects.get(variant=shelf.variant)
    return balance.available, balance.reserved


def buy(shelf, units, *, reservation="", now=None, **changes):
    request = order_request(
        LineRequest(shelf.variant.sku, units),
        now=now or shelf.now,
        reservation=reservation,
        **changes,
    )
    store = StoreFactory(merchant=shelf.merchant)
    return orders.place_order(
        request, merchant=shelf.merchant, store=store, actor=shelf.actor, now=now or shelf.now
    )


class TestHolding:
    def test_units_are_held_for_fifteen_minutes(self, shelf, cart):
        made = reserve(shelf, cart)

        assert figures(shelf) == (6, 4)
        assert (made.status, made.expires_at) == ("open", shelf.now + 15 * MINUTE)
        assert JournalEntry.objects.get(event="reservation.made").payload["reference"] == "cart-1"

    def test_activity_renews_it_and_holds_nothing_more(self, shelf, cart):
        first = reserve(shelf, cart)
        second = reserve(shelf, cart, now=shelf.now + 10 * MINUTE)

        assert (first.pk, figures(shelf)) == (second.pk, (6, 4))
        assert second.expires_at == shelf.now + 25 * MINUTE

    def test_a_changed_cart_holds_its_new_lines(self, shelf, cart):
        reserve(shelf, cart)
        changed = replace(cart, lines=(inventory.CartLine(shelf.variant.sku, 9),))

        made = reserve(shelf, changed)

        assert figures(shelf) == (1, 9)
        assert StockReservation.objects.get(status="open") == made

    def test_a_cart_that_asks_too_much_keeps_what_it_had(self, shelf, cart):
        reserve(shelf, cart)
        with pytest.raises(DomainError) as caught:
            reserve(shelf, replace(cart, lines=(inventory.CartLine(shelf.variant.sku, 11),)))

        assert caught.value.code == "inventory.out_of_stock"
        assert figures(shelf) == (6, 4)

    def test_a_cart_is_served_whole_or_not_at_all(self, shelf, cart):
        other = VariantFactory(product=shelf.variant.product)
        lines = (*cart.lines, inventory.CartLine(other.sku, 1))

        with pytest.raises(DomainError):
            reserve(shelf, replace(cart, lines=lines))

        assert figures(shelf) == (10, 0)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"ttl": timedelta(seconds=59)}, "inventory.bad_ttl"),
            ({"ttl": timedelta(minutes=61)}, "inventory.bad_ttl"),
            ({"lines": ()}, "inventory.bad_cart"),
            ({"lines": (inventory.CartLine("NONE", 1),)}, "inventory.unknown_sku"),
        ],
    )
    def test_what_cannot_be_held_is_refused(self, shelf, cart, changes, code):
        with pytest.raises(DomainError) as caught:
            reserve(shelf, replace(cart, **changes))

        assert (caught.value.code, caught.value.status) == (code, 422)


class TestEnds:
    def test_it_expires_by_the_sweep_and_units_are_for_sale_again(self, shelf, cart):
        made = reserve(shelf, cart)

        deadlines.sweep(now=shelf.now + 14 * MINUTE)
        assert figures(shelf) == (6, 4)
        deadlines.sweep(now=shelf.now + 15 * MINUTE)

        made.refresh_from_db()
        assert (made.status, figures(shelf)) == ("expired", (10, 0))
        assert StockPosting.objects.latest("id").reason == "cart_expired"
        assert find_wrong_balances(shelf.merchant) == []

    def test_a_renewed_one_expires_at_its_later_end(self, shelf, cart):
        made = reserve(shelf, cart)
        reserve(shelf, cart, now=shelf.now + 10 * MINUTE)

        deadlines.sweep(now=shelf.now + 20 * MINUTE)
        made.refresh_from_db()
        assert made.status == "open"
        deadlines.sweep(now=shelf.now + 25 * MINUTE)
        made.refresh_from_db()
        assert made.status == "expired"

    def test_releasing_twice_gives_back_once(self, shelf, cart):
        made = reserve(shelf, cart)
        for _twice in range(2):
            inventory.release_reservation(made, actor=shelf.actor, now=shelf.now)

        assert (made.status, figures(shelf)) == ("released", (10, 0))

    def test_the_cart_may_hold_again_after_its_end(self, shelf, cart):
        inventory.release_reservation(reserve(shelf, cart), actor=shelf.actor, now=shelf.now)

        assert reserve(shelf, cart).status == "open"


class TestOrders:
    def test_an_order_takes_its_units_over_even_when_nothing_else_is_left(self, shelf, cart):
        made = reserve(shelf, cart)
        rest = (inventory.CartLine(shelf.variant.sku, 6),)
        reserve(shelf, replace(cart, reference="cart-2", lines=rest))

        receipt = buy(shelf, 4, reservation=made.public_id, external_ref="APP-1")

        made.refresh_from_db()
        assert receipt.is_new
        assert (made.status, made.order_ref, figures(shelf)) == ("converted", "APP-1", (0, 10))
        assert find_wrong_balances(shelf.merchant) == []

    def test_what_the_order_does_not_need_is_for_sale_again(self, shelf, cart):
        made = reserve(shelf, cart)

        buy(shelf, 1, reservation=made.public_id)

        assert figures(shelf) == (9, 1)

    def test_it_is_taken_over_once(self, shelf, cart):
        made = reserve(shelf, cart)
        buy(shelf, 4, reservation=made.public_id)

        with pytest.raises(DomainError) as caught:
            buy(shelf, 4, reservation=made.public_id)

        assert caught.value.code == "orders.reservation_used"
        assert (Order.objects.count(), figures(shelf)) == (1, (6, 4))

    def test_an_order_that_is_refused_leaves_it_open(self, shelf, cart):
        made = reserve(shelf, cart)

        with pytest.raises(DomainError) as caught:
            buy(shelf, 11, reservation=made.public_id)

        made.refresh_from_db()
        assert caught.value.code == "orders.out_of_stock"
        assert (made.status, figures(shelf)) == ("open", (6, 4))

    def test_a_late_order_takes_what_is_for_sale(self, shelf, cart):
        made = reserve(shelf, cart)
        late = shelf.now + 20 * MINUTE

        buy(shelf, 5, reservation=made.public_id, now=late)

        made.refresh_from_db()
        assert (made.status, figures(shelf)) == ("open", (1, 9))

    def test_an_unknown_one_is_named(self, shelf, cart):
        with pytest.raises(DomainError) as caught:
            buy(shelf, 1, reservation="rsv_X")

        assert list(caught.value.fields) == ["reservation"]

    def test_the_mark_of_a_request_without_one_is_what_it_was(self, shelf):
        plain = order_request(LineRequest("A", 1), now=shelf.now, external_ref="APP-0")

        assert "reservation" in OrderRequest.__slots__
        assert plain.mark == "f7327ea571ec5a3cbceeaead486261f48e144afaedcfdf330b3a33c563b1bed2"
        assert replace(plain, reservation="rsv_1").mark != plain.mark

    def test_it_costs_intake_nothing_unless_it_is_named(
        self, shelf, cart, django_assert_max_num_queries
    ):
        store = StoreFactory(merchant=shelf.merchant)
        request = order_request(LineRequest(shelf.variant.sku, 1), now=shelf.now)

        with django_assert_max_num_queries(12):
            orders.place_order(
                request, merchant=shelf.merchant, store=store, actor=shelf.actor, now=shelf.now
            )
