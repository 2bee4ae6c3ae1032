"""The list of orders over the API: filters, sorts, pages, what it reads."""

from __future__ import annotations

from copy import copy
from datetime import timedelta

import pytest
from django.db import connection
from django_scopes import scope

from apps.common.clock import utc_now
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.services import tags
from tests.factories.orders import make_order
from tests.factories.partners import ApiClient, api_client

pytestmark = pytest.mark.django_db
ACTOR = system_actor("tests")


@pytest.fixture
def api(merchant) -> ApiClient:
    """The company's app."""
    return api_client(merchant)


def ids(api: ApiClient, query: str) -> list[str]:
    answer = api.call("GET", f"/orders?{query}")
    assert answer.status_code == 200, answer.content
    return [item["id"] for item in answer.json()["items"]]


def test_an_order_reads_the_same_in_the_list_and_alone(api, merchant):
    order = make_order(merchant, now=utc_now())
    with scope(merchant=merchant):
        orders.place_hold(order, kind="manual", reason="Wait", actor=ACTOR, now=utc_now())
        tags.tag_order(order, name="gift", actor=ACTOR, now=utc_now())

    [listed] = api.call("GET", "/orders").json()["items"]

    assert listed == api.call("GET", f"/orders/{order.public_id}").json()
    assert listed["tags"] == ["gift"]
    assert [hold["kind"] for hold in listed["holds"]] == ["manual"]


def test_each_filter_finds_its_orders(api, merchant):
    now = utc_now()
    plain = make_order(merchant, now=now)
    other = make_order(
        merchant, now=now - timedelta(days=9), quantity=3, channel="web", content_ref="live_7"
    )
    with scope(merchant=merchant):
        orders.place_hold(other, kind="manual", reason="Wait", actor=ACTOR, now=now)
        tags.tag_order(other, name="gift", actor=ACTOR, now=now)
    placed = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    for query in (
        *("channel=web", "content=live_7", "tag=gift", "hold=manual", "on_hold=true"),
        *(f"placed_before={placed}", f"due_before={now:%Y-%m-%dT%H:%M:%SZ}"),
        *("currency=EUR&total_min=147.00", f"search={other.external_ref}"),
    ):
        assert ids(api, query) == [other.public_id], query
    for query in ("channel=app", f"placed_from={placed}", "currency=EUR&total_max=98.00"):
        assert ids(api, query) == [plain.public_id], query
    for query in ("country=FR", "model=custody", "hold=address", "currency=USD", "store=sto_no"):
        assert ids(api, query) == [], query
    assert ids(api, "country=DE&model=direct&search=jonas@example.de") == [
        plain.public_id,
        other.public_id,
    ]


def test_sorts_by_what_is_due_and_by_total(api, merchant):
    now = utc_now()
    late = make_order(merchant, now=now - timedelta(days=3), quantity=1)
    large = make_order(merchant, now=now, quantity=5)
    gone = make_order(merchant, now=now - timedelta(days=4), quantity=3)
    with scope(merchant=merchant):
        orders.cancel_order(gone, reason="Sold out", actor=ACTOR, now=now)

    assert ids(api, "sort=due") == [late.public_id, large.public_id]
    assert ids(api, "sort=-total&currency=EUR") == [
        large.public_id,
        gone.public_id,
        late.public_id,
    ]
    refused = api.call("GET", "/orders?sort=total")
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "currency")


@pytest.mark.parametrize("sort", ["placed", "-due", "total&currency=EUR"])
def test_pages_of_a_sort_hold_each_order_once(api, merchant, sort):
    now = utc_now()
    made = {make_order(merchant, now=now).public_id for _ in range(5)}
    seen, cursor = [], ""
    while cursor is not None:
        told = api.call("GET", f"/orders?sort={sort}&limit=2&cursor={cursor}").json()
        seen += [item["id"] for item in told["items"]]
        cursor = told["next_cursor"]

    assert sorted(seen) == sorted(made)


def test_a_page_is_two_statements_and_one_more_for_holds(api, merchant, django_assert_num_queries):
    order, *_more = [make_order(merchant, now=utc_now()) for _ in range(3)]
    api.call("GET", "/orders")  # who calls, and the markets, are kept

    with django_assert_num_queries(2):
        api.call("GET", "/orders?status=pending")
    with scope(merchant=merchant):
        orders.place_hold(order, kind="manual", reason="Wait", actor=ACTOR, now=utc_now())
    with django_assert_num_queries(3):
        api.call("GET", "/orders?status=pending")


@pytest.mark.mariadb
def test_a_page_reads_a_bounded_number_of_rows(api, merchant):
    if connection.vendor != "mysql":
        pytest.skip("counts the rows that MariaDB reads")
    _copy(merchant, 2000)
    for query in (
        *("", "status=pending", "sort=due", "sort=-total&currency=EUR"),
        *("market=DE&status=pending", "sort=due&market=DE", "search=APP-NONE"),
    ):
        api.call("GET", f"/orders?{query}")
        before = _rows_read()
        found = ids(api, query)
        assert (query, len(found)) == (query, 0 if "search" in query else 50)
        assert _rows_read() - before <= 300, query


def _copy(merchant: Merchant, count: int) -> None:
    """Write many orders like one, with a line each, as nobody should by hand."""
    with scope(merchant=merchant):
        first = make_order(merchant, now=utc_now())
        line = first.lines.get()
        moment = utc_now()
        copies = []
        for number in range(count):
            twin = copy(first)
            twin.pk, twin.public_id = None, f"ord_COPY{number:06d}"
            twin.number = twin.external_ref = f"COPY-{number:06d}"
            twin.placed_at = moment + timedelta(seconds=number)
            copies.append(twin)
        Order.objects.bulk_create(copies)
        names = [field.attname for field in line._meta.concrete_fields if field.attname != "id"]
        facts = {name: getattr(line, name) for name in names}
        keys = Order.objects.filter(number__startswith="COPY-").values_list("pk", flat=True)
        OrderLine.objects.bulk_create(OrderLine(**{**facts, "order_id": key}) for key in keys)


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _name, value in cursor.fetchall())
