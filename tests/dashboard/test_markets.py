"""The page of the markets: what is true of each today."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from apps.common.clock import utc_now
from apps.markets import services as markets
from apps.markets.models import FxRate, Market
from tests.factories.merchants import MemberFactory
from tests.factories.partners import api_client


@pytest.fixture
def member(merchant):
    markets.open_markets()
    return MemberFactory(merchant=merchant, user__language="en")


@pytest.fixture
def browser(client: Client, member) -> Client:
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rate(currency: str, value: str, *, days: int = 0) -> None:
    day = utc_now().date() - timedelta(days=days)
    FxRate.objects.create(
        base="EUR", quote=currency, rate=Decimal(value), valid_on=day, source="ecb-daily"
    )


def test_the_page_tells_rate_tax_returns_days_off_and_post(browser):
    rate("CNY", "8.2")
    rate("JPY", "164", days=1)
    text = browser.get("/markets/").content.decode()
    yesterday = utc_now().date() - timedelta(days=1)
    assert "1 JPY = 0.05 CNY" in text
    assert f"ECB, {yesterday}" in text
    assert "1 EUR = 8.2 CNY" in text
    assert "No rate of the last ten days" in text
    assert "154-0023" in text
    assert "Weekend: Fri and Sat" in text or "Weekend: Fri, Sat" in text


def test_a_rate_of_eleven_days_is_none(browser):
    rate("CNY", "8.2", days=11)
    assert "1 EUR =" not in browser.get("/markets/").content.decode()


def test_the_own_currency_needs_no_rate(browser, merchant):
    type(merchant).objects.filter(pk=merchant.pk).update(base_currency="EUR")
    assert "Your own currency" in browser.get("/markets/").content.decode()


def test_without_a_market_the_page_says_so(browser):
    Market.objects.update(is_active=False)
    assert "No market is open" in browser.get("/markets/").content.decode()


def test_two_statements_more_than_an_empty_page(browser, django_assert_num_queries):
    rate("CNY", "8.2")
    browser.get("/markets/")
    with django_assert_num_queries(5) as full:
        browser.get("/markets/")
    Market.objects.exclude(code="DE").update(is_active=False)
    with django_assert_num_queries(len(full)):
        browser.get("/markets/")


def test_the_api_tells_the_same(merchant, member):
    rate("CNY", "8.2")
    answer = api_client(merchant).call("GET", "/markets")
    found = {item["code"]: item for item in answer.json()["items"]}
    assert len(found) == Market.objects.count()
    germany, emirates = found["DE"], found["AE"]
    assert germany["rate"] == {
        "currency": "CNY",
        "rate": "8.2",
        "fixed_on": utc_now().date().isoformat(),
        "source": "ecb-daily",
    }
    assert germany["postal"] == {
        "required": ["street", "city", "postal_code"],
        "postal_code_pattern": r"^\d{5}$",
        "postal_code_example": "26133",
    }
    assert (germany["weekend"], found["SA"]["weekend"]) == ([6, 7], [5, 6])
    assert len(germany["holidays"]) == 5
    assert (emirates["rate"], emirates["postal"]["postal_code_example"]) == (None, "")
