"""The page of one order and what people do there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.requests import TrackingInput
from apps.inventory.models import StockBalance
from apps.journal.models import JournalEntry
from apps.orders.models import Order, OrderNote
from apps.orders.services.buyers import read_buyer
from tests.dashboard.conftest import sign_in_as
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def page_of(world):
    """The address of one order of the world."""
    return lambda order, action="": f"/orders/{order.number}/{action}"


def test_order_page_masks_the_buyer_until_revealed_once(client, world, page_of):
    plain = text_of(client.get(page_of(world.order)))
    shown = text_of(client.post(page_of(world.order, "reveal/")))
    after = text_of(client.get(page_of(world.order)))

    assert "Sonnenallee 214" not in plain + after
    assert "Sonnenallee 214" in shown
    assert "jonas@example.de" in shown
    entry = JournalEntry.objects.get(event="order.buyer_revealed")
    assert (entry.subject_id, entry.actor) == (
        world.order.public_id,
        f"user:{world.member.user.public_id}",
    )


def test_page_with_buyer_data_is_never_stored(client, world, page_of):
    assert "no-store" in client.post(page_of(world.order, "reveal/"))["Cache-Control"]


def test_correcting_a_part_keeps_the_rest(client, world, page_of):
    client.post(page_of(world.order, "address/"), {"street": "Sonnenallee 7", "city": " "})

    with scope(merchant=world.merchant):
        buyer = read_buyer(Order.objects.get(pk=world.order.pk))
    assert (buyer.street, buyer.city, buyer.name) == ("Sonnenallee 7", "Berlin", "Jonas Weber")


@pytest.mark.parametrize("action", ["address/", "cancel/", "note/"])
def test_empty_form_says_what_to_do_and_changes_nothing(client, world, page_of, action):
    before = JournalEntry.objects.count()

    response = client.post(page_of(world.order, action), {})

    assert response.status_code == 422
    assert "This was not saved" in text_of(response)
    assert JournalEntry.objects.count() == before


def test_released_hold_keeps_the_note(client, world, page_of):
    client.post(page_of(world.order, f"holds/{world.hold.public_id}/release/"), {"note": "OK now"})

    world.hold.refresh_from_db()
    assert (world.hold.open_kind, world.hold.release_note) == (None, "OK now")


def test_hold_of_another_order_is_not_there(client, world, page_of):
    url = page_of(world.ready, f"holds/{world.hold.public_id}/release/")

    assert client.post(url).status_code == 404


def test_cancelled_order_gives_its_units_back(client, world, page_of):
    client.post(page_of(world.order, "cancel/"), {"reason": "Sold out"})

    with scope(merchant=world.merchant):
        line = world.order.lines.get()
        assert Order.objects.get(pk=world.order.pk).cancel_reason == "Sold out"
        assert StockBalance.objects.get(variant=line.variant).available == 100


def test_shipping_a_held_order_is_refused_in_words(client, world, page_of):
    client.post(page_of(world.ready, "hold/"), {"reason": "Wait"})

    response = client.post(page_of(world.ready, "ship/"))

    assert response.status_code == 409
    assert "The order is on hold." in text_of(response)


def test_action_returns_to_our_own_page_only(client, world, page_of):
    url = page_of(world.ready, "note/")

    assert client.post(url, {"text": "a", "next": "/orders/"}).url == "/orders/"
    evil = client.post(url, {"text": "b", "next": "https://evil.example/"})
    assert evil.url == page_of(world.ready)


def test_story_tells_people_portal_and_carrier_the_newest_first(client, world, page_of, actor):
    client.post(page_of(world.ready, "note/"), {"text": "Pack it well"})
    client.post(page_of(world.ready, "ship/"))
    with scope(merchant=world.merchant):
        number = world.shipment.parcels.get().tracking_number
        scan = TrackingInput(number, "picked_up", utc_now() + timedelta(minutes=5), "Shenzhen")
        fulfillment.record_tracking(world.merchant, [scan], actor=actor, now=utc_now())

    story = client.get(page_of(world.ready)).context["story"]

    assert (story[0].title, story[0].detail) == ("Picked up", "Shenzhen")
    assert [item.text for item in story if item.text] == ["Pack it well"]
    assert {"Order placed", "Order shipped"} <= {item.title for item in story}
    assert next(item.who for item in story if item.title == "Order shipped") == "Lin Yuan"


def test_note_is_escaped(client, world, page_of):
    client.post(page_of(world.order, "note/"), {"text": "<script>alert(1)</script>"})

    assert "<script>alert(1)</script>" not in text_of(client.get(page_of(world.order)))
    with scope(merchant=world.merchant):
        assert OrderNote.objects.count() == 1


def test_neighbours_are_those_of_the_list(client, world, page_of):
    later = make_order(world.merchant, now=utc_now() + timedelta(hours=1))

    here = client.get(page_of(world.ready) + "?view=open").context["neighbours"]
    alone = client.get(page_of(world.order) + "?view=hold").context["neighbours"]

    assert (here.previous, here.following) == (world.order.number, later.number)
    assert (alone.previous, alone.following) == ("", "")


def test_money_of_an_order_is_hidden_without_permission(world, page_of):
    response = sign_in_as(world, "operations").get(page_of(world.ready))

    assert response.context["economics"] is None
    assert "Platform fee" not in text_of(response)


def test_order_page_needs_twenty_six_statements(
    client, world, page_of, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get(page_of(world.ready))

    with django_assert_num_queries(26):
        client.get(page_of(world.ready))
