"""The order list: views, search, filters, paging, selection, saved views, export, statements."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.common.sheets import defuse
from apps.dashboard import exports
from apps.dashboard.columns import DEFAULT, LABELS
from apps.dashboard.selectors import order_counts
from apps.dashboard.selectors.list_state import read_state
from apps.dashboard.web import bulk
from apps.dashboard.web.orders import format_limited
from apps.jobs.models import Job
from apps.orders.models import Order, OrderHold, OrderTag, SavedView
from apps.orders.services import tags
from tests.dashboard.conftest import ACTOR, make_ready, sign_in_as
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
URL = "/orders/"


EVERYTHING = (
    "view=due&q=x&market=DE&status=pending&held=manual&due=late&model=direct&store=sto_A"
    "&channel=app&content=live_1&country=DE&tag=gift&currency=EUR&least=1&most=2"
    "&since=2026-01-01&until=2026-02-01&sort=-due&size=25"
)


def tag_first(world) -> None:
    """Put a tag on the order that can ship."""
    with scope(merchant=world.merchant):
        tags.tag_order(world.ready, name="gift", actor=ACTOR, now=utc_now())


def shown(response) -> list[str]:
    return [row.order.number for row in response.context["rows"]]


def test_open_view_is_sorted_by_what_is_due_next(client, world):
    # Nine days ago is before today in working days, too, whatever the day of the week.
    late = make_order(world.merchant, now=utc_now() - timedelta(days=9))

    response = client.get(URL)

    assert shown(response) == [late.number, world.order.number, world.ready.number]


def test_all_view_is_sorted_by_the_newest(client, world):
    old = make_order(world.merchant, now=utc_now() - timedelta(days=2))

    assert shown(client.get(URL + "?view=all"))[-1] == old.number


def test_hold_view_shows_the_reason_in_the_row(client, world):
    response = client.get(URL + "?view=hold")

    assert shown(response) == [world.order.number]
    assert "Buyer asked to wait." in response.content.decode()


def test_tabs_count_what_needs_somebody(client, world):
    tabs = {tab.label: tab.count for tab in client.get(URL).context["tabs"]}

    assert tabs["Open"] == 2
    assert tabs["On hold"] == 1
    assert tabs["Due today"] == 0


@pytest.mark.parametrize("part", ["number", "external_ref", "public_id"])
def test_exact_id_opens_the_record(client, world, part):
    response = client.get(URL, {"q": getattr(world.ready, part)})

    assert response.url == reverse("dashboard:order", args=[world.ready.number])


def test_tracking_number_opens_its_order(client, world):
    with scope(merchant=world.merchant):
        number = world.shipment.parcels.get().tracking_number

    response = client.get(URL, {"q": f" {number.lower()} "})

    assert response.url == reverse("dashboard:order", args=[world.ready.number])


def test_sku_finds_all_orders_with_it(client, world):
    with scope(merchant=world.merchant):
        sku = world.ready.lines.get().sku

    assert shown(client.get(URL, {"q": sku, "view": "all"})) == [world.ready.number]


def test_nothing_of_a_rival_is_found(client, world, rival):
    response = client.get(URL, {"q": rival.ready.number, "view": "all"})

    assert shown(response) == []
    assert rival.ready.number not in [str(row) for row in shown(client.get(URL + "?view=all"))]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("market=DE", 2),
        ("market=FR", 0),
        ("status=allocated", 1),
        ("status=shipped", 0),
        ("due=late", 0),
        ("due=week", 2),
        ("held=manual", 1),
        ("held=address", 0),
        ("model=direct&channel=app&country=de", 2),
        ("channel=web", 0),
        ("content=live_9", 0),
        ("currency=EUR&least=98&most=98.00", 2),
        ("currency=EUR&least=98.01", 0),
        ("currency=USD", 0),
        ("least=98.01", 2),
        ("since=2020-01-01&until=2199-12-31", 2),
        ("until=2020-01-01", 0),
        ("tag=gift", 0),
        ("store=sto_UNKNOWN", 0),
        ("since=0001-01-01&currency=EUR&least=abc&size=x", 2),
        ("view=nonsense&sort=nonsense&size=7&due=never&status=odd", 2),
    ],
)
def test_filters_narrow_the_view(client, world, query, count):
    assert len(shown(client.get(f"{URL}?{query}"))) == count


def test_the_buyers_whole_address_opens_the_only_order(client, world):
    make_order(world.merchant, now=utc_now())
    response = client.get(URL, {"q": "jonas@example.de", "view": "all"})

    assert len(shown(response)) == 3


def test_totals_are_sorted_in_one_currency(client, world):
    large = make_order(world.merchant, now=utc_now(), quantity=9)

    assert shown(client.get(URL + "?sort=-total&currency=EUR"))[0] == large.number
    assert client.get(URL + "?sort=-total").context["state"].order == "due"
    assert client.get(URL + "?view=cancelled&sort=due").context["state"].order == "-placed"


def test_every_part_of_the_state_is_in_the_address():
    state = read_state(QueryDict(EVERYTHING))

    assert state.as_query() == EVERYTHING
    assert all(getattr(state, field.name) for field in fields(state) if field.name != "cursor")


def test_counts_stand_beside_the_choices_and_stop_at_999(client, world, monkeypatch):
    monkeypatch.setattr(order_counts, "LIMIT", 1)
    context = client.get(URL).context

    assert dict(context["status_choices"])["allocated"] == "To ship · 1"
    assert context["market_choices"] == [("DE", "DE · 2")]
    assert context["hold_choices"] == [("manual", "held by hand · 1")]
    assert context["counts"].open == 2
    assert format_limited(1001) == "999+"


def test_pages_follow_each_other_and_come_back(client, world):
    for _ in range(28):
        make_order(world.merchant, now=utc_now())
    first = client.get(URL + "?size=25")
    following = client.get(f"{URL}?size=25&cursor={first.context['page'].next_cursor}")
    again = client.get(f"{URL}?size=25&cursor={following.context['page'].previous_cursor}")

    assert (len(shown(first)), len(shown(following))) == (25, 5)
    assert not set(shown(first)) & set(shown(following))
    assert shown(again) == shown(first)
    assert first.context["total"] == 30


def test_damaged_cursor_is_refused_in_words(client, world):
    response = client.get(URL + "?cursor=nonsense")

    assert response.status_code == 400
    assert "This page address is damaged" in response.content.decode()


@pytest.fixture
def fifty(client, world, settings):
    """More than a page of orders; the sign-in app's own five statements per page are left out."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    for _ in range(52):
        make_order(world.merchant, now=utc_now())


def test_fifty_rows_need_six_statements(client, fifty, django_assert_num_queries):
    client.get(URL)  # fills the caches of some seconds

    # session, person, company; orders, lines with products, holds
    with django_assert_num_queries(6):
        response = client.get(URL)

    assert len(shown(response)) == 50


def test_what_is_kept_costs_a_bounded_number_of_statements(
    client, world, fifty, django_assert_max_num_queries
):
    client.get(URL)
    cache.clear()

    # the six; and once in 10 to 600 seconds: markets, own markets, companies, marks, running jobs,
    # columns, counts, saved views and the count of one, stores, tags, rates, what needs the merchant
    # (one statement for each kind of it)
    with django_assert_max_num_queries(36):
        client.get(URL)


def test_saved_view_is_shown_and_marks_itself(client, world):
    client.post("/orders/views/", {"query": "view=hold&market=DE", "name": "EU holds"})

    tabs = client.get(URL + "?view=hold&market=DE").context["tabs"]

    assert [tab.label for tab in tabs if tab.is_current] == ["EU holds"]


def test_shared_view_is_seen_by_others_but_not_deleted(client, world):
    client.post("/orders/views/", {"query": "view=hold", "name": "Holds", "is_shared": "on"})
    with scope(merchant=world.merchant):
        shared = SavedView.objects.get(name="Holds")
    other = sign_in_as(world, "operations")

    assert "Holds" in other.get(URL).content.decode()
    assert other.post(f"/orders/views/{shared.public_id}/delete/").status_code == 403
    with scope(merchant=world.merchant):
        assert SavedView.objects.filter(pk=shared.pk).exists()


def test_own_view_gets_another_name_and_is_shared(client, world):
    client.post(f"/orders/views/{world.view.public_id}/", {"name": "EU", "is_shared": "on"})

    tabs = sign_in_as(world, "operations").get(URL).context["tabs"]
    assert [(tab.label, tab.count) for tab in tabs][-1] == ("EU", 2)


@pytest.mark.parametrize("name", ["", "Holds"])
def test_a_name_that_is_empty_or_taken_is_refused(client, world, name):
    client.post("/orders/views/", {"query": "view=hold", "name": "Holds"})
    response = client.post(f"/orders/views/{world.view.public_id}/", {"name": name})

    assert response.status_code == 422
    with scope(merchant=world.merchant):
        assert SavedView.objects.get(pk=world.view.pk).name == "Germany"


def test_the_list_opens_as_the_person_chose(client, world):
    client.post("/orders/start/", {"query": "view=hold&market=DE"})

    assert client.get(URL).context["state"].as_query() == "view=hold&market=DE"
    assert sign_in_as(world, "operations").get(URL).context["state"].view == "open"
    client.post("/orders/start/", {"query": "view=hold", "reset": "1"})
    assert client.get(URL).context["state"].view == "open"


def test_columns_are_chosen_moved_and_reset(client, world):
    client.post("/orders/columns/", {"columns": ["status", "channel", "nonsense"]})
    assert client.get(URL).context["columns"] == ("status", "channel")
    client.post("/orders/columns/", {"columns": ["status", "channel"], "earlier": "channel"})
    assert client.get(URL).context["columns"] == ("channel", "status")
    exported = client.post("/orders/export/", {"query": "view=all"}).content.decode()
    assert exported.splitlines()[0].endswith("Reference,Market,Channel,Status,Reason")
    client.post("/orders/columns/", {"columns": ["status"], "reset": "1"})
    assert client.get(URL).context["columns"] == DEFAULT


def test_every_column_can_be_shown_and_exported(client, world):
    tag_first(world)
    client.post("/orders/columns/", {"columns": list(LABELS)})

    page = client.get(URL + "?view=all").content.decode()
    exported = client.post("/orders/export/", {"query": "view=all"}).content.decode()

    assert page.count("tag=gift") == 1
    assert "gift" in exported
    assert exported.splitlines()[0].endswith("Tags,Fulfilment,Ship to,Channel,Live or video")


def test_private_view_of_another_person_is_not_there(client, world):
    other = sign_in_as(world, "operations")

    assert other.post(f"/orders/views/{world.view.public_id}/delete/").status_code == 404


def test_export_opens_in_a_spreadsheet_and_runs_nothing(client, world):
    with scope(merchant=world.merchant):
        world.order.lines.update(title="=HYPERLINK(1)")
    response = client.post("/orders/export/", {"query": "view=all"})
    lines = response.content.decode().split("\r\n")

    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0].startswith("\ufeffOrder,Placed (Asia/Shanghai),Reference,Market,First item")
    assert len(lines) == 4
    assert "'=HYPERLINK(1)" in response.content.decode()
    assert "Sonnenallee" not in response.content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_formula_starts_are_defused(start):
    assert defuse(f"{start}1+1") == f"'{start}1+1"


def test_large_export_becomes_a_job(client, world, monkeypatch):
    monkeypatch.setattr(exports, "DIRECT_ROWS", 1)

    response = client.post("/orders/export/", {"query": "view=all"})

    job = Job.objects.get(kind="orders.export")
    assert response.url == reverse("jobs:job", args=[job.public_id])
    assert (job.total_count, job.tenant_id) == (2, world.merchant.pk)


def test_export_job_writes_the_same_file(client, world, monkeypatch):
    from apps.jobs.execution import run_job

    direct = client.post("/orders/export/", {"query": "view=all"}).content
    monkeypatch.setattr(exports, "DIRECT_ROWS", 1)
    client.post("/orders/export/", {"query": "view=all"})
    job = Job.objects.get(kind="orders.export")

    run_job(job.pk, now=utc_now())

    job.refresh_from_db()
    assert (job.status, job.done_count) == ("done", 2)
    assert job.result_file.read() == direct


def test_warehouse_has_no_hold_button_and_reader_no_ticks(world):
    packer = sign_in_as(world, "warehouse").get(URL).content.decode()
    reader = sign_in_as(world, "read_only").get(URL).content.decode()

    assert 'value="ship"' in packer
    assert 'value="hold"' not in packer
    assert 'name="ids"' not in reader


def test_holding_a_few_is_done_at_once_and_can_be_undone(client, world):
    second = make_ready(world.merchant, now=utc_now())
    body = {
        "action": "hold",
        "ids": [world.ready.public_id, second.public_id],
        "query": "view=open",
    }

    page = client.post("/orders/bulk/", body, follow=True)

    with scope(merchant=world.merchant):
        assert Order.objects.filter(open_hold_count=1).count() == 3
    [message] = page.context["messages"]
    assert str(message) == "2 orders held."
    client.post(message.extra_tags.removeprefix("undo:"))
    with scope(merchant=world.merchant):
        assert OrderHold.objects.filter(open_kind__isnull=False).get() == world.hold


def test_ids_of_a_rival_are_not_touched(client, world, rival):
    client.post("/orders/bulk/", {"action": "hold", "ids": [rival.ready.public_id]})

    with scope(merchant=rival.merchant):
        assert Order.objects.get(pk=rival.ready.pk).open_hold_count == 0


def test_tags_are_put_on_found_and_taken_back(client, world):
    body = {"action": "tag", "tag": " gift  box ", "ids": [world.ready.public_id], "query": ""}

    page = client.post("/orders/bulk/", body, follow=True)

    assert shown(client.get(URL + "?tag=gift+box")) == [world.ready.number]
    [message] = page.context["messages"]
    client.post(message.extra_tags.removeprefix("undo:"))
    assert shown(client.get(URL + "?tag=gift+box")) == []
    with scope(merchant=world.merchant):
        assert Order.objects.get(pk=world.ready.pk).tag_count == 0


@pytest.mark.parametrize("tag", ["", "a,b", "x" * 33])
def test_an_unusable_tag_is_refused(client, world, tag):
    body = {"action": "tag", "tag": tag, "ids": [world.ready.public_id]}

    assert client.post("/orders/bulk/", body).status_code == 422


def test_releasing_a_few_is_done_at_once_and_can_be_undone(client, world):
    body = {"action": "release", "ids": [world.order.public_id, world.ready.public_id]}

    page = client.post("/orders/bulk/", body, follow=True)

    told = [str(message) for message in page.context["messages"]]
    assert told[0] == "1 order released."
    assert told[1].startswith("1 order is not held by hand")
    undo = next(iter(page.context["messages"])).extra_tags.removeprefix("undo:")
    client.post(undo)
    with scope(merchant=world.merchant):
        hold = OrderHold.objects.get(open_kind="manual")
        assert (hold.order_id, hold.reason) == (world.order.pk, "Buyer asked to wait.")


def test_undo_does_not_touch_a_rival(client, world, rival):
    client.post(f"/orders/bulk/undo/?holds={rival.hold.public_id}")
    tag_first(rival)
    with scope(merchant=rival.merchant):
        key = OrderTag.objects.get(order=rival.ready).pk
    client.post(f"/orders/bulk/undo/?tagged={key}")

    with scope(merchant=rival.merchant):
        assert OrderHold.objects.get(pk=rival.hold.pk).open_kind == "manual"
        assert Order.objects.get(pk=rival.ready.pk).tag_count == 1


def test_cancelling_asks_for_a_reason_and_the_number(client, world):
    body = {"action": "cancel", "all": "1", "query": "view=all"}
    sheet = client.post("/orders/bulk/", body).context["sheet"]
    refused = client.post("/orders/bulk/", {**body, "confirmed": "1", "typed": "1"})

    assert (sheet.count, sheet.worth) == (2, None)
    assert refused.status_code == 422
    assert set(refused.context["errors"]) == {"reason", "typed"}
    assert Job.objects.count() == 0


def test_cancelled_orders_are_a_job_with_an_outcome_each(client, world, actor):
    from apps.jobs.execution import run_job
    from apps.orders import services as orders

    body = {"action": "cancel", "all": "1", "query": "view=all", "confirmed": "1", "typed": "2"}
    client.post("/orders/bulk/", {**body, "reason": "Sold out"})
    job = Job.objects.get(kind="orders.cancel")
    with scope(merchant=world.merchant):
        orders.ship_order(world.ready, actor=actor, now=utc_now())

    run_job(job.pk, now=utc_now())

    job.refresh_from_db()
    assert (job.done_count, job.failed_count) == (2, 1)
    with scope(merchant=world.merchant):
        order = Order.objects.get(pk=world.order.pk)
        assert (order.status, order.cancel_reason) == ("cancelled", "Sold out")
        assert Order.objects.get(pk=world.ready.pk).status == "shipped"


def test_many_tags_are_a_job(client, world, monkeypatch):
    from apps.jobs.execution import run_job

    monkeypatch.setattr(bulk, "DIRECT_ROWS", 1)
    client.post("/orders/bulk/", {"action": "tag", "tag": "vip", "all": "1", "query": "view=all"})
    run_job(Job.objects.get(kind="orders.tag").pk, now=utc_now())

    assert len(shown(client.get(URL + "?tag=vip"))) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [({"action": "hold"}, 422), ({"action": "explode", "ids": ["x"]}, 400)],
)
def test_unusable_bulk_request_is_refused(client, world, body, status):
    assert client.post("/orders/bulk/", body).status_code == status


def test_check_sheet_says_what_leaves_and_what_stays(client, world):
    response = client.post("/orders/bulk/", {"action": "ship", "all": "1", "query": "view=all"})

    sheet = response.context["sheet"]
    assert (sheet.count, sheet.skipped_count) == (1, 1)
    assert sheet.markets == (("DE", 1),)
    assert [item.reason for item in sheet.skipped] == ["on hold: release the hold first"]
    assert Job.objects.count() == 0


def test_confirmed_shipping_is_a_job_with_an_outcome_per_order(client, world):
    from apps.jobs.execution import run_job

    body = {"action": "ship", "confirmed": "1", "all": "1", "query": "view=all"}
    client.post("/orders/bulk/", body)
    job = Job.objects.get(kind="orders.ship")
    with scope(merchant=world.merchant):
        assert job.parameters["orders"] == [world.ready.pk]

    run_job(job.pk, now=utc_now())

    job.refresh_from_db()
    assert (job.status, job.done_count, job.failed_count) == ("done", 1, 0)
    assert job.rows.get().reference == world.ready.number
    with scope(merchant=world.merchant):
        assert Order.objects.get(pk=world.ready.pk).status == "shipped"


def test_order_held_meanwhile_fails_alone_and_says_why(client, world, actor):
    from apps.jobs.execution import run_job
    from apps.orders import services as orders

    second = make_ready(world.merchant, now=utc_now())
    body = {"action": "ship", "confirmed": "1", "all": "1", "query": "view=all"}
    client.post("/orders/bulk/", body)
    with scope(merchant=world.merchant):
        orders.place_hold(second, kind="manual", reason="Wait", actor=actor, now=utc_now())
    job = Job.objects.get(kind="orders.ship")

    run_job(job.pk, now=utc_now())

    job.refresh_from_db()
    assert (job.done_count, job.failed_count) == (2, 1)
    assert job.rows.get(is_ok=False).code == "orders.on_hold"
    with scope(merchant=world.merchant):
        assert Order.objects.get(pk=second.pk).status == "allocated"


def test_whole_view_takes_nothing_that_came_later(client, world):
    sheet = client.post("/orders/bulk/", {"action": "ship", "all": "1", "query": "view=all"})
    upto = sheet.context["selection"].upto
    make_ready(world.merchant, now=utc_now())

    body = {"action": "ship", "confirmed": "1", "all": "1", "query": "view=all", "upto": str(upto)}
    client.post("/orders/bulk/", body)

    assert Job.objects.get().total_count == 1


def test_labels_of_many_orders_are_one_file(client, world):
    second = make_ready(world.merchant, now=utc_now())
    body = {"action": "labels", "ids": [world.ready.public_id, second.public_id]}

    response = client.post("/orders/bulk/", body)

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert response.content.count(b"/Type /Page\n") == 2


def test_no_label_is_said_in_words(client, world):
    response = client.post("/orders/bulk/", {"action": "labels", "ids": [world.order.public_id]})

    assert response.status_code == 422
    assert "None of these orders has a label yet." in response.content.decode()
