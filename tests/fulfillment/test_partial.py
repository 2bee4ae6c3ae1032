"""Orders that leave in parts: stock, states and labels follow each part exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.finance.models import LedgerEntry
from apps.finance.services import charge_label, post_order, void_label
from apps.finance.services.settling import LabelNews
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Shipment
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import deadlines
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scoped, actor, now) -> Order:
    """Five units at one node, with their label."""
    made = make_order(scoped, now=now, quantity=5, stock=10)
    orders.confirm_order(made, actor=actor, now=now)
    fulfillment.create_shipments(made, actor=actor, now=now)
    made.refresh_from_db()
    return made


@pytest.fixture
def parts(order, actor, now) -> tuple[Shipment, Shipment]:
    """A shipment of two units, and one of the other three."""
    return fulfillment.divide_shipment(
        Shipment.objects.get(order=order), {1: 2}, actor=actor, now=now
    )


def stock() -> tuple[int, int]:
    return StockBalance.objects.values_list("available", "reserved").get()


def contents(shipment: Shipment) -> list[tuple[int, int]]:
    return list(shipment.lines.values_list("order_line__position", "quantity"))


def test_a_shipment_is_divided_into_two_with_labels_of_their_own(order, parts, scoped):
    two, three = parts

    assert (contents(two), contents(three)) == ([(2, 2)], [(1, 3)])
    assert Shipment.objects.filter(order=order, status="voided").count() == 1
    numbers = {shipment.parcels.get().tracking_number for shipment in parts}
    assert len(numbers) == 2
    assert two.weight_g + three.weight_g == sum(
        line.unit_weight_g * line.quantity for line in order.lines.all()
    )
    order.refresh_from_db()
    assert (order.line_count, order.unit_count, order.total_minor) == (2, 5, 24500)
    assert (stock(), find_wrong_balances(scoped)) == ((5, 5), [])


def test_each_part_takes_exactly_its_units(order, parts, scoped, actor, now):
    two, three = parts

    fulfillment.hand_over(two, actor=actor, now=now)
    order.refresh_from_db()
    assert (order.status, stock()) == ("allocated", (5, 3))
    assert list(order.lines.exclude(shipped_at=None).values_list("position", flat=True)) == [2]

    fulfillment.hand_over(three, actor=actor, now=now)
    order.refresh_from_db()
    assert (order.status, stock(), order.shipped_at) == ("shipped", (5, 0), now)
    assert find_wrong_balances(scoped) == []
    told = JournalEntry.objects.filter(subject_id=order.public_id, event__endswith="shipped")
    assert list(told.order_by("id").values_list("event", flat=True)) == [
        "order.part_shipped",
        "order.shipped",
    ]


def test_what_left_in_part_is_not_cancelled(order, parts, actor, now):
    fulfillment.hand_over(parts[0], actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        orders.cancel_order(order, reason="late", actor=actor, now=now)

    assert caught.value.code == "orders.partly_shipped"
    assert stock() == (5, 3)


def test_the_portal_does_not_cancel_it_either(order, parts, actor, now):
    fulfillment.hand_over(parts[0], actor=actor, now=now)

    deadlines.sweep(now=now + timedelta(days=60))

    order.refresh_from_db()
    assert order.status == "allocated"
    assert Deadline.objects.get(subject_id=order.public_id).outcome == "a part has left"


def test_handing_over_the_order_takes_all_parts(order, parts, scoped, actor, now):
    [outcome] = fulfillment.hand_over_orders(scoped, [order.public_id], actor=actor, now=now)

    order.refresh_from_db()
    assert (outcome.error, order.status, stock()) == (None, "shipped", (5, 0))


def test_a_voided_part_gets_a_new_label_alone(order, parts, actor, now):
    two, three = parts
    fulfillment.hand_over(two, actor=actor, now=now)
    fulfillment.void_shipment(three, reason="Label torn", actor=actor, now=now)

    found = fulfillment.create_shipments(order, actor=actor, now=now)

    assert [contents(shipment) for shipment in found] == [[(2, 2)], [(1, 3)]]
    assert found[0] == two
    fulfillment.hand_over(found[1], actor=actor, now=now)
    order.refresh_from_db()
    assert order.status == "shipped"


@pytest.mark.parametrize("units", [{}, {1: 5}, {1: 6}, {2: 1}])
def test_units_the_shipment_does_not_have_are_refused(order, actor, now, units):
    with pytest.raises(DomainError) as caught:
        fulfillment.divide_shipment(Shipment.objects.get(order=order), units, actor=actor, now=now)

    assert (caught.value.code, caught.value.status) == ("fulfillment.units", 422)
    assert Shipment.objects.get().status == "booked"


def test_a_shipment_that_left_is_not_divided(order, parts, actor, now):
    two, _three = parts
    fulfillment.hand_over(two, actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.divide_shipment(two, {2: 1}, actor=actor, now=now)

    assert caught.value.code == "fulfillment.has_left"


def test_the_buyers_money_is_untouched_and_the_labels_are_paid_once(order, actor, now):
    post_order(order.public_id, now=now)
    old = Shipment.objects.get(order=order)
    fulfillment.divide_shipment(old, {1: 2}, actor=actor, now=now)
    for shipment in Shipment.objects.filter(order=order):
        news = LabelNews(order.public_id, shipment.public_id, now)
        charge_label(
            news, postage_minor=shipment.postage_minor, currency=shipment.currency, now=now
        )
        if shipment.status == "voided":
            void_label(news, now=now)

    entries = LedgerEntry.objects.filter(transaction__order=order)
    carriers = entries.filter(account__code="carriers").values_list("amount_minor", flat=True)
    alive = Shipment.objects.filter(order=order).exclude(status="voided")
    assert -sum(carriers) == sum(alive.values_list("postage_minor", flat=True))
    clearing = entries.filter(account__code="clearing").values_list("amount_minor", flat=True)
    assert sum(clearing) == order.total_minor
