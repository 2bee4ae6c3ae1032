"""Markets and dated euro reference rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.core import Locale

from apps.common.errors import DomainError
from apps.common.money import Money, precision
from apps.markets import selectors, services
from apps.markets.models import FxRate, Market
from apps.markets.reference import MARKETS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("facts", MARKETS, ids=lambda facts: facts["code"])
def test_every_market_has_a_real_currency_locale_and_zone(facts):
    assert precision(facts["currency"]) in {0, 2, 3}
    assert Locale.parse(facts["locale"]).territory in {facts["code"], "GB"}
    assert ZoneInfo(facts["time_zone"]).key == facts["time_zone"]


def test_opening_markets_twice_makes_each_once():
    assert services.open_markets() == services.open_markets() == Market.objects.count()
    assert selectors.get_market("JP").currency == "JPY"


def test_an_unknown_market_is_refused():
    with pytest.raises(DomainError) as caught:
        selectors.get_market("XX")

    assert (caught.value.code, caught.value.status) == ("markets.unknown", 422)


def test_rates_are_the_banks_own():
    # European Central Bank, euro foreign exchange reference rates of 1 December 2010.
    services.import_rates([date(2010, 12, 1)])

    rates = dict(FxRate.objects.values_list("quote", "rate"))
    assert rates["USD"] == Decimal("1.3115")
    assert rates["GBP"] == Decimal("0.8393")


def test_a_cross_rate_goes_through_the_euro():
    services.import_rates([date(2010, 12, 1)])

    converted = selectors.convert(Money(Decimal("83.93"), "GBP"), "USD", date(2010, 12, 1))

    assert converted == Money(Decimal("131.15"), "USD")


def test_a_weekend_uses_the_last_fixing_and_a_stale_rate_is_no_rate():
    services.import_rates([date(2010, 12, 3)])

    assert selectors.find_rate("EUR", "USD", date(2010, 12, 5)) == Decimal("1.3246")
    assert selectors.find_rate("EUR", "USD", date(2010, 12, 14)) is None
    assert selectors.find_rate("EUR", "USD", date(2010, 12, 2)) is None


def test_importing_twice_stores_once():
    days = [date(2010, 12, 1), date(2010, 12, 4)]

    services.import_rates(days)
    count = FxRate.objects.count()
    services.import_rates(days)

    assert FxRate.objects.count() == count > 20
