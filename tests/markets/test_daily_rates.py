"""The rates of the day: fetched safely, checked, stored once; what looks wrong waits for a person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import httpx
import pytest
import respx
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.common.http import OutboundError, fetch
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.markets import selectors, services, tasks
from apps.markets.adapters.ecb.client import fetch_fixing
from apps.markets.adapters.ecb.parser import Fixing, FixingError, parse_fixing
from apps.markets.models import FxRate, HeldRate
from apps.markets.selectors import Health
from tests.factories.markets import MarketFactory

URL = "https://93.184.216.34/daily.xml"
DAY = date(2026, 11, 25)
CLERK = Actor("user", "usr_CLERK")


def xml(*rates: str, day: str = "2026-11-25", head: str = "") -> bytes:
    cubes = "".join(
        f"<Cube currency='{code}' rate='{rate}'/>" for code, _sep, rate in map(_split, rates)
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{head}"
        "<gesmes:Envelope xmlns:gesmes='http://www.gesmes.org/xml/2002-08-01' "
        "xmlns='http://www.ecb.int/vocabulary/2002-08-01/eurofxref'>"
        f"<Cube><Cube time='{day}'>{cubes}</Cube></Cube></gesmes:Envelope>"
    ).encode()


def _split(text: str) -> tuple[str, str, str]:
    return text.partition("=")


def fixing(day: date = DAY, **rates: str) -> Fixing:
    return Fixing(day, {code: Decimal(rate) for code, rate in rates.items()})


def rate(quote: str, value: str, day: date = DAY, source: str = "ECB reference rates") -> FxRate:
    return FxRate.objects.create(
        base="EUR", quote=quote, rate=Decimal(value), valid_on=day, source=source
    )


# --- Reading ------------------------------------------------------------------------------------


def test_a_file_is_read_to_its_day_and_rates():
    assert parse_fixing(xml("USD=1.0832", "JPY=163.55")) == fixing(USD="1.0832", JPY="163.55")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not plain XML"),
        (b"<html>", "not plain XML"),
        (xml("USD=1", head="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "not plain XML"),
        (xml("USD=1", head="<!DOCTYPE x SYSTEM 'file:///etc/passwd'>"), "not plain XML"),
        (b"<a/>", "0 days"),
        (b"<a><Cube time='2026-11-25'/><Cube time='2026-11-24'/></a>", "2 days"),
        (xml(), "no rates"),
        (xml("USD=1", day="25.11.2026"), "no date"),
        (xml("USD=1", "USD=2"), "comes twice"),
        (xml("usd=1"), "no code"),
        (xml("USD=abc"), "no number"),
        (xml("USD="), "no number"),
        (xml("USD=0"), "not positive"),
        (xml("USD=-1"), "not positive"),
        (xml("USD=NaN"), "not positive"),
        (xml("USD=Infinity"), "not positive"),
        (xml("USD=1e10"), "not positive"),
    ],
)
def test_a_file_that_is_not_the_banks_is_refused_whole(content, why):
    with pytest.raises(FixingError, match=why):
        parse_fixing(content)


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(content):
    with pytest.raises(FixingError):
        parse_fixing(content)


# --- Fetching -----------------------------------------------------------------------------------


@respx.mock
def test_what_passes_by_itself_is_tried_again():
    route = respx.get(URL)
    route.side_effect = [
        httpx.ConnectError("away"),
        httpx.Response(503),
        httpx.Response(200, content=xml("USD=1.08")),
    ]
    pauses: list[float] = []
    assert fetch_fixing(URL, sleep=pauses.append).rates == {"USD": Decimal("1.08")}
    assert pauses == [2.0, 4.0]


@respx.mock
def test_after_three_attempts_it_is_over():
    route = respx.get(URL).respond(500)
    with pytest.raises(OutboundError) as failure:
        fetch_fixing(URL, sleep=lambda _s: None)
    assert (route.call_count, failure.value.permanent) == (3, False)


@pytest.mark.parametrize("status", [301, 400, 403, 404])
@respx.mock
def test_what_cannot_recover_is_not_tried_again(status):
    route = respx.get(URL).respond(status, headers={"Location": "https://127.0.0.1/"})
    with pytest.raises(OutboundError) as failure:
        fetch_fixing(URL, sleep=lambda _s: None)
    assert (route.call_count, failure.value.permanent) == (1, True)


@respx.mock
def test_an_answer_has_a_limit():
    respx.get(URL).respond(200, content=b"x" * 101)
    assert len(fetch(URL, max_bytes=101)) == 101
    with pytest.raises(OutboundError, match="longer than 100 bytes"):
        fetch(URL, max_bytes=100)


@respx.mock
def test_an_answer_that_drips_is_given_up(monkeypatch):
    clock = iter([0.0, 11.0])
    monkeypatch.setattr("apps.common.http.time", SimpleNamespace(monotonic=lambda: next(clock)))
    respx.get(URL).respond(200, content=b"x")
    with pytest.raises(OutboundError, match="took too long"):
        fetch(URL, max_bytes=10)


def test_our_own_network_is_not_asked(settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    with pytest.raises(OutboundError, match="private network"):
        fetch("https://127.0.0.1/daily.xml", max_bytes=10)


# --- Storing ------------------------------------------------------------------------------------


def test_a_fixing_is_stored_once_with_its_source(db, now):
    first = services.store_fixing(fixing(USD="1.0832", JPY="163.55"), now=now)
    again = services.store_fixing(fixing(USD="1.0832", JPY="163.55"), now=now)
    assert (first.taken, first.known, again.taken, again.known) == (2, 0, 0, 2)
    assert list(FxRate.objects.order_by("quote").values_list("quote", "rate", "source")) == [
        ("JPY", Decimal("163.55"), "ecb-daily"),
        ("USD", Decimal("1.0832"), "ecb-daily"),
    ]
    entries = JournalEntry.objects.filter(event="markets.rates_imported").order_by("id")
    assert [entry.payload["taken"] for entry in entries] == [2, 0]
    assert entries[0].payload == {
        "day": "2026-11-25",
        "taken": 2,
        "known": 0,
        "held": [],
        "unknown": [],
    }


def test_an_unknown_currency_is_left_out_and_named(db, now):
    outcome = services.store_fixing(fixing(USD="1.08", XQQ="5", EUR="1"), now=now)
    assert (outcome.taken, outcome.unknown) == (1, ("EUR", "XQQ"))


def test_a_day_to_come_stores_nothing(db, now):
    with pytest.raises(FixingError, match="still to come"):
        services.store_fixing(fixing(date(2026, 11, 26), USD="1.08"), now=now)
    assert not FxRate.objects.exists()


@pytest.mark.parametrize(
    ("value", "is_held"),
    [("1.2000", False), ("1.2001", True), ("0.8000", False), ("0.7999", True)],
)
def test_a_jump_of_more_than_a_fifth_is_held(db, now, value, is_held):
    rate("USD", "1", DAY - timedelta(days=1))
    outcome = services.store_fixing(fixing(USD=value, JPY="163"), now=now)
    assert (outcome.taken, outcome.held) == ((1, ("USD",)) if is_held else (2, ()))
    assert HeldRate.objects.count() == is_held


def test_a_held_rate_is_held_once_and_used_when_a_person_takes_it(db, now):
    rate("TRY", "40", DAY - timedelta(days=1))
    for _round in range(2):
        services.store_fixing(fixing(TRY="60"), now=now)
    held = HeldRate.objects.get()
    assert (held.reason, held.last_rate, held.last_on) == ("jump", 40, date(2026, 11, 24))
    assert selectors.find_rate("EUR", "TRY", DAY) == 40
    services.take_rate(held, actor=CLERK, now=now)
    assert selectors.find_rate("EUR", "TRY", DAY) == 60
    entry = JournalEntry.objects.get(event="markets.rate_taken")
    assert (entry.actor, entry.payload["rate"]) == ("user:usr_CLERK", "60.0000000000")
    assert services.store_fixing(fixing(TRY="60"), now=now).known == 1


def test_a_refused_rate_is_never_used_and_decided_once(db, now):
    rate("TRY", "40", DAY - timedelta(days=1))
    services.store_fixing(fixing(TRY="60"), now=now)
    held = services.refuse_rate(HeldRate.objects.get(), actor=CLERK, now=now)
    with pytest.raises(DomainError) as refusal:
        services.take_rate(held, actor=CLERK, now=now)
    services.store_fixing(fixing(TRY="60"), now=now)
    assert (refusal.value.code, refusal.value.status) == ("markets.rate_decided", 409)
    assert selectors.find_rate("EUR", "TRY", DAY) == 40
    assert HeldRate.objects.get().status == "refused"


def test_a_corrected_day_is_held_and_never_overwrites_the_row(db, now):
    services.store_fixing(fixing(USD="1.08"), now=now)
    first = FxRate.objects.get()
    services.store_fixing(fixing(USD="1.09"), now=now)
    held = HeldRate.objects.get()
    assert (held.reason, selectors.find_rate("EUR", "USD", DAY)) == ("changed", Decimal("1.08"))
    services.take_rate(held, actor=CLERK, now=now)
    first.refresh_from_db()
    found = selectors.find_rate.dated("EUR", "USD", DAY)
    assert (first.rate, found.rate) == (Decimal("1.08"), Decimal("1.09"))
    assert (found.source, found.row_ids == (first.pk,)) == (f"ecb-daily/{held.pk}", False)


def test_the_database_wants_somebody_behind_a_decision(db, now):
    rate("TRY", "40", DAY - timedelta(days=1))
    services.store_fixing(fixing(TRY="60"), now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldRate.objects.update(status="taken")


def test_storing_takes_few_statements_whatever_the_file(db, now, django_assert_num_queries):
    many = dict.fromkeys(("USD", "JPY", "GBP", "CHF", "SEK", "NOK", "PLN", "CZK"), "2")
    with django_assert_num_queries(5):
        services.store_fixing(fixing(**many), now=now)


# --- The task and the command -------------------------------------------------------------------


@pytest.fixture
def switched_on(db, settings):
    settings.FX_DAILY_IMPORT, settings.FX_RATES_URL = True, URL


@respx.mock
def test_the_task_does_nothing_while_it_is_off(db):
    assert tasks.import_rates() == "off"
    assert not respx.calls


@respx.mock
def test_the_task_imports(switched_on):
    respx.get(URL).respond(200, content=xml("USD=1.08"))
    with time_machine.travel(datetime.fromisoformat("2026-11-25T16:20+00:00"), tick=False):
        assert tasks.import_rates() == "2026-11-25 1"
    assert FxRate.objects.get().source == "ecb-daily"


@respx.mock
def test_a_failure_is_recorded_and_stores_nothing(switched_on, caplog):
    respx.get(URL).respond(200, content=b"<html/>")
    assert tasks.import_rates() == "markets.rates_refused"
    entry = JournalEntry.objects.get(event="markets.rates_failed")
    assert entry.payload == {
        "code": "markets.rates_refused",
        "why": "The file has 0 days, not one.",
    }
    assert not FxRate.objects.exists()
    assert "rates.failed" in caplog.text


@respx.mock
def test_a_bank_that_does_not_answer_is_recorded(switched_on):
    respx.get(URL).respond(404)
    assert tasks.import_rates() == "markets.rates_unreachable"
    assert JournalEntry.objects.get(event="markets.rates_failed").payload["why"].endswith("404")


@respx.mock
def test_the_command_says_what_came(switched_on, capsys):
    respx.get(URL).respond(200, content=xml("USD=1.08"))
    with time_machine.travel(datetime.fromisoformat("2026-11-25T16:20+00:00"), tick=False):
        call_command("import_rates")
    assert capsys.readouterr().out == "2026-11-25: 1 taken, 0 known, held: none, left out: none.\n"


@respx.mock
def test_the_command_fails_with_the_reason(switched_on):
    respx.get(URL).respond(403)
    with pytest.raises(CommandError, match="No rates were imported: The answer was HTTP 403"):
        call_command("import_rates")


# --- Looking up ---------------------------------------------------------------------------------


def test_a_rate_over_the_euro_names_both_rows(db):
    dollar = rate("USD", "1.25", DAY)
    yen = rate("JPY", "150", DAY - timedelta(days=1), "ECB of 2026-11-20")
    found = selectors.find_rate.dated("USD", "JPY", DAY)
    assert (found.rate, found.row_ids) == (Decimal(120), (dollar.pk, yen.pk))
    assert (found.fixed_on, found.source) == (
        date(2026, 11, 20),
        "ECB reference rates, ECB of 2026-11-20",
    )


@pytest.mark.parametrize(
    ("pair", "value"), [(("EUR", "USD"), "1.25"), (("USD", "EUR"), "0.8"), (("USD", "USD"), "1")]
)
def test_a_rate_with_the_euro_names_one_row_and_one_currency_none(db, pair, value):
    dollar = rate("USD", "1.25", DAY)
    found = selectors.find_rate.dated(*pair, DAY)
    own = pair == ("USD", "USD")
    assert (found.rate, found.row_ids) == (Decimal(value), () if own else (dollar.pk,))
    assert found.fixed_on == (None if own else DAY)


def test_of_one_day_the_row_stored_last_counts(db):
    rate("USD", "1.10", DAY, "ECB of 2026-11-20")
    rate("USD", "1.20", DAY, "ecb-daily")
    assert selectors.find_rate("EUR", "USD", DAY) == Decimal("1.20")


def test_rates_another_process_stored_are_seen_within_a_minute(db, monkeypatch):
    moment = iter([0.0, 59.0, 60.0])
    clock = SimpleNamespace(monotonic=lambda: next(moment))
    monkeypatch.setattr("apps.markets.selectors.rates.time", clock)
    assert selectors.find_rate("EUR", "USD", DAY) is None
    rate("USD", "1.10", DAY)
    assert selectors.find_rate("EUR", "USD", DAY) is None
    assert selectors.find_rate("EUR", "USD", DAY) == Decimal("1.10")


def test_a_known_rate_costs_no_statement(db, django_assert_num_queries):
    rate("USD", "1.25", DAY)
    rate("JPY", "150", DAY)
    with django_assert_num_queries(2):
        selectors.find_rate("USD", "JPY", DAY)
    with django_assert_num_queries(0):
        selectors.find_rate("USD", "JPY", DAY)


def test_nothing_is_repeated_where_newer_fixings_are(db):
    last = services.last_known_day()
    today = last + timedelta(days=20)
    services.import_newest_rates(today)
    assert FxRate.objects.filter(source__startswith="ECB of").exists()
    FxRate.objects.all().delete()
    rate("USD", "1.1", last + timedelta(days=19), "ecb-daily")
    services.import_newest_rates(today)
    assert not FxRate.objects.filter(source__startswith="ECB of").exists()


# --- Health -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-11-25", "2026-11-25", 0),
        ("2026-11-25", "2026-11-26", 1),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-20", "2026-11-22", 0),
        ("2026-11-23", "2026-11-30", 5),
        ("2026-11-25", "2026-11-20", 0),
    ],
)
def test_working_days_are_counted(since, until, days):
    found = selectors.count_working_days(date.fromisoformat(since), date.fromisoformat(until))
    assert found == days


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 400))
def test_working_days_are_those_one_counts(since, length):
    days = [since + timedelta(days=one) for one in range(1, length + 1)]
    found = selectors.count_working_days(since, since + timedelta(days=length))
    assert found == sum(day.weekday() < 5 for day in days)


@pytest.mark.parametrize(
    ("fixed", "health", "is_bad"),
    [
        ("2026-11-25", Health.FRESH, False),
        ("2026-11-20", Health.FRESH, False),
        ("2026-11-19", Health.AGEING, True),
        ("2026-11-15", Health.AGEING, True),
        ("2026-11-14", Health.STALE, True),
    ],
)
def test_age_is_told_from_four_working_days_on(db, fixed, health, is_bad):
    MarketFactory(code="US", currency="USD")
    rate("USD", "1.1", date.fromisoformat(fixed))
    found = selectors.check_rates(DAY)
    assert ([one.health for one in found.currencies], found.is_bad) == ([health], is_bad)


def test_the_age_of_a_repeated_rate_is_that_of_its_fixing(db):
    MarketFactory(code="US", currency="USD")
    rate("USD", "1.1", DAY, "ECB of 2026-10-30")
    [found] = selectors.check_rates(DAY).currencies
    assert (found.fixed_on, found.working_days, found.health) == (
        date(2026, 10, 30),
        18,
        Health.STALE,
    )


def test_a_currency_the_bank_does_not_quote_worries_nobody_unless_all_are_missing(db):
    MarketFactory(code="SA", currency="SAR")
    assert selectors.check_rates(DAY).is_bad is True
    MarketFactory(code="US", currency="USD")
    rate("USD", "1.1")
    assert selectors.check_rates(DAY).is_bad is False


def test_the_check_takes_three_statements(db, django_assert_num_queries):
    for code, currency in (("US", "USD"), ("JP", "JPY"), ("GB", "GBP")):
        MarketFactory(code=code, currency=currency)
        rate(currency, "1.1")
    with django_assert_num_queries(3):
        selectors.check_rates(DAY)


def test_the_command_ends_with_an_error_before_rates_are_too_old(db, capsys):
    MarketFactory(code="US", currency="USD")
    MarketFactory(code="SA", currency="SAR")
    rate("USD", "1.1", date(2026, 11, 20))
    with time_machine.travel(datetime(2026, 11, 25, 9), tick=False):
        call_command("check_rates")
    assert capsys.readouterr().out == "SAR never 0 none\nUSD 2026-11-20 3 fresh\n"
    with (
        time_machine.travel(datetime(2026, 11, 26, 9), tick=False),
        pytest.raises(CommandError, match="need a person"),
    ):
        call_command("check_rates")
