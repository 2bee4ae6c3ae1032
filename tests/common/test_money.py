"""Money is exact, rounded half up, and never mixed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.money import CurrencyMismatchError, Money, allocate, precision


@pytest.mark.parametrize(("code", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLP", 0)])
def test_minor_digits_come_from_cldr(code, digits):
    assert precision(code) == digits


def test_an_unknown_currency_is_refused():
    with pytest.raises(ValueError, match="Unknown currency 'XXQ'"):
        precision("XXQ")


@pytest.mark.parametrize(
    ("raw", "rounded"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("2.5", "2.50")]
)
def test_rounding_is_half_up(raw, rounded):
    assert Money.rounded(Decimal(raw), "EUR").amount == Decimal(rounded)


def test_a_float_or_a_fraction_of_a_cent_is_refused():
    with pytest.raises(TypeError):
        Money(1.5, "EUR")
    with pytest.raises(ValueError, match="more digits"):
        Money(Decimal("1.005"), "EUR")


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatchError):
        Money.from_minor(1, "EUR") + Money.from_minor(1, "USD")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_through(minor, currency):
    assert Money.from_minor(minor, currency).minor == minor


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_allocated_parts_sum_to_the_whole_and_stay_fair(total, weights):
    parts = allocate(total, weights)

    assert sum(parts) == total
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Decimal(total) * weight / sum(weights)) < 1


def test_the_odd_cent_goes_to_the_earlier_part():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(100, [0, 0]) == [50, 50]
