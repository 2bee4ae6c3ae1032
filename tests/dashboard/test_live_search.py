"""Shipping, search, notifications and live facts."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.models import InboxMark
from apps.dashboard.selectors.live import Event, Memory
from apps.dashboard.web import live
from apps.fulfillment import services as fulfillment
from apps.jobs.models import Job
from tests.dashboard.conftest import sign_in_as

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def test_tracking_number_opens_its_shipment(client, world):
    with scope(merchant=world.merchant):
        number = world.shipment.parcels.get().tracking_number

    response = client.get("/shipping/", {"q": number})

    assert response.url == f"/shipping/{world.shipment.public_id}/"


def test_another_carriers_number_is_told_by_its_form(client, world):
    page = text_of(client.get("/search/", {"q": "1Z999AA10123456784"}))

    assert (
        "By its form this can be a tracking number from UPS. None of your parcels has it." in page
    )


def test_voided_shipment_has_no_label_to_print(client, world, actor):
    with scope(merchant=world.merchant):
        fulfillment.void_shipment(world.shipment, reason="Wrong", actor=actor, now=utc_now())

    assert client.get(f"/shipping/{world.shipment.public_id}/label/").status_code == 422


@pytest.mark.parametrize("text", ["订单", "dd", "Orders", "dingdan"])
def test_pages_are_found_in_both_languages_and_by_pinyin(client, world, text):
    from apps.dashboard.selectors.search import _pages
    from apps.merchants.permissions import ALL

    names = {hit.title for hit in _pages(text, ALL)}

    assert "Orders" in names


def test_palette_finds_orders_products_and_parcels(client, world):
    with scope(merchant=world.merchant):
        number = world.shipment.parcels.get().tracking_number

    by_number = text_of(client.get("/search/palette", {"q": world.ready.number[:9]}))
    by_title = text_of(client.get("/search/palette", {"q": "rattan"}))
    by_parcel = text_of(client.get("/search/palette", {"q": number[:8]}))

    assert f'data-go="/orders/{world.ready.number}/"' in by_number
    assert f'data-go="/products/{world.product.public_id}/"' in by_title
    assert f'data-go="/shipping/{world.shipment.public_id}/"' in by_parcel
    assert "<html" not in by_number


def test_palette_shows_nothing_a_role_may_not_see(world):
    packer = sign_in_as(world, "warehouse")

    assert "/products/" not in text_of(packer.get("/search/palette", {"q": "rattan"}))
    assert "/finance/" not in text_of(packer.get("/search/palette", {"q": "finance"}))


def test_palette_shows_nothing_of_a_rival(client, world, rival):
    found = text_of(client.get("/search/palette", {"q": rival.ready.number}))

    assert "Nothing found" in found


def test_palette_needs_eight_statements(client, world, settings, django_assert_num_queries):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get("/search/palette", {"q": "rattan"})

    with django_assert_num_queries(8):
        client.get("/search/palette", {"q": "rattan"})


def test_typed_text_is_escaped_in_the_palette(client, world):
    assert "<img" not in text_of(client.get("/search/palette", {"q": "<img src=x>"}))


def test_read_notification_stays_read_until_it_grows(client, world, actor):
    from apps.orders import services as orders

    assert client.get("/").context["unread_count"] == 1
    client.post("/inbox/read/", {"key": ["hold:manual", "no:such"]})
    with scope(merchant=world.merchant):
        assert [mark.key for mark in InboxMark.objects.all()] == ["hold:manual"]
    assert client.get("/").context["unread_count"] == 0

    with scope(merchant=world.merchant):
        later = utc_now() + timedelta(seconds=1)
        orders.place_hold(world.ready, kind="manual", reason="Wait", actor=actor, now=later)
    from django.core.cache import cache

    cache.clear()
    assert client.get("/").context["unread_count"] == 1


def test_reading_is_each_persons_own(client, world):
    client.post("/inbox/read/", {"key": "hold:manual"})

    assert sign_in_as(world, "operations").get("/").context["unread_count"] == 1


def test_poll_tells_jobs_counts_and_where_to_go_on(client, world):
    job = Job.objects.create(
        tenant_id=world.merchant.pk,
        kind="orders.ship",
        title="Ship",
        status="running",
        total_count=10,
        done_count=4,
    )
    Job.objects.create(
        tenant_id=world.merchant.pk + 99, kind="orders.ship", title="Theirs", status="running"
    )

    body = client.get("/live/poll").json()

    jobs = [event["data"] for event in body["events"] if event["type"] == "job"]
    assert [(item["id"], item["done"], item["total"], item["finished"]) for item in jobs] == [
        (job.public_id, 4, 10, False)
    ]
    counts = {e["data"]["key"]: e["data"]["n"] for e in body["events"] if e["type"] == "count"}
    assert counts == {"orders": 1, "products": 0, "jobs": 0, "unread": 1}
    assert datetime.fromisoformat(body["cursor"]) <= utc_now()


@pytest.mark.parametrize("since", ["nonsense", "2026-99-99", "2020-01-01T00:00:00", "1e9"])
def test_unreadable_moment_means_now(client, world, since):
    assert client.get("/live/poll", {"since": since}).status_code == 200


def test_memory_tells_only_what_changed():
    memory = Memory()
    first = Event("count", {"key": "orders", "n": 1, "hot": False})
    second = Event("count", {"key": "orders", "n": 2, "hot": False})

    assert memory.keep_new([first]) == [first]
    assert memory.keep_new([first]) == []
    assert memory.keep_new([second]) == [second]


def test_written_event_can_be_read_by_a_browser(now):
    text = live.write_event(Event("job", {"id": "job_1", "title": "发货"}), now)

    lines = text.split("\n")
    assert lines[0] == f"id: {now.isoformat()}"
    assert lines[1] == "event: job"
    assert json.loads(lines[2].removeprefix("data: ")) == {"id": "job_1", "title": "发货"}
    assert text.endswith("\n\n")
