"""Joining orders of one buyer, what it changes at the border, and taking it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.common.errors import DomainError
from apps.finance.models import LedgerEntry
from apps.finance.services import post_order
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.markets.models import LandedQuote
from apps.markets.services import load_rule_book
from apps.orders import services as orders
from apps.orders.family_selectors import list_family, list_merge_proposals
from apps.orders.models import Order, OrderChange, OrderLine
from apps.orders.services import buyers
from tests.factories.orders import BUYER, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(scoped, now) -> tuple[Order, Order]:
    """Two orders of one buyer: two units with a fee of €5.99, three with one of €2.00."""
    first = make_order(scoped, now=now, quantity=2, stock=10, shipping_minor=599)
    second = make_order(scoped, now=now, quantity=3, stock=10, shipping_minor=200)
    return first, second


def totals(order: Order) -> tuple[int, int, int]:
    order.refresh_from_db()
    return (order.items_minor, order.shipping_minor, order.total_minor)


def clearing(*found: Order) -> int:
    entries = LedgerEntry.objects.filter(transaction__order__in=found, account__code="clearing")
    return sum(entries.values_list("amount_minor", flat=True))


def test_one_order_stays_with_everything(pair, scoped, actor, now):
    first, second = pair

    staying = orders.merge_orders(second, first, note="One parcel", actor=actor, now=now)

    assert staying == first
    assert totals(first) == (24500, 799, 25299)
    assert list(first.lines.values_list("position", "quantity")) == [(1, 2), (2, 3)]
    second.refresh_from_db()
    assert (second.status, second.cancel_code, second.merged_into) == ("cancelled", "merged", first)
    assert second.lines.count() == 1
    assert Deadline.objects.get(subject_id=second.public_id).outcome == "merged"
    assert set(StockBalance.objects.values_list("available", "reserved")) == {(8, 2), (7, 3)}
    assert find_wrong_balances(scoped) == []
    orders.cancel_order(first, reason="x", actor=actor, now=now)
    assert set(StockBalance.objects.values_list("available", "reserved")) == {(10, 0)}


def test_the_ledger_moves_with_the_lines(pair, actor, now):
    first, second = pair
    for order in pair:
        orders.confirm_order(order, actor=actor, now=now)
        post_order(order.public_id, now=now)

    orders.merge_orders(first, second, actor=actor, now=now)
    for order in pair:
        post_order(order.public_id, now=now)

    assert (clearing(first), clearing(second)) == (25299, 0)


def test_the_order_still_checked_stays(pair, actor, now):
    first, second = pair
    orders.confirm_order(first, actor=actor, now=now)

    assert orders.merge_orders(first, second, actor=actor, now=now) == second


def test_holds_and_the_sooner_clock_are_taken_over(pair, actor, now):
    first, second = pair
    orders.place_hold(second, kind="manual", reason="Wait", actor=actor, now=now)
    Order.objects.filter(pk=second.pk).update(ship_by_at=now)

    orders.merge_orders(first, second, actor=actor, now=now)

    first.refresh_from_db()
    assert (first.ship_by_at, first.open_hold_count, first.holds.get().reason) == (now, 1, "Wait")


def test_another_address_is_not_joined(pair, actor, now):
    first, second = pair
    moved = replace(BUYER, street="Sonnenallee 7")
    buyers.correct_buyer(second, moved, actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        orders.merge_orders(first, second, actor=actor, now=now)

    assert caught.value.code == "orders.not_joinable"
    assert list_merge_proposals(first, now=now) == []


def test_case_and_spaces_of_an_address_do_not_matter(pair, actor, now):
    first, second = pair
    same = replace(BUYER, street="  sonnenallee  214 ", city="BERLIN")
    buyers.correct_buyer(second, same, actor=actor, now=now)

    assert [item.order for item in list_merge_proposals(first, now=now)] == [second]


def test_an_order_is_not_joined_with_itself_nor_with_a_labelled_one(pair, actor, now):
    first, second = pair
    orders.confirm_order(second, actor=actor, now=now)
    orders.allocate_order(second, actor=actor, now=now)

    for other in (first, second):
        with pytest.raises(DomainError) as caught:
            orders.merge_orders(first, other, actor=actor, now=now)
        assert caught.value.code == "orders.not_joinable"


def describe(order: Order, *, hs_code: str, name: str) -> None:
    OrderLine.objects.filter(order=order).update(
        hs_code=hs_code, origin_country="CN", customs_name=name
    )


def shrink(order: Order, minor: int) -> None:
    """Make an order small enough for the Union's low-value duty."""
    line = order.lines.get()
    line.unit_price_minor, line.total_minor = minor, minor * line.quantity
    line.save()
    order.items_minor = minor * line.quantity
    order.total_minor = order.items_minor + order.shipping_minor
    order.save()


def test_joining_two_orders_of_one_tariff_line_saves_a_duty(pair, now):
    load_rule_book(now=now)
    for order in pair:
        describe(order, hs_code="610910", name="Cotton shirt")
        shrink(order, 1000)

    [proposal] = list_merge_proposals(pair[0], now=now)

    duties = proposal.duties
    assert (duties.together.tariff_lines, duties.apart.tariff_lines) == (1, 2)
    assert (duties.together.duty.minor, duties.apart.duty.minor) == (300, 600)
    assert (duties.better, duties.saved.minor) == ("together", 357)
    assert "EU-DUTY-3" in duties.together.row_ids


def test_other_goods_save_no_duty(pair, now):
    load_rule_book(now=now)
    for order, code in zip(pair, ("610910", "940520"), strict=True):
        describe(order, hs_code=code, name=code)
        shrink(order, 1000)

    [proposal] = list_merge_proposals(pair[0], now=now)

    assert (proposal.duties.better, proposal.duties.saved.minor) == ("same", 0)


def test_over_the_threshold_the_tariff_must_be_known(pair, now):
    load_rule_book(now=now)
    for order in pair:
        describe(order, hs_code="610910", name="Cotton shirt")
        shrink(order, 4000)

    [proposal] = list_merge_proposals(pair[0], now=now)

    assert (proposal.duties.saved, proposal.duties.better) == (None, "")
    assert "610910" in proposal.duties.why_not


def test_a_merge_keeps_its_quotes_and_their_rows(pair, actor, now):
    load_rule_book(now=now)
    for order in pair:
        describe(order, hs_code="610910", name="Cotton shirt")
        shrink(order, 1000)

    orders.merge_orders(*pair, actor=actor, now=now)

    duties = OrderChange.objects.get().details["duties"]
    assert duties["better"] == "together"
    assert "EU-DUTY-3" in duties["rows"]
    kept = LandedQuote.objects.filter(public_id__in=[*duties["together"], *duties["apart"]])
    assert kept.count() == 3


def test_a_merge_is_taken_back_by_splitting(pair, scoped, actor, now):
    first, second = pair
    orders.merge_orders(first, second, actor=actor, now=now)
    change = OrderChange.objects.get()

    child = orders.undo_merge(change, actor=actor, now=now)

    assert totals(first) == (9800, 599, 10399)
    assert totals(child) == (14700, 200, 14900)
    assert find_wrong_balances(scoped) == []
    assert {order.pk for order in list_family(first)} == {second.pk, child.pk}
    with pytest.raises(DomainError) as caught:
        orders.undo_merge(change, actor=actor, now=now)
    assert caught.value.code == "orders.not_undoable"


def test_the_joined_order_ends_with_news_of_where_it_went(pair, actor, now):
    first, second = pair

    orders.merge_orders(first, second, actor=actor, now=now)

    ended = JournalEntry.objects.get(event="order.cancelled")
    assert (ended.subject_id, ended.payload["merged_into"]) == (second.public_id, first.public_id)
