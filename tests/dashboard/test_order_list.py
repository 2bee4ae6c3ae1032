"""The order list: views, search, filters, paging, selection, saved views, export, statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.common.sheets import defuse
from apps.dashboard import exports
from apps.jobs.models import Job
from apps.orders.models import Order, OrderHold, SavedView
from tests.dashboard.conftest import make_ready, sign_in_as
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
URL = "/orders/"


def shown(response) -> list[str]:
    return [row.order.number for row in response.context["rows"]]


def test_open_view_is_sorted_by_what_is_due_next(client, world):
    late = make_order(world.merchant, now=utc_now() - timedelta(days=2))

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
        ("view=nonsense&sort=nonsense&size=7&due=never&status=odd", 2),
    ],
)
def test_filters_narrow_the_view(client, world, query, count):
    assert len(shown(client.get(f"{URL}?{query}"))) == count


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


def test_fifty_rows_need_eleven_statements(client, fifty, django_assert_num_queries):
    client.get(URL)  # fills the ten-second caches of the frame

    # session, person, company; orders, lines with products, holds, counts, saved views, rates;
    # and of the frame: running jobs and what was read
    with django_assert_num_queries(11):
        response = client.get(URL)

    assert len(shown(response)) == 50


def test_fifty_rows_need_twenty_one_statements_with_cold_caches(
    client, world, fifty, django_assert_num_queries
):
    client.get(URL)
    pk = world.merchant.pk
    names = (f"facts.{pk}", f"markets.{pk}", f"companies.{world.member.user_id}")
    cache.delete_many([f"dashboard.{name}" for name in names])

    # the same, own markets, companies, and the six of what needs the merchant
    with django_assert_num_queries(21):
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
    assert lines[0].startswith("\ufeffOrder,Placed (Asia/Shanghai),Reference,Market,Buyer")
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
