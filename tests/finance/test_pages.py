"""The finance pages: works, not yours, not allowed, wrong method."""

from __future__ import annotations

import re

import pytest
import time_machine
from django_scopes import scope

from apps.finance.models import LedgerTransaction
from apps.merchants.models import Role
from apps.orders import services as orders
from tests.factories.finance import ACTOR, entries_of, handle, label_entry, settled_order

pytestmark = pytest.mark.django_db
PAGES = ("/finance/", "/finance/lines/")


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False):
        yield


def text_of(response) -> str:
    """Return the words of a page's main part."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_the_overview_shows_what_is_free_what_waits_and_what_is_kept(open_as, merchant, rates, now):
    settled_order(merchant, "completed", now=now)
    settled_order(merchant, "delivered", now=now)
    settled_order(merchant, "allocated", now=now)

    page = text_of(open_as(merchant).get("/finance/"))

    assert "Payable now €81 " in page
    assert "On the way €88 " in page
    assert "In return window €81 " in page
    assert "You keep this month CN¥1,091 " in page
    assert "EUR €80.90 €169.05 Payable now €80.90" in page
    assert "Delivered 1 €80.90" in page
    assert "You keep CN¥1,090.84" in page


def test_the_overview_shows_another_month(open_as, merchant, rates, now):
    settled_order(merchant, "delivered", now=now)
    browser = open_as(merchant)

    assert "Nothing delivered in this month" in text_of(browser.get("/finance/?month=2026-10"))
    for wrong in ("2027-01", "0001-01", "nonsense", "2026-11"):
        response = browser.get(f"/finance/?month={wrong}")
        assert response.status_code == 200
        assert "You keep this month" in text_of(response)


def test_currencies_without_a_rate_are_not_added(open_as, merchant, now):
    order = settled_order(merchant, "delivered", now=now, label=False)
    handle(order, label_entry(order, "shipment.created", now=now, currency="CNY"))
    with scope(merchant=merchant):
        order.refresh_from_db()
        orders.complete_order(order, actor=ACTOR, now=now)
    handle(order, entries_of(order)[-1])

    assert "Payable now −CN¥10 + €91 " in text_of(open_as(merchant).get("/finance/"))


def test_lines_show_each_movement_with_its_order_and_state(open_as, merchant, now):
    order = settled_order(merchant, "completed", now=now)

    page = text_of(open_as(merchant).get("/finance/lines/"))

    assert order.number in page
    assert "+€98.00 Free Sun" in page
    assert "−€9.85 Free" in page
    assert "Platform fee −€5.88 · Payment fee −€1.37 −€7.25 Free" in page
    assert "Set free" not in page


def test_a_cancelled_sale_is_taken_back(open_as, merchant, now):
    order = settled_order(merchant, "allocated", now=now, label=False)
    with scope(merchant=merchant):
        orders.cancel_order(order, reason="Test", actor=ACTOR, now=now)
    handle(order, entries_of(order)[-1])

    page = text_of(open_as(merchant).get("/finance/lines/"))

    assert "+€98.00 Taken back —" in page
    assert "−€98.00 Taken back —" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 3), ("kind=fees", 1), ("kind=reversal", 0), ("kind=release", 3), ("kind=nonsense", 3)],
)
def test_lines_of_one_kind(open_as, merchant, now, query, shown):
    settled_order(merchant, "completed", now=now)

    response = open_as(merchant).get(f"/finance/lines/?{query}")

    assert len(response.context["rows"]) == shown


def test_lines_of_one_order(open_as, merchant, now):
    settled_order(merchant, "completed", now=now)
    order = settled_order(merchant, "confirmed", now=now, label=False)

    response = open_as(merchant).get(f"/finance/lines/?q={order.number}")

    assert [row.transaction.reference for row in response.context["rows"]] == [
        f"capture:{order.public_id}"
    ]


def test_pages_of_lines_follow_each_other_without_gap(open_as, merchant, now):
    for _ in range(27):
        settled_order(merchant, "confirmed", now=now, label=False)
    browser = open_as(merchant)

    first = browser.get("/finance/lines/?size=25")
    second = browser.get(
        "/finance/lines/", {"size": 25, "cursor": first.context["page"].next_cursor}
    )

    seen = [row.transaction.pk for page in (first, second) for row in page.context["rows"]]
    with scope(merchant=merchant):
        keys = LedgerTransaction.objects.order_by("-occurred_at", "-pk").values_list(
            "pk", flat=True
        )
        assert seen == list(keys)
    assert second.context["page"].next_cursor == ""


def test_a_damaged_cursor_is_refused(open_as, merchant, now):
    assert open_as(merchant).get("/finance/lines/?cursor=zzz").status_code == 400


@pytest.mark.parametrize("address", PAGES)
def test_pages_cost_the_same_for_many_orders(
    open_as, merchant, rates, now, address, django_assert_max_num_queries
):
    for _ in range(12):
        settled_order(merchant, "completed", now=now)
    browser = open_as(merchant)

    with django_assert_max_num_queries(34):
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_a_new_company_are_empty_but_helpful(open_as, merchant, address):
    page = text_of(open_as(merchant).get(address))
    assert "No money has moved yet" in page


@pytest.mark.parametrize("address", PAGES)
def test_nothing_of_another_company_is_shown(open_as, merchant, stranger, now, address):
    order = settled_order(stranger, "completed", now=now)
    browser = open_as(merchant)

    for query in ("", f"?q={order.number}"):
        response = browser.get(address + query)
        assert response.context["rows"] == []
        assert "€98.00" not in response.content.decode()


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("role", [Role.OPERATIONS, Role.WAREHOUSE, Role.SERVICE, Role.READ_ONLY])
def test_money_is_for_those_who_may_see_it(open_as, merchant, now, address, role):
    settled_order(merchant, "confirmed", now=now, label=False)

    response = open_as(merchant, role).get(address)

    assert response.status_code == 403
    assert "€" not in response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_only_read(open_as, merchant, address):
    browser = open_as(merchant)
    for method in (browser.post, browser.put, browser.delete):
        assert method(address).status_code == 405


@pytest.mark.parametrize("address", PAGES)
def test_visitors_sign_in_first(client, address):
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )
