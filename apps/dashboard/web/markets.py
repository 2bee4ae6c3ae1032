"""The markets one can sell in, and what is true of each today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.formatting import current_locale, join_words
from apps.common.web.access import READ, member_page
from apps.markets import places
from apps.markets import selectors as reads
from apps.markets.models import Market
from apps.markets.places import Holiday
from apps.markets.selectors import DatedRate
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

HOLIDAYS = 3


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One market as the page shows it."""

    market: Market
    name: str
    rate: DatedRate | None
    holidays: list[Holiday]
    weekend: str
    required: str
    example: str


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def markets(request: MemberRequest) -> HttpResponse:
    """List the open markets by code."""
    today, own = utc_now().date(), request.member.merchant.base_currency
    opened = reads.list_markets()
    rates = reads.list_dated_rates({market.currency for market in opened}, own, today)
    rows = [_row(market, rates.get(market.currency), today) for market in opened]
    context = {"section": "markets", "rows": rows, "own_currency": own, "today": today}
    return render(request, "dashboard/markets.html", context)


def _row(market: Market, rate: DatedRate | None, today: date) -> MarketRow:
    locale, postal = current_locale(), places.get_postal_rules(market.code)
    days = locale.days["format"]["abbreviated"]
    labels = _field_labels()
    return MarketRow(
        market=market,
        name=str(locale.territories.get(market.code, market.code)),
        rate=rate,
        holidays=places.list_holidays(market.code, today, count=HOLIDAYS),
        weekend=join_words(str(days[day]) for day in sorted(places.get_weekend(market.code))),
        required=join_words(labels[name] for name in postal.required),
        example=postal.example,
    )


def _field_labels() -> dict[str, str]:
    return {
        "street": _("Street"),
        "city_area": _("District"),
        "city": _("City"),
        "region": _("Region"),
        "postal_code": _("Postal code"),
    }
