"""Taking orders in: prices, stock, repeats, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django_scopes import scope

from apps.common.errors import DomainError
from apps.inventory.models import StockBalance, StockPosting
from apps.inventory.selectors import find_wrong_balances
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant, Store
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.requests import LineRequest
from apps.orders.services.buyers import read_buyer
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.orders import BUYER, order_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(scoped: Merchant, now: datetime):
    variant = VariantFactory(product=ProductFactory(merchant=scoped), sku="LAMP")
    ListingFactory(variant=variant, price_minor=4900)
    put_stock(variant, 10, now=now)
    return variant


@pytest.fixture
def mug(scoped: Merchant, now: datetime):
    variant = VariantFactory(product=ProductFactory(merchant=scoped, title="Mug"), sku="MUG")
    ListingFactory(variant=variant, price_minor=1250)
    put_stock(variant, 3, now=now)
    return variant


def place(requests, merchant, store, actor, now):
    return orders.place_orders(requests, merchant=merchant, store=store, actor=actor, now=now)


def test_order_is_priced_reserved_and_announced(lamp, mug, scoped, store, actor, now):
    request = order_request(
        LineRequest("LAMP", 2), LineRequest("MUG", 1), now=now, shipping_minor=800
    )

    receipt = orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    order = Order.objects.get(public_id=receipt.public_id)
    assert (order.status, order.currency) == ("pending", "EUR")
    assert (order.items_minor, order.shipping_minor, order.total_minor) == (11050, 800, 11850)
    assert order.buyer_label == "Jonas W."
    assert b"Sonnenallee" not in bytes(order.buyer_sealed)
    assert read_buyer(order) == BUYER
    # Wednesday 17:00 in Shanghai is past the cut-off: three working days after Thursday.
    assert order.ship_by_at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    lines = OrderLine.objects.order_by("position").values_list("sku", "quantity", "total_minor")
    assert list(lines) == [("LAMP", 2, 9800), ("MUG", 1, 1250)]
    balance = StockBalance.objects.get(variant=lamp)
    assert (balance.available, balance.reserved) == (8, 2)
    assert find_wrong_balances(scoped) == []
    entry = JournalEntry.objects.get(event="order.placed")
    assert (entry.subject_id, entry.tenant_id) == (order.public_id, scoped.pk)
    assert entry.payload["total_minor"] == 11850
    assert Deadline.objects.get(subject_id=order.public_id).due_at == datetime(
        2026, 12, 8, 16, tzinfo=UTC
    )


def test_price_paid_in_the_app_is_kept(lamp, scoped, store, actor, now):
    request = order_request(LineRequest("LAMP", 3, unit_price_minor=4500), now=now)

    receipt = orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    assert receipt.total_minor == 13500


def test_repeat_returns_the_first_order(lamp, scoped, store, actor, now):
    request = order_request(LineRequest("LAMP", 2), now=now)

    first, repeat = (
        orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)
        for _ in range(2)
    )

    assert (first.is_new, repeat.is_new) == (True, False)
    assert repeat.public_id == first.public_id
    assert Order.objects.count() == 1
    assert StockBalance.objects.get(variant=lamp).available == 8


def test_other_order_under_the_same_reference_is_refused(lamp, scoped, store, actor, now):
    request = order_request(LineRequest("LAMP", 2), now=now)
    orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        orders.place_order(
            replace(request, lines=(LineRequest("LAMP", 3),)),
            merchant=scoped,
            store=store,
            actor=actor,
            now=now,
        )

    assert (caught.value.code, caught.value.status) == ("orders.reference_reused", 409)
    assert StockBalance.objects.get(variant=lamp).available == 8


def test_too_little_stock_is_refused_and_nothing_reserved(lamp, mug, scoped, store, actor, now):
    request = order_request(LineRequest("LAMP", 1), LineRequest("MUG", 4), now=now)

    with pytest.raises(DomainError) as caught:
        orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    assert caught.value.code == "orders.out_of_stock"
    assert caught.value.message == "Not enough stock of MUG."
    assert Order.objects.count() == 0
    assert StockBalance.objects.get(variant=lamp).available == 10
    assert StockPosting.objects.filter(reason="order").count() == 0


def test_batch_gives_each_order_its_own_outcome(lamp, mug, scoped, store, actor, now):
    good = order_request(LineRequest("LAMP", 4), now=now)
    unlisted = order_request(LineRequest("NOPE", 1), now=now)
    empty = order_request(now=now)
    too_much = order_request(LineRequest("LAMP", 7), now=now)
    last = order_request(LineRequest("LAMP", 6), now=now)

    receipts = place([good, unlisted, empty, too_much, last], scoped, store, actor, now)

    codes = [receipt.error.code if receipt.error else "" for receipt in receipts]
    assert codes == ["", "orders.not_listed", "orders.invalid", "orders.out_of_stock", ""]
    assert receipts[1].error.fields == {"lines.0.sku": "NOPE is not on sale in DE."}
    assert receipts[2].error.fields == {"lines": "This is missing."}
    assert StockBalance.objects.get(variant=lamp).available == 0
    assert Order.objects.count() == 2


def test_one_variant_on_two_lines_counts_twice(lamp, scoped, store, actor, now):
    request = order_request(LineRequest("LAMP", 6), LineRequest("LAMP", 5), now=now)

    with pytest.raises(DomainError) as caught:
        orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    assert caught.value.code == "orders.out_of_stock"


def test_another_merchants_listing_is_not_on_sale(lamp, stranger, actor, now):
    with scope(merchant=stranger):
        store = Store.objects.create(merchant=stranger, name="S")
        receipts = place(
            [order_request(LineRequest("LAMP", 1), now=now)], stranger, store, actor, now
        )

    assert receipts[0].error.code == "orders.not_listed"


def test_single_order_needs_ten_statements(
    lamp, mug, scoped, store, actor, now, django_assert_num_queries
):
    request = order_request(LineRequest("LAMP", 1), LineRequest("MUG", 1), now=now)

    # known references, promotions, offers, stock; then stock, postings, order, lines, deadline, journal
    with django_assert_num_queries(10 + 2):  # and the savepoint of the test's own transaction
        orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)


def test_batch_of_a_hundred_needs_no_more_statements(
    lamp, scoped, store, actor, now, django_assert_num_queries
):
    put_stock(lamp, 1000, now=now)
    requests = [order_request(LineRequest("LAMP", 1), now=now) for _ in range(100)]

    with django_assert_num_queries(10 + 2):
        receipts = place(requests, scoped, store, actor, now)

    assert all(receipt.is_new for receipt in receipts)
