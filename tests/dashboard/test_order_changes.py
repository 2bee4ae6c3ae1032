"""Changing an order by its pages: what is shown, what is said when it is refused."""

from __future__ import annotations

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.fulfillment.models import Shipment
from apps.markets.services import load_rule_book
from apps.orders import services as orders
from apps.orders.models import CancelRequest, Order, OrderLine
from tests.dashboard.conftest import ACTOR
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def page(order, action="") -> str:
    return f"/orders/{order.number}/{action}"


def test_units_become_an_order_of_their_own(client, world):
    response = client.post(page(world.order, "split/"), {"units_1": "1"}, follow=True)

    with scope(merchant=world.merchant):
        child = Order.objects.get(parent=world.order)
    assert child.number in text_of(response)
    assert "split from" in text_of(client.get(page(child)))


def test_a_refusal_keeps_what_was_typed(client, world):
    response = client.post(page(world.order, "units/"), {"units_1": "9", "code": "damaged"})

    assert response.status_code == 422
    assert "Line 1 does not have that many units." in text_of(response)
    assert 'value="9"' in text_of(response)


def test_an_order_with_a_label_says_where_parts_are_made(client, world):
    assert "cannot be changed any more" in text_of(client.get(page(world.ready, "change/")))


def test_the_page_compares_the_duty_of_joining(client, world):
    load_rule_book(now=utc_now())
    other = make_order(world.merchant, now=utc_now())
    with scope(merchant=world.merchant):
        OrderLine.objects.filter(order__in=[world.order, other]).update(
            hs_code="610910",
            origin_country="CN",
            customs_name="Shirt",
            unit_price_minor=1000,
            total_minor=2000,
        )

    shown = text_of(client.get(page(world.order, "change/")))

    assert other.number in shown
    assert "One parcel is cheaper by" in shown
    assert "EU-DUTY-3" in shown


def test_the_duty_of_a_split_is_shown_before_it_is_done(client, world):
    load_rule_book(now=utc_now())
    with scope(merchant=world.merchant):
        OrderLine.objects.filter(order=world.order).update(
            hs_code="610910", origin_country="CN", unit_price_minor=1000, total_minor=2000
        )

    shown = text_of(client.get(page(world.order, "change/?units_1=1")))

    assert "In two parcels" in shown
    with scope(merchant=world.merchant):
        assert not Order.objects.filter(parent=world.order).exists()


def test_an_open_request_stands_on_the_order_and_is_answered_there(client, world):
    with scope(merchant=world.merchant):
        request = orders.ask_to_cancel(
            world.ready, party="buyer", code="too_slow", actor=ACTOR, now=utc_now()
        )
    assert "The buyer asks to cancel: It takes too long" in text_of(client.get(page(world.ready)))
    url = page(world.ready, f"requests/{request.public_id}/")
    assert client.post(url, {"do": "refuse"}).status_code == 422

    client.post(url, {"do": "accept"})

    with scope(merchant=world.merchant):
        assert CancelRequest.objects.get().status == "accepted"
        assert Order.objects.get(pk=world.ready.pk).status == "cancelled"


def test_home_names_open_requests(client, world):
    with scope(merchant=world.merchant):
        orders.ask_to_cancel(
            world.ready, party="buyer", code="too_slow", actor=ACTOR, now=utc_now()
        )

    shown = text_of(client.get("/"))

    assert "1 request to cancel waits for you" in shown
    assert page(world.ready) in shown


def test_a_part_is_handed_over_from_its_own_page(client, world):
    client.post(f"/shipping/{world.shipment.public_id}/divide/", {"units_1": "1"})
    with scope(merchant=world.merchant):
        first, _second = Shipment.objects.filter(order=world.ready, status="booked")

    client.post(f"/shipping/{first.public_id}/ship/")

    with scope(merchant=world.merchant):
        assert Order.objects.get(pk=world.ready.pk).status == "allocated"
        assert Shipment.objects.get(pk=first.pk).status == "tendered"


def test_a_coded_reason_is_kept(client, world):
    client.post(page(world.order, "cancel/"), {"reason": "Broken", "code": "damaged"})

    with scope(merchant=world.merchant):
        order = Order.objects.get(pk=world.order.pk)
    assert (order.cancel_code, order.cancel_reason) == ("damaged", "Broken")


def test_the_page_costs_the_same_for_more_lines_and_orders(
    client, world, settings, django_assert_max_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_rule_book(now=utc_now())
    make_order(world.merchant, now=utc_now())
    client.get(page(world.order, "change/"))
    with django_assert_max_num_queries(25) as one:
        client.get(page(world.order, "change/"))
    for _turn in range(3):
        make_order(world.merchant, now=utc_now())

    with django_assert_max_num_queries(len(one) + 3):  # a version of the rule book a proposal
        client.get(page(world.order, "change/"))
