"""Home: what to do next, sales, markets, money and running work."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.clock import utc_now
from apps.common.formatting import (
    currency_symbol,
    current_locale,
    format_clock,
    format_count,
    format_day,
    format_money,
    format_percent,
    join_sentences,
    zone_city,
)
from apps.common.money import Money
from apps.common.web.access import READ, may, member_page, permissions_of
from apps.dashboard.selectors import money as money_selectors
from apps.dashboard.selectors import sales as sales_selectors
from apps.dashboard.selectors import setup as setup_selectors
from apps.dashboard.selectors import shell as frame
from apps.dashboard.selectors.sales import PERIODS, Measure, SalesBook
from apps.dashboard.selectors.todo_words import describe
from apps.dashboard.selectors.todos import visible
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

TODOS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Clock:
    """The time somewhere, and whether it is day there."""

    city: str
    time: str
    is_day: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the sales card, in words."""

    label: str
    unit: str
    value: str
    delta: str
    is_rising: bool
    trend: tuple[int, ...]


@member_page(*READ)
def home(request: MemberRequest) -> HttpResponse:
    """Show what needs the merchant; a company that has sold nothing yet sees its first steps."""
    now = utc_now()
    merchant = request.member.merchant
    can_see_money = may(request, permissions.MONEY_VIEW)
    facts = visible(frame.recent_facts(merchant, now=now), permissions_of(request))
    todos = [describe(fact, now=now, can_see_money=can_see_money) for fact in facts]
    context: dict[str, object] = {
        "section": "home",
        "greeting": _greeting(request, now),
        "day_line": _day_line(now, len(todos)),
        "todos": todos if "all" in request.GET else todos[:TODOS_SHOWN],
        "more_todos": len(todos) - TODOS_SHOWN if "all" not in request.GET else 0,
        "can_see_money": can_see_money,
        "steps": setup_selectors.list_steps(request.member),
    }
    if may(request, permissions.ORDERS_VIEW) and setup_selectors.has_orders(merchant):
        context |= _sales(request, merchant, now, can_see_money=can_see_money)
    if can_see_money:
        context["standing"] = money_selectors.get_standing(merchant, now=now)
    return render(request, "dashboard/home.html", context)


def _greeting(request: MemberRequest, now: datetime) -> str:
    hour = now.astimezone(timezone.get_current_timezone()).hour
    name = {"name": request.user.short_name}
    if hour < 5 or hour >= 18:
        return _("Good evening, %(name)s") % name
    if hour < 12:
        return _("Good morning, %(name)s") % name
    return _("Good afternoon, %(name)s") % name


def _day_line(now: datetime, count: int) -> str:
    today = now.astimezone(timezone.get_current_timezone()).date()
    han = current_locale().language == "zh"
    pattern = "M' 月 'd' 日'EEEE" if han else "EEEE d MMMM"
    day = format_date(today, pattern, locale=current_locale())
    if not count:
        return _("%(day)s. Nothing needs you now.") % {"day": day}
    things = ngettext("%(count)s thing needs you.", "%(count)s things need you.", count)
    return join_sentences(_("%(day)s.") % {"day": day}, things % {"count": count})


def _sales(
    request: MemberRequest, merchant: Merchant, now: datetime, *, can_see_money: bool
) -> dict[str, object]:
    book = sales_selectors.load_sales(merchant, now=now)
    wanted = request.GET.get("days", "28")
    count = PERIODS.get(wanted, 28)
    days, before = book.days(count), book.days(count, back=count)
    chart_days = days if count > 1 else book.days(7)
    chart_before = before if count > 1 else book.days(7, back=7)
    return {
        "figures": _figures(merchant, book, days, before, now, can_see_money=can_see_money),
        "period": str(count),
        "periods": [("1", _("Today")), ("7", _("7 d")), ("28", _("28 d"))],
        "chart": _chart(book, chart_days, chart_before) if can_see_money else None,
        "zone_note": _("%(city)s time") % {"city": zone_city(merchant.time_zone)},
        "has_rate_gap": book.has_gap,
        "markets": sales_selectors.by_market(book),
        "clocks": _clocks(request, book, now),
    }


def _figures(
    merchant: Merchant,
    book: SalesBook,
    days: list[date],
    before: list[date],
    now: datetime,
    *,
    can_see_money: bool,
) -> list[Figure]:
    figures = []
    if can_see_money:
        sales = sales_selectors.measure(book.sales_on(days), book.sales_on(before))
        figures.append(_money_figure(_("Sales"), sales, book.currency))
        kept = money_selectors.measure_kept(merchant, days, before)
        figures.append(_money_figure(_("Kept of delivered orders"), kept, book.currency))
    count = sales_selectors.measure(book.orders_on(days), book.orders_on(before))
    figures.append(
        Figure(
            _("Orders"), "", format_count(count.value), _delta(count), count.is_rising, count.trend
        )
    )
    if can_see_money and count.value:
        average = Money.from_minor(sales.value // count.value, book.currency)
        symbol = currency_symbol(book.currency)
        text = format_money(average.minor, book.currency).removeprefix(symbol)
        figures.append(Figure(_("Average order"), symbol, text, "", is_rising=False, trend=()))
    return figures


def _money_figure(label: str, measured: Measure, currency: str) -> Figure:
    symbol = currency_symbol(currency)
    text = format_money(measured.value, currency, whole=True).removeprefix(symbol)
    return Figure(label, symbol, text, _delta(measured), measured.is_rising, measured.trend)


def _delta(measured: Measure) -> str:
    return "" if measured.change is None else format_percent(abs(measured.change))


def _chart(book: SalesBook, days: list[date], before: list[date]) -> dict[str, object]:
    scale = Money.from_minor(1, book.currency).amount
    values, previous = book.sales_on(days), book.sales_on(before)
    labels = [format_day(day, today=book.today) for day in days]
    title = _("Sales per day in %(currency)s, from %(first)s to %(last)s") % {
        "currency": book.currency,
        "first": labels[0],
        "last": labels[-1],
    }
    return {
        "values": [float(value * scale) for value in values],
        "previous": [float(value * scale) for value in previous],
        "labels": labels,
        "title": title,
        "points": [
            (label, Money.from_minor(value, book.currency))
            for label, value in zip(labels, values, strict=True)
        ],
        "previous_label": ngettext("Previous %(days)s day", "Previous %(days)s days", len(days))
        % {"days": len(days)},
    }


def _clocks(request: MemberRequest, book: SalesBook, now: datetime) -> list[Clock]:
    own = request.user.time_zone
    zones = [own, *(zone for zone in sales_selectors.busiest_zones(book) if zone != own)]
    clocks = []
    for name in zones:
        local = now.astimezone(zoneinfo.ZoneInfo(name))
        is_day = 6 <= local.hour < 18
        clocks.append(
            Clock(
                zone_city(name), format_clock(now, local.tzinfo or zoneinfo.ZoneInfo(name)), is_day
            )
        )
    return clocks
