"""Post, holidays and business days of the markets, from packaged data."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.markets import places
from apps.markets.models import Market
from apps.markets.reference import MARKETS
from apps.markets.rules import add_business_days

CODES = [facts["code"] for facts in MARKETS]
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize("code", CODES)
def test_every_market_has_post_holidays_and_a_weekend(code):
    postal = places.get_postal_rules(code)
    assert "street" in postal.required
    assert not postal.example or re.match(postal.pattern, postal.example)
    assert len(places.get_weekend(code)) == 2
    found = places.list_holidays(code, date(2026, 11, 29), count=5)
    assert len(found) == 5
    assert [one.day for one in found] == sorted({one.day for one in found})


@pytest.mark.parametrize(
    ("code", "required", "example"),
    [
        ("DE", ("street", "city", "postal_code"), "26133"),
        ("US", ("street", "city", "region", "postal_code"), "95014"),
        ("AE", ("street", "region"), ""),
        ("JP", ("street", "region", "postal_code"), "154-0023"),
    ],
)
def test_addresses_are_written_as_the_post_wants_them(code, required, example):
    postal = places.get_postal_rules(code)
    assert (postal.required, postal.example) == (required, example)


@pytest.mark.parametrize(
    ("code", "weekend"), [("DE", {5, 6}), ("SA", {4, 5}), ("IL", {4, 5}), ("AE", {5, 6})]
)
def test_weekends_differ(code, weekend):
    assert places.get_weekend(code) == weekend


def test_holidays_have_english_names():
    assert places.list_holidays("DE", date(2026, 12, 1), count=2) == [
        places.Holiday(date(2026, 12, 25), "Christmas Day"),
        places.Holiday(date(2026, 12, 26), "Second Day of Christmas"),
    ]


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-12-22", 3, "2026-12-28"),  # Christmas is a Friday, the second day a Saturday
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-25", 0, "2026-12-28"),
        ("2026-12-26", 1, "2026-12-28"),
        ("2026-12-31", 1, "2027-01-04"),
        ("2026-11-30", 0, "2026-11-30"),
        ("2026-11-30", 5, "2026-12-07"),
    ],
)
def test_business_days_in_germany(start, days, last):
    found = add_business_days(
        date.fromisoformat(start), days, is_open=lambda day: places.is_business_day("DE", day)
    )
    assert found == date.fromisoformat(last)


@given(st.sampled_from(CODES), DAYS, st.integers(0, 30))
def test_exactly_so_many_business_days_lie_behind_the_start(code, start, days):
    last = add_business_days(start, days, is_open=lambda day: places.is_business_day(code, day))
    between = [start + timedelta(days=one) for one in range(1, (last - start).days + 1)]
    counted = sum(places.is_business_day(code, day) for day in between)
    assert places.is_business_day(code, last)
    assert counted == days or (days == 0 and counted == 1 and between[-1] == last)


@given(DAYS, st.integers(0, 20))
def test_one_more_day_is_later(start, days):
    def is_open(day: date) -> bool:
        return day.weekday() < 5

    sooner = add_business_days(start, days, is_open=is_open)
    later = add_business_days(start, days + 1, is_open=is_open)
    assert later > sooner or (days == 0 and not is_open(start) and later == sooner)


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="zero or more"):
        add_business_days(date(2026, 1, 1), -1, is_open=lambda _day: True)
    with pytest.raises(ValueError, match="no open day"):
        add_business_days(date(2026, 1, 1), 1, is_open=lambda _day: False)


@pytest.mark.parametrize(
    ("code", "zone", "moment", "end"),
    [
        # 23:30 UTC on a Thursday is Friday morning in Tokyo: the next business day is Monday.
        ("JP", "Asia/Tokyo", "2026-11-26T23:30", "2026-11-30T15:00"),
        ("DE", "Europe/Berlin", "2026-11-26T22:30", "2026-11-27T23:00"),
        ("SA", "Asia/Riyadh", "2026-11-26T09:00", "2026-11-29T21:00"),
        # The clocks go forward in Berlin on 28 March 2027.
        ("DE", "Europe/Berlin", "2027-03-25T12:00", "2027-03-30T22:00"),
    ],
)
def test_a_deadline_ends_with_the_day_on_the_markets_clock(code, zone, moment, end):
    market = Market(code=code, time_zone=zone)
    start = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = places.find_deadline(market, start, days=1)
    assert found.astimezone(UTC) == datetime.fromisoformat(end).replace(tzinfo=UTC)
