"""Home: what to do next, sales, money, first steps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django_scopes import scope

from apps.accounts.models import User
from apps.common.clock import utc_now
from apps.common.money import Money
from apps.markets.models import FxRate
from apps.orders import services as orders
from apps.orders.models import Order
from tests.dashboard.conftest import ACTOR, sign_in, sign_in_as
from tests.factories.merchants import MemberFactory, MerchantFactory
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


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
    make_order(world.merchant, now=now - timedelta(days=20))

    todos = client.get("/").context["todos"]

    assert todos[0].title == "1 order is late"
    assert todos[0].url == "/orders/at-risk/"
    assert (todos[0].level, todos[0].button) == ("now", "See why")
    assert "Release 1 order: held by hand" in [todo.title for todo in todos]


def test_a_hold_of_a_check_is_told_in_the_readers_language(client, world):
    order = make_order(world.merchant, now=utc_now())
    findings = [{"code": "no_house_number", "field": "street", "severity": "hold"}]
    with scope(merchant=world.merchant):
        orders.place_hold(
            order,
            kind="address",
            reason="House number missing.",
            details={"findings": findings},
            actor=ACTOR,
            now=utc_now(),
        )

    english = client.get("/").context["todos"]
    User.objects.filter(pk=world.member.user_id).update(language="zh-hans")
    chinese = client.get("/").context["todos"]

    assert any("House number" in todo.detail for todo in english)
    assert not any("House number" in todo.detail for todo in chinese)


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
