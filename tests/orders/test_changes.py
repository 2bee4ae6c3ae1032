"""Changing an order before its label exists: units, fee, variant, splitting – exact to the cent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.common.errors import DomainError
from apps.finance.models import LedgerEntry
from apps.finance.selectors import find_unbalanced
from apps.finance.services import post_order
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import LineDiscount, Order, OrderChange
from apps.orders.requests import LineRequest
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.orders import make_order, order_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scoped, now) -> Order:
    """Three units at €49.00 with €10.00 off (half of it the platform's) and a fee of €5.99."""
    made = make_order(scoped, now=now, quantity=3, stock=10, shipping_minor=599)
    return discounted(made, 1000, platform=500)


def discounted(order: Order, amount: int, *, platform: int = 0) -> Order:
    """Take an amount off the first line, as promotions do."""
    line = order.lines.get(position=1)
    line.discount_minor, line.total_minor = amount, line.total_minor - amount
    line.save()
    LineDiscount.objects.create(
        merchant_id=order.merchant_id,
        order=order,
        position=1,
        unit_count=line.quantity,
        promotion_ref="prm_1",
        promotion_name="Ten off",
        amount_minor=amount,
        platform_minor=platform,
    )
    order.discount_minor, order.total_minor = amount, order.total_minor - amount
    order.save()
    return order


def amounts(order: Order) -> tuple[int, int, int, int]:
    order.refresh_from_db()
    return (order.items_minor, order.shipping_minor, order.discount_minor, order.total_minor)


def stock() -> tuple[int, int]:
    return StockBalance.objects.values_list("available", "reserved").get()


def clearing(order: Order) -> int:
    """Return what the platform holds of the buyer's money for an order."""
    found = LedgerEntry.objects.filter(transaction__order=order, account__code="clearing")
    return sum(found.values_list("amount_minor", flat=True))


def test_cancelled_units_go_back_on_sale_with_their_part(order, scoped, actor, now):
    change = orders.cancel_units(order, {1: 1}, code="out_of_stock", actor=actor, now=now)

    assert amounts(order) == (9800, 599, 667, 9732)
    assert (change.items_minor, change.discount_minor, change.platform_minor) == (-4900, -333, -166)
    assert change.total_minor == -4567
    line = order.lines.get()
    assert (line.position, line.quantity, line.discount_minor, line.total_minor) == (
        1,
        2,
        667,
        9133,
    )
    assert order.discounts.values_list("amount_minor", "platform_minor", "unit_count").get() == (
        667,
        334,
        2,
    )
    assert (order.unit_count, order.line_count) == (2, 1)
    assert stock() == (8, 2)
    assert find_wrong_balances(scoped) == []


def test_the_rest_ships_or_cancels_exactly_after_many_changes(order, scoped, actor, now):
    orders.cancel_units(order, {1: 1}, code="damaged", actor=actor, now=now)
    orders.cancel_units(order, {1: 1}, code="damaged", actor=actor, now=now)
    assert stock() == (9, 1)

    orders.cancel_order(order, reason="All gone", actor=actor, now=now)

    assert stock() == (10, 0)
    assert find_wrong_balances(scoped) == []


def test_the_ledger_gives_back_exactly_what_was_cancelled(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    post_order(order.public_id, now=now)
    assert clearing(order) == 14299
    orders.cancel_units(order, {1: 1}, code="buyer_asked", actor=actor, now=now)

    assert post_order(order.public_id, now=now) == 1
    assert post_order(order.public_id, now=now) == 0

    assert clearing(order) == 9732
    orders.cancel_order(order, reason="Sold out", actor=actor, now=now)
    post_order(order.public_id, now=now)
    assert clearing(order) == 0
    assert find_unbalanced() == []


def test_late_news_of_a_change_make_the_same_ledger(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    orders.cancel_units(order, {1: 2}, code="buyer_asked", actor=actor, now=now)

    assert post_order(order.public_id, now=now) == 2

    assert clearing(order) == order_total(order)


def order_total(order: Order) -> int:
    return amounts(order)[3]


def test_a_change_before_the_checks_needs_no_adjustment(order, actor, now):
    orders.cancel_units(order, {1: 1}, code="buyer_asked", actor=actor, now=now)
    orders.confirm_order(order, actor=actor, now=now)

    assert post_order(order.public_id, now=now) == 1
    assert clearing(order) == 9732


@pytest.mark.parametrize("units", [{}, {2: 1}, {1: 0}, {1: 4}, {1: 3}])
def test_units_the_order_does_not_have_are_refused(order, actor, now, units):
    with pytest.raises(DomainError) as caught:
        orders.cancel_units(order, units, code="damaged", actor=actor, now=now)

    assert (caught.value.code, caught.value.status) == ("orders.units", 422)
    assert stock() == (7, 3)
    assert not OrderChange.objects.exists()


def test_a_reason_the_party_cannot_give_is_refused(order, actor, now):
    with pytest.raises(DomainError) as caught:
        orders.cancel_units(order, {1: 1}, code="changed_mind", actor=actor, now=now)

    assert caught.value.code == "orders.reason"


def test_nothing_changes_once_the_label_exists(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    orders.allocate_order(order, actor=actor, now=now)

    for change in (
        lambda: orders.cancel_units(order, {1: 1}, code="damaged", actor=actor, now=now),
        lambda: orders.split_order(order, {1: 1}, actor=actor, now=now),
        lambda: orders.change_shipping(order, shipping_minor=0, note="", actor=actor, now=now),
    ):
        with pytest.raises(DomainError) as caught:
            change()
        assert caught.value.code == "orders.wrong_state"
    assert (stock(), OrderChange.objects.count()) == ((7, 3), 0)


def test_a_smaller_fee_goes_back_to_the_buyer(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    post_order(order.public_id, now=now)

    orders.change_shipping(order, shipping_minor=99, note="Slower line", actor=actor, now=now)
    post_order(order.public_id, now=now)

    assert amounts(order) == (14700, 99, 1000, 13799)
    assert clearing(order) == 13799
    with pytest.raises(DomainError) as caught:
        orders.change_shipping(order, shipping_minor=100, note="", actor=actor, now=now)
    assert caught.value.code == "orders.shipping"


def test_a_variant_of_the_product_takes_the_place_of_another(order, scoped, actor, now):
    line = order.lines.get()
    other = VariantFactory(product=line.variant.product, sku="RED", weight_g=700)
    ListingFactory(variant=other, price_minor=4500)
    put_stock(other, 3, now=now, node=line.node)

    orders.swap_variant(order, position=1, sku="RED", actor=actor, now=now)

    line.refresh_from_db()
    assert (line.sku, line.unit_price_minor, line.unit_weight_g) == ("RED", 4500, 700)
    assert amounts(order) == (13500, 599, 1000, 13099)
    shelves = dict(StockBalance.objects.values_list("variant__sku", "reserved"))
    assert (shelves.pop("RED"), *shelves.values()) == (3, 0)
    assert find_wrong_balances(scoped) == []
    orders.cancel_order(order, reason="No", actor=actor, now=now)
    assert StockBalance.objects.get(variant=other).available == 3


@pytest.mark.parametrize(
    ("price", "stocked", "code"),
    [(5000, 10, "orders.swap"), (4900, 2, "orders.out_of_stock")],
)
def test_a_dearer_or_missing_variant_is_refused(order, scoped, actor, now, price, stocked, code):
    line = order.lines.get()
    other = VariantFactory(product=line.variant.product, sku="RED")
    ListingFactory(variant=other, price_minor=price)
    put_stock(other, stocked, now=now, node=line.node)

    with pytest.raises(DomainError) as caught:
        orders.swap_variant(order, position=1, sku="RED", actor=actor, now=now)

    assert caught.value.code == code
    assert StockBalance.objects.get(variant=line.variant).reserved == 3
    assert find_wrong_balances(scoped) == []


def test_a_variant_of_another_product_is_refused(order, scoped, actor, now):
    VariantFactory(product=ProductFactory(merchant=scoped), sku="OTHER")

    with pytest.raises(DomainError) as caught:
        orders.swap_variant(order, position=1, sku="OTHER", actor=actor, now=now)

    assert caught.value.fields == {"sku": "Choose another variant of the same product."}


def test_a_split_divides_everything_to_the_cent(order, scoped, actor, now):
    hold = orders.place_hold(order, kind="manual", reason="Wait", actor=actor, now=now)

    child = orders.split_order(order, {1: 1}, note="Second parcel", actor=actor, now=now)

    assert amounts(order) == (9800, 400, 667, 9533)
    assert amounts(child) == (4900, 199, 333, 4766)
    assert (child.parent, child.status, child.open_hold_count) == (order, "pending", 1)
    assert child.holds.get().reason == hold.reason
    assert (child.ship_by_at, child.unit_count) == (order.ship_by_at, 1)
    row = child.discounts.get()
    assert (row.amount_minor, row.platform_minor, row.unit_count) == (333, 166, 1)
    due = Deadline.objects.filter(kind="orders.auto_cancel").values_list("due_at", flat=True)
    assert list(due) == [datetime(2026, 12, 8, 16, tzinfo=UTC)] * 2
    assert stock() == (7, 3)
    assert find_wrong_balances(scoped) == []


def test_both_halves_go_their_own_way(order, scoped, actor, now):
    child = orders.split_order(order, {1: 2}, actor=actor, now=now)

    orders.cancel_order(child, reason="Not needed", actor=actor, now=now)
    assert stock() == (9, 1)
    for step in (orders.confirm_order, orders.allocate_order, orders.ship_order):
        step(order, actor=actor, now=now)

    assert stock() == (9, 0)
    assert find_wrong_balances(scoped) == []


def test_a_child_is_announced_as_an_order_of_its_own(order, actor, now):
    child = orders.split_order(order, {1: 1}, actor=actor, now=now)

    placed = JournalEntry.objects.get(event="order.placed", subject_id=child.public_id)
    assert placed.payload["split_from"] == order.public_id
    changed = JournalEntry.objects.get(event="order.changed", subject_id=order.public_id)
    assert (changed.payload["kind"], changed.payload["other"]) == ("split_off", child.public_id)


def test_a_confirmed_order_split_keeps_the_buyers_money_whole(order, actor, now):
    orders.confirm_order(order, actor=actor, now=now)
    post_order(order.public_id, now=now)

    child = orders.split_order(order, {1: 1}, actor=actor, now=now)
    orders.confirm_order(child, actor=actor, now=now)
    for one in (order, child):
        post_order(one.public_id, now=now)

    assert clearing(order) + clearing(child) == 14299
    assert (clearing(order), clearing(child)) == (9533, 4766)


def test_a_fee_the_order_does_not_have_cannot_move(order, actor, now):
    with pytest.raises(DomainError) as caught:
        orders.split_order(order, {1: 1}, shipping_minor=600, actor=actor, now=now)

    assert caught.value.code == "orders.shipping"
    assert Order.objects.count() == 1


def test_whole_lines_can_move(scoped, now, actor):
    order = two_lines(scoped, now)

    child = orders.split_order(order, {2: 3}, actor=actor, now=now)

    assert list(order.lines.values_list("position", "quantity")) == [(1, 2)]
    assert list(child.lines.values_list("position", "quantity")) == [(1, 3)]
    orders.cancel_order(order, reason="x", actor=actor, now=now)
    orders.cancel_order(child, reason="x", actor=actor, now=now)
    assert set(StockBalance.objects.values_list("available", "reserved")) == {(10, 0)}


def two_lines(merchant, now) -> Order:
    """Return an order of two units of A and three of B."""
    first = make_order(merchant, now=now, quantity=2, stock=10)
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="B")
    ListingFactory(variant=variant)
    put_stock(variant, 10, now=now)
    sku = first.lines.get().sku
    from apps.journal.actors import system_actor

    orders.cancel_order(first, reason="only for its stock", actor=system_actor("tests"), now=now)
    receipt = orders.place_order(
        order_request(LineRequest(sku, 2), LineRequest("B", 3), now=now),
        merchant=merchant,
        store=first.store,
        actor=system_actor("tests"),
        now=now,
    )
    return Order.objects.get(public_id=receipt.public_id)
