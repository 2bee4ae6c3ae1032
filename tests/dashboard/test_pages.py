"""What single pages show and do beyond the doors."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope

from apps.catalog.models import Listing, Product
from apps.common.clock import utc_now
from apps.common.money import Money
from apps.dashboard.models import InboxMark
from apps.dashboard.selectors.live import Event, Memory
from apps.dashboard.web import live
from apps.fulfillment import services as fulfillment
from apps.fulfillment.requests import TrackingInput
from apps.inventory.models import StockBalance, StockPosting
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.markets.models import FxRate
from apps.orders.models import Order, OrderNote
from apps.orders.services.buyers import read_buyer
from tests.dashboard.conftest import sign_in, sign_in_as
from tests.factories.accounts import UserFactory
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MemberFactory, MerchantFactory
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def page_of(world):
    """The address of one order of the world."""
    return lambda order, action="": f"/orders/{order.number}/{action}"


# --- home --------------------------------------------------------------------------------------


def test_new_company_sees_its_first_steps_instead_of_empty_cards(db):
    member = MemberFactory(merchant=MerchantFactory(), user__language="en")

    response = sign_in(member).get("/")

    steps = [(step.title, step.is_done) for step in response.context["steps"]]
    assert steps[0] == ("Verify your e-mail address", True)
    assert [done for _title, done in steps] == [True, False, False, False, False]
    assert "Sales" not in text_of(response)


def test_steps_end_with_the_first_order(client, world):
    assert client.get("/").context["steps"] == []


def test_late_orders_come_before_those_due_and_both_have_their_fix(client, world):
    now = utc_now()
    make_order(world.merchant, now=now - timedelta(days=5))

    todos = client.get("/").context["todos"]

    assert todos[0].title == "1 order is late"
    assert todos[0].url == "/orders/?view=open&due=late"
    assert (todos[0].level, todos[0].button) == ("now", "Ship now")
    assert "Release 1 order: held by hand" in [todo.title for todo in todos]


def test_same_deadline_is_ranked_by_money():
    from apps.dashboard.selectors.todos import Fact, _rank

    moment = datetime.fromisoformat("2026-11-25T09:00:00+00:00")
    small = Fact("ship", 1, moment, due_at=moment, risk=Money.from_minor(100, "CNY"))
    large = Fact("late", 1, moment, due_at=moment, risk=Money.from_minor(900, "CNY"))

    assert sorted([small, large], key=_rank) == [large, small]


def test_sales_are_summed_in_the_own_currency_at_the_days_rate(client, world):
    FxRate.objects.create(
        base="EUR", quote="CNY", rate="7.5", valid_on=utc_now().date(), source="test"
    )

    figures = {figure.label: figure for figure in client.get("/").context["figures"]}

    # two orders of 2 × €49.00
    assert (figures["Sales"].unit, figures["Sales"].value) == ("CN¥", "1,470")
    assert figures["Orders"].value == "2"
    assert figures["Average order"].value == "735.00"


def test_sales_without_a_rate_are_left_out_and_said(client, world):
    response = client.get("/")

    assert response.context["has_rate_gap"]
    assert "without a fresh exchange rate" in text_of(response)


def test_day_of_an_order_is_the_reporting_zones_day(world):
    from apps.dashboard.selectors.sales import load_sales

    FxRate.objects.create(base="EUR", quote="CNY", rate="8", valid_on="2026-11-23", source="test")
    evening = datetime.fromisoformat("2026-11-23T17:30:00+00:00")  # 01:30 on the 24th in Shanghai
    with scope(merchant=world.merchant):
        Order.objects.update(placed_at=evening)
        book = load_sales(world.merchant, now=datetime.fromisoformat("2026-11-24T10:00:00+00:00"))

    days = dict(zip(book.days(2), book.sales_on(book.days(2)), strict=True))
    assert {str(day): minor for day, minor in days.items()} == {
        "2026-11-23": 0,
        "2026-11-24": 2 * 9800 * 8,
    }


def test_person_without_money_permission_sees_no_amount(world):
    response = sign_in_as(world, "warehouse").get("/")

    assert [figure.label for figure in response.context["figures"]] == ["Orders"]
    assert "standing" not in response.context
    assert "Worth about" not in text_of(response)


# --- one order ---------------------------------------------------------------------------------


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


def test_order_page_needs_twenty_three_statements(
    client, world, page_of, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get(page_of(world.ready))

    with django_assert_num_queries(23):
        client.get(page_of(world.ready))


# --- products ----------------------------------------------------------------------------------

NEW = {
    "title": "Linen cushion",
    "sku": "CSH-1",
    "origin_country": "cn",
    "hs_code": "6304.92",
    "customs_name": "Cushion cover of linen",
    "weight_g": "180",
    "cost": "15,00",
    "quantity": "40",
    "price_DE": "12,50",
    "price_US": "",
}


@pytest.fixture
def markets(db):
    """Germany and the United States."""
    MarketFactory(code="DE")
    MarketFactory(code="US", currency="USD", locale="en_US", time_zone="America/New_York")


def test_one_page_makes_product_listing_and_stock(client, world, markets):
    with scope(merchant=world.merchant):
        node = world.shipment.node.public_id
    response = client.post("/products/new/", {**NEW, "node": node})

    with scope(merchant=world.merchant):
        product = Product.objects.get(title="Linen cushion")
        listing = Listing.objects.get(variant__product=product)
        variant = product.variants.get()
        assert (listing.price_minor, listing.currency, listing.status) == (1250, "EUR", "live")
        assert (variant.cost_minor, variant.cost_currency) == (1500, "CNY")
        assert StockBalance.objects.get(variant=variant).available == 40
    assert (product.hs_code, product.origin_country) == ("630492", "CN")
    assert response.url == reverse("dashboard:product", args=[product.public_id])


def test_first_product_opens_the_first_shelf(markets):
    member = MemberFactory(merchant=MerchantFactory(), user__language="en")
    sign_in(member).post("/products/new/", NEW)

    with scope(merchant=member.merchant):
        assert StockBalance.objects.select_related("node").get().node.code == "MAIN"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"sku": ""}, "sku"),
        ({"hs_code": "12"}, "hs_code"),
        ({"origin_country": "QQ"}, "origin_country"),
        ({"price_DE": "cheap"}, "price_DE"),
        ({"gtin": "4006381333932"}, "gtin"),
        ({"weight_g": "-1"}, "weight_g"),
    ],
)
def test_unusable_product_keeps_the_form_and_makes_nothing(client, world, markets, change, field):
    with scope(merchant=world.merchant):
        node, before = world.shipment.node.public_id, Product.objects.count()
    response = client.post("/products/new/", {**NEW, "node": node, **change})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    with scope(merchant=world.merchant):
        assert Product.objects.count() == before


def test_taken_sku_is_said_beside_the_field(client, world, markets):
    with scope(merchant=world.merchant):
        node, sku = world.shipment.node.public_id, world.product.variants.get().sku
    response = client.post("/products/new/", {**NEW, "node": node, "sku": sku})

    assert response.context["form"].errors["sku"] == [f"SKU {sku} exists already."]


def test_completing_customs_data_tries_refused_listings_again(client, world):
    with scope(merchant=world.merchant):
        Listing.objects.filter(pk=world.listing.pk).update(status="rejected", refusal="Missing")
    body = {"title": "Lamp", "status": "active", "origin_country": "CN", "hs_code": "940511"}
    client.post(f"/products/{world.product.public_id}/edit/", {**body, "customs_name": "Lamp"})

    world.listing.refresh_from_db()
    assert (world.listing.status, world.listing.refusal) == ("live", "")


def test_price_is_read_as_people_write_it(client, world):
    with scope(merchant=world.merchant):
        sku = world.product.variants.get().sku
    url = f"/products/{world.product.public_id}/price/"

    client.post(url, {"sku": sku, "market": "DE", "price": "1.234,50 €"})

    world.listing.refresh_from_db()
    assert world.listing.price_minor == 123450
    assert client.post(url, {"sku": sku, "market": "DE", "price": "x"}).status_code == 422
    assert client.post(url, {"sku": sku, "market": "ZZ", "price": "1"}).status_code == 422
    assert client.post(url, {"sku": "NOPE", "market": "DE", "price": "1"}).status_code == 404


def test_counted_stock_is_a_movement_with_its_reason(client, world):
    with scope(merchant=world.merchant):
        variant = world.product.variants.get()
        node = StockBalance.objects.get(variant=variant).node
    client.post(
        f"/products/{world.product.public_id}/stock/",
        {"sku": variant.sku, "node": node.public_id, "quantity": "12"},
    )
    page = client.get(f"/products/{world.product.public_id}/")

    with scope(merchant=world.merchant):
        assert StockBalance.objects.get(variant=variant).available == 12
        assert StockPosting.objects.filter(reason="count").count() == 1
    assert ("Counted", -86) in [(item.text, item.quantity) for item in page.context["changes"]]


def test_listing_takes_only_steps_people_may_take(client, world):
    url = f"/products/{world.product.public_id}/listings/{world.listing.public_id}/"

    assert client.post(url, {"following": "suppressed"}).status_code == 400
    assert client.post(url, {"following": "paused"}).status_code == 302
    assert client.post(url, {"following": "paused"}).status_code == 409


def _picture(kind: str = "PNG") -> SimpleUploadedFile:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1600, 900), "#b07a3c").save(out, kind)
    return SimpleUploadedFile("photo.png", out.getvalue(), "image/png")


def test_photo_is_made_small_and_shown_to_members_only(client, world, rival):
    url = f"/products/{world.product.public_id}/photo/"
    assert client.post(url + "change/", {"photo": _picture()}).status_code == 302

    response = client.get(url)

    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.getvalue()[8:12] == b"WEBP"
    assert sign_in(rival.member).get(url).status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", b"\x89PNG\r\n\x1a\nrest"])
def test_file_that_is_no_picture_is_refused(client, world, content):
    url = f"/products/{world.product.public_id}/photo/change/"
    file = SimpleUploadedFile("photo.png", content, "image/png")

    assert client.post(url, {"photo": file}).status_code == 422
    world.product.refresh_from_db()
    assert not world.product.image


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("view=selling", 2),
        ("view=unlisted", 0),
        ("view=rejected", 0),
        ("view=sold_out", 0),
        ("view=archived", 0),
        ("q=rattan", 2),
        ("q=nothing", 0),
        ("view=odd", 2),
    ],
)
def test_product_views_and_search(client, world, query, count):
    assert len(client.get(f"/products/?{query}").context["rows"]) == count


def test_product_list_needs_the_same_statements_for_any_number(
    client, world, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    for _ in range(20):
        make_order(world.merchant, now=utc_now())
    client.get("/products/")

    with django_assert_num_queries(9):
        assert len(client.get("/products/").context["rows"]) == 22


def test_shipment_list_needs_the_same_statements_for_any_number(
    client, world, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get("/shipping/")

    with django_assert_num_queries(8):
        client.get("/shipping/")


# --- shipping, search, notifications, live -------------------------------------------------------


def test_tracking_number_opens_its_shipment(client, world):
    with scope(merchant=world.merchant):
        number = world.shipment.parcels.get().tracking_number

    response = client.get("/shipping/", {"q": number})

    assert response.url == f"/shipping/{world.shipment.public_id}/"


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


def test_palette_needs_six_statements(client, world, settings, django_assert_num_queries):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get("/search/palette", {"q": "rattan"})

    with django_assert_num_queries(6):
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


@pytest.mark.django_db(transaction=True)
def test_stream_tells_a_running_job_and_ends_for_a_person_who_left(world):
    Job.objects.create(
        tenant_id=world.merchant.pk,
        kind="orders.ship",
        title="Ship",
        status="running",
        total_count=10,
        done_count=4,
    )

    async def collect(length: float) -> list[str]:
        return [
            part async for part in live.stream(world.member.pk, since=utc_now(), length_s=length)
        ]

    parts = asyncio.run(collect(0.5))
    assert parts[0] == "retry: 3000\n\n"
    assert any("event: job" in part and '"done":4' in part for part in parts)
    with scope(merchant=world.merchant):
        world.member.is_active = False
        world.member.save()
    assert asyncio.run(collect(30)) == ["retry: 3000\n\n"]


# --- the frame ---------------------------------------------------------------------------------


def test_navigation_shows_only_what_the_role_may_open(world):
    nav = sign_in_as(world, "warehouse").get("/").context["nav"]

    assert [item.key for group in nav for item in group.items] == [
        "home",
        "orders",
        "shipping",
        "jobs",
    ]


def test_frame_names_company_and_counts(client, world):
    context = client.get("/inbox/").context

    assert context["merchant"] == world.merchant
    counts = {item.key: (item.count, item.hot) for group in context["nav"] for item in group.items}
    assert counts["orders"] == (1, False)


def test_person_without_a_company_sees_no_frame(db):
    from django.test import Client

    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").url == reverse("merchants:create")
