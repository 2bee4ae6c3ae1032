"""How money, numbers, time and measures read in both languages."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal

import pytest
from django.utils import translation

from apps.common import formatting

NOW = dt.datetime(2026, 11, 24, 1, 42, tzinfo=dt.UTC)
SHENZHEN = zoneinfo.ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (184230, "USD", "US$1,842.30"),
        (10600, "EUR", "€106.00"),
        (11800, "SGD", "S$118.00"),
        (36140, "CNY", "CN¥361.40"),
        (-1692, "EUR", "\u2212€16.92"),
        (1200, "JPY", "JP¥1,200"),
        (1234567, "KWD", "KWD\u00a01,234.567"),
        (0, "GBP", "£0.00"),
    ],
)
def test_money_cannot_be_mistaken(minor: int, currency: str, expected: str) -> None:
    assert formatting.format_money(minor, currency) == expected


def test_money_reads_the_same_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert formatting.format_money(-184230, "USD") == "\u2212US$1,842.30"


def test_money_marks_gains_and_drops_cents_on_request() -> None:
    assert formatting.format_money(150, "USD", sign=True) == "+US$1.50"
    assert formatting.format_money(150, "USD", whole=True) == "US$2"


def test_numbers_are_grouped_with_a_true_minus() -> None:
    assert formatting.format_count(24810) == "24,810"
    assert formatting.format_count(-7) == "\u22127"
    assert formatting.format_percent(Decimal("0.026")) == "2.6%"


def test_axis_numbers_follow_the_language() -> None:
    assert formatting.format_compact(3500) == "3.5k"
    with translation.override("zh-hans"):
        assert formatting.format_compact(3500) == "3,500"
        assert formatting.format_compact(250_000) == "25 万"


@pytest.mark.parametrize(
    ("moment", "english", "chinese"),
    [
        (NOW - dt.timedelta(minutes=11), "Today 09:31", "今天 09:31"),
        (NOW - dt.timedelta(days=1), "Yesterday 09:42", "昨天 09:42"),
        (NOW + dt.timedelta(days=1), "Tomorrow 09:42", "明天 09:42"),
        (NOW - dt.timedelta(days=3), "Sat 09:42", "周六 09:42"),
        (NOW - dt.timedelta(days=30), "25 Oct 09:42", "10 月 25 日 09:42"),
        (NOW - dt.timedelta(days=400), "20 Oct 2025 09:42", "2025 年 10 月 20 日 09:42"),
    ],
)
def test_moments_read_as_people_say_them(moment: dt.datetime, english: str, chinese: str) -> None:
    assert formatting.format_moment(moment, zone=SHENZHEN, now=NOW) == english
    with translation.override("zh-hans"):
        assert formatting.format_moment(moment, zone=SHENZHEN, now=NOW) == chinese


@pytest.mark.parametrize(
    ("left", "english", "chinese", "tone"),
    [
        (dt.timedelta(hours=6, minutes=17), "6 h 17 m left", "剩 6 小时 17 分", "bad"),
        (dt.timedelta(hours=28), "1 d 4 h left", "剩 1 天 4 小时", "soon"),
        (dt.timedelta(hours=-2, minutes=-5), "2 h 5 m late", "已超时 2 小时 5 分", "bad"),
        (dt.timedelta(seconds=30), "Due now", "现在到期", "bad"),
        (dt.timedelta(days=9), "3 Dec", "12 月 3 日", ""),
    ],
)
def test_deadlines_say_time_left(left: dt.timedelta, english: str, chinese: str, tone: str) -> None:
    reading = formatting.format_deadline(NOW + left, zone=SHENZHEN, now=NOW)
    assert (reading.text, reading.tone) == (english, tone)
    with translation.override("zh-hans"):
        assert formatting.format_deadline(NOW + left, zone=SHENZHEN, now=NOW).text == chinese


def test_a_zone_is_named_by_its_city() -> None:
    assert formatting.zone_city("America/Los_Angeles") == "Los Angeles"
    with translation.override("zh-hans"):
        assert formatting.zone_city("America/Los_Angeles") == "洛杉矶"


def test_full_dates_name_weekday_and_zone() -> None:
    assert formatting.format_full(NOW, zone=SHENZHEN) == "Tuesday 24 November 2026 09:42 CST"


def test_measures_use_the_unit_that_fits() -> None:
    assert formatting.format_weight(480) == "480\u00a0g"
    assert formatting.format_weight(2900) == "2.9\u00a0kg"
    assert formatting.format_weight(12_000) == "12\u00a0kg"
    assert formatting.format_size(420, 420, 385) == "42 × 42 × 38.5\u00a0cm"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1.5", "USD", 150),
        ("1,5", "EUR", 150),
        ("US$1,234.50", "USD", 123450),
        ("1.234,50 €", "EUR", 123450),
        ("１２．３４", "CNY", 1234),
        ("1,234", "USD", 123400),
        ("\u22124.00", "USD", -400),
        ("1 200", "JPY", 1200),
    ],
)
def test_typed_amounts_are_understood(text: str, currency: str, minor: int) -> None:
    assert formatting.parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("", "USD"), ("abc", "USD"), ("1.5", "JPY"), ("1.2345", "USD")]
)
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError):
        formatting.parse_amount(text, currency)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("林源", "林"), ("Jonas W.", "JW"), ("lin@lanling.example", "LL"), ("", "?")],
)
def test_avatars_show_initials(name: str, letters: str) -> None:
    assert formatting.initials(name) == letters


def test_lists_and_names_take_the_marks_of_the_language() -> None:
    assert (formatting.join_words(["US 32", "DE 6"]), formatting.colon()) == ("US 32, DE 6", ": ")
    with translation.override("zh-hans"):
        assert (formatting.join_words(["US 32", "DE 6"]), formatting.colon()) == (
            "US 32、DE 6",
            "：",
        )


def test_sentences_follow_each_other_without_a_gap_in_chinese() -> None:
    assert formatting.join_sentences("One.", "Two.") == "One. Two."
    assert (formatting.join_sentences("", "Two."), formatting.join_sentences("One.", "")) == (
        "Two.",
        "One.",
    )
    with translation.override("zh-hans"):
        assert formatting.join_sentences("第一。", "第二。") == "第一。第二。"
