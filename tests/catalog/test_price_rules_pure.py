"""Pure pricing: endings, derived prices, hysteresis, and the 30-day rule of the EU."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.pricing.deriving import Basis, Terms, decide, derive
from apps.catalog.pricing.endings import STYLES, round_price
from apps.catalog.pricing.reductions import (
    PricePoint,
    is_bound,
    judge_reduction,
    lowest_price,
)
from apps.common.money import Money, precision

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "HUF", "VND")
amounts = st.decimals("0.01", "99999", places=4)


@pytest.mark.parametrize(
    ("amount", "style", "currency", "price"),
    [
        ("47.20", "99", "EUR", "46.99"),
        ("47.50", "99", "EUR", "47.99"),
        ("47.48", "99", "EUR", "46.99"),
        ("0.10", "99", "EUR", "0.99"),
        ("47.20", "95", "GBP", "46.95"),
        ("47.45", "95", "GBP", "47.95"),
        ("47.20", "90", "AUD", "46.90"),
        ("47.50", "whole", "EUR", "48.00"),
        ("47.125", "none", "EUR", "47.13"),
        ("7312.4", "99", "JPY", "7312"),
        ("7312.5", "none", "JPY", "7313"),
        ("14.6009", "none", "KWD", "14.601"),
        ("14.6009", "95", "KWD", "14.950"),
    ],
)
def test_a_price_gets_its_ending(amount, style, currency, price):
    assert str(round_price(Decimal(amount), style, currency)) == price


@pytest.mark.parametrize(
    ("amount", "floor", "ceiling", "price"),
    [
        ("40.00", "47.20", None, "47.99"),
        ("60.00", None, "47.20", "46.99"),
        ("40.00", "47.20", "47.50", "47.50"),
        ("60.00", "47.20", "47.50", "47.50"),
        ("40.00", "47.201", None, "47.99"),
        ("47.60", "47.99", "47.99", "47.99"),
    ],
)
def test_floor_and_ceiling_hold(amount, floor, ceiling, price):
    limits = [Decimal(limit) if limit else None for limit in (floor, ceiling)]

    made = round_price(Decimal(amount), "99", "EUR", floor=limits[0], ceiling=limits[1])

    assert str(made) == price


def test_an_unknown_ending_is_an_error():
    with pytest.raises(ValueError, match="unknown"):
        round_price(Decimal(5), "77", "EUR")


@given(
    amount=amounts,
    style=st.sampled_from(STYLES),
    currency=st.sampled_from(CURRENCIES),
    limits=st.tuples(amounts, amounts).map(sorted),
)
def test_rounding_never_crosses_floor_or_ceiling(amount, style, currency, limits):
    floor, ceiling = limits
    step = Decimal(1).scaleb(-precision(currency))
    price = round_price(amount, style, currency, floor=floor, ceiling=ceiling)

    assert price >= floor
    assert price > 0
    # Between the limits there may be no payable amount at all: then the floor counts.
    assert price <= ceiling or price - step < floor
    assert price == price.quantize(step)


@given(amount=amounts, style=st.sampled_from(STYLES), currency=st.sampled_from(CURRENCIES))
def test_rounding_twice_changes_nothing(amount, style, currency):
    once = round_price(amount, style, currency)

    assert round_price(once, style, currency) == once


def test_a_price_is_base_plus_percent_plus_uplift_at_the_rate():
    terms = Terms(percent=Decimal(20), uplift=Decimal(30), ending="99")

    made = derive(Money(Decimal("300.00"), "CNY"), Decimal("0.125"), "EUR", terms)

    # (300 x 1.20 + 30) x 0.125 = 48.75
    assert made.target == Decimal("48.75000")
    assert made.price == Money(Decimal("48.99"), "EUR")


def test_limits_move_with_the_rate():
    terms = Terms(floor=Decimal(400), ceiling=Decimal(420), ending="none")
    base = Money(Decimal("300.00"), "CNY")

    assert derive(base, Decimal("0.125"), "EUR", terms).price == Money(Decimal("50.00"), "EUR")
    assert derive(base, Decimal(20), "JPY", terms).price == Money(Decimal(8000), "JPY")


def _decide(rate, *, base=30000, mark=""):
    terms = Terms(ending="none")
    money = Money.from_minor(base, "CNY")
    derived = derive(money, Decimal(rate), "EUR", terms)
    before = derive(Money.from_minor(30000, "CNY"), Decimal("0.125"), "EUR", terms)
    known = Basis(30000, "CNY", terms.mark, before.target)
    basis = Basis(base, "CNY", mark or terms.mark, derived.target)
    return decide(derived, basis, current=before.price, known=known, terms=terms)


@pytest.mark.parametrize(
    ("rate", "moves", "reason"),
    [
        ("0.125", False, "same"),
        ("0.12624", False, "fx_small"),
        ("0.12376", False, "fx_small"),
        ("0.12625", True, "fx"),
        ("0.12375", True, "fx"),
        ("0.14", True, "fx"),
    ],
)
def test_a_rate_alone_moves_a_price_from_one_percent(rate, moves, reason):
    decision = _decide(rate)

    assert (decision.moves, decision.reason) == (moves, reason)


def test_a_new_base_price_or_new_terms_move_it_however_little():
    assert _decide("0.125", base=30010).reason == "base"
    assert _decide("0.125", mark="other").reason == "rule"


def test_the_first_price_and_a_new_currency_move():
    terms = Terms(ending="none")
    derived = derive(Money.from_minor(30000, "CNY"), Decimal("0.125"), "EUR", terms)
    basis = Basis(30000, "CNY", terms.mark, derived.target)

    first = decide(derived, basis, current=None, known=None, terms=terms)
    other = decide(derived, basis, current=Money.from_minor(5, "USD"), known=basis, terms=terms)

    assert (first.reason, other.reason) == ("first", "first")


@given(
    steps=st.lists(st.decimals("-0.0099", "0.0099", places=4), max_size=20),
    limit=st.decimals("0", "0.2", places=3),
)
def test_small_steps_add_up_and_the_price_never_drifts_further_than_the_hysteresis(steps, limit):
    terms = Terms(ending="none", hysteresis=limit)
    base, rate = Money.from_minor(10_000_000, "CNY"), Decimal("0.125")
    made = derive(base, rate, "EUR", terms)
    price, known = made.price, Basis(base.minor, "CNY", terms.mark, made.target)
    for step in steps:
        rate *= 1 + step
        derived = derive(base, rate, "EUR", terms)
        basis = Basis(base.minor, "CNY", terms.mark, derived.target)
        if decide(derived, basis, current=price, known=known, terms=terms).moves:
            price, known = derived.price, basis
        assert abs(derived.target - price.amount) <= known.target * limit + Decimal("0.01")


# --- The 30-day rule ------------------------------------------------------------------------------


def _judge(*points: tuple[int, int], market: str = "FR"):
    """Judge a history of (days ago, price)."""
    history = [PricePoint(NOW - timedelta(days=days), minor) for days, minor in points]
    return judge_reduction(history, now=NOW, market=market)


def test_a_cut_refers_to_the_lowest_price_of_the_30_days_before_it():
    found = _judge((90, 10000), (20, 9000), (10, 9500), (2, 8000))

    assert (found.reason, found.was_minor, found.lowest_minor) == ("lawful", 9000, 9000)


def test_a_price_that_ended_before_the_30_days_does_not_count():
    found = _judge((90, 5000), (40, 10000), (2, 8000))

    assert (found.reason, found.was_minor) == ("lawful", 10000)


def test_a_price_that_reaches_into_the_30_days_counts():
    found = _judge((90, 7000), (31, 10000), (2, 8000))

    assert (found.reason, found.was_minor, found.lowest_minor) == ("not_lower", None, 7000)


def test_listed_less_than_30_days_before_the_cut():
    assert _judge((29, 10000), (1, 8000)).reason == "too_young"
    assert _judge((31, 10000), (1, 8000)).was_minor == 10000


def test_raised_first_and_then_cut_shows_nothing():
    found = _judge((90, 10000), (7, 15000), (1, 12000))

    assert (found.reason, found.was_minor, found.lowest_minor) == ("not_lower", None, 10000)


def test_a_raise_shows_nothing():
    assert _judge((90, 10000), (7, 15000)).reason == "no_cut"
    assert _judge((90, 10000)).reason == "no_cut"
    assert _judge().reason == "no_cut"


def test_a_growing_reduction_refers_to_the_price_before_it_where_the_law_allows_it():
    steps = ((90, 10000), (12, 9000), (8, 8500), (2, 8000))

    assert _judge(*steps, market="DE").was_minor == 10000
    # The general rule: the lowest of the 30 days before the latest step.
    assert _judge(*steps, market="FR").was_minor == 8500


def test_a_rise_between_two_cuts_ends_the_growing_reduction():
    found = _judge((90, 10000), (12, 8500), (8, 9500), (2, 8000), market="DE")

    assert found.was_minor == 8500


def test_two_cuts_30_days_apart_are_two_reductions():
    found = _judge((120, 10000), (45, 9000), (2, 8000), market="DE")

    assert found.was_minor == 9000


def test_after_30_days_the_cut_is_the_usual_price():
    assert _judge((90, 10000), (30, 8000)).reason == "usual"
    assert _judge((90, 10000), (29, 8000)).was_minor == 10000


def test_the_same_price_again_is_no_change():
    found = _judge((90, 10000), (5, 8000), (1, 8000))

    assert (found.was_minor, found.cut_at) == (10000, NOW - timedelta(days=5))


def test_the_law_binds_the_eea_only():
    assert [code for code in ("DE", "NO", "IS", "CH", "GB", "US") if is_bound(code)] == [
        "DE",
        "NO",
        "IS",
    ]


def test_the_lowest_price_of_30_days():
    history = [
        PricePoint(NOW - timedelta(days=days), minor)
        for days, minor in ((50, 7000), (29, 9000), (3, 9900))
    ]

    assert lowest_price(history, until=NOW) == 7000
    assert lowest_price(history, until=NOW + timedelta(days=10)) == 9000
    assert lowest_price([], until=NOW) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(1, 500)), max_size=12, unique_by=lambda p: p[0]
    )
)
def test_what_is_struck_through_was_never_undercut_in_30_days(points):
    history = [PricePoint(NOW - timedelta(days=days), minor) for days, minor in points]
    found = judge_reduction(history, now=NOW, market="FR")

    if found.was_minor is not None:
        newest = max(history, key=lambda point: point.from_at)
        assert newest.minor < found.was_minor
        since = found.cut_at - timedelta(days=30)
        within = [p.minor for p in history if since <= p.from_at < found.cut_at]
        assert all(minor >= found.was_minor for minor in within)
