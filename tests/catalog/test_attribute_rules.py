"""Typed attributes: what fits, what does not, and what holds for every input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.attribute_rules import (
    AttributeSpec,
    UnfitError,
    check_values,
    clean_value,
    find_lacking,
    inherit,
)
from apps.catalog.fact_sentences import explain_wrong

POWER = AttributeSpec("power", "number", min_value=Decimal("0.5"), max_value=Decimal(2000))
COLOURS = ("Black", "White", "Red")
SPECS = [
    POWER,
    AttributeSpec("note", "text", min_length=2, max_length=10),
    AttributeSpec("code", "text", pattern=r"[A-Z]{2}\d+"),
    AttributeSpec("colour", "choice", choices=COLOURS),
    AttributeSpec("parts", "multi_choice", choices=COLOURS),
    AttributeSpec("dimmable", "boolean"),
    AttributeSpec("tested", "date"),
]
BY_KEY = {spec.key: spec for spec in SPECS}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["12.5", "Red", "AB1", "2026-01-01", "yes", float("nan"), 1.5])
    | st.decimals(allow_nan=True)
)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("power", "12.50", "12.5"),
        ("power", " 12,5 ", "12.5"),
        ("power", 100, "100"),
        ("power", "0.5", "0.5"),
        ("note", "  ab ", "ab"),
        ("code", "AB12", "AB12"),
        ("colour", "Red", "Red"),
        ("parts", ["Red", "Black"], ["Black", "Red"]),
        ("dimmable", True, True),
        ("dimmable", "no", False),
        ("tested", "2026-02-28", "2026-02-28"),
    ],
)
def test_what_fits_is_stored_in_one_form(key, value, stored):
    assert clean_value(BY_KEY[key], value) == stored


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("power", "0.4999", "too_small"),
        ("power", "2000.0001", "too_large"),
        ("power", "1.23456", "not_number"),
        ("power", "1e3", "not_number"),
        ("power", "NaN", "not_number"),
        ("power", "１２", "not_number"),
        ("power", True, "not_number"),
        ("power", 1.5, "not_number"),
        ("note", "a", "too_short"),
        ("note", "   ", "too_short"),
        ("note", "a" * 11, "too_long"),
        ("note", "a\0b", "control"),
        ("note", 12, "not_text"),
        ("code", "ab12", "pattern"),
        ("code", "AB12x", "pattern"),
        ("colour", "Blue", "not_a_choice"),
        ("parts", ["Blue"], "not_a_choice"),
        ("parts", "Red", "not_list"),
        ("parts", [1], "not_list"),
        ("dimmable", "maybe", "not_boolean"),
        ("dimmable", 1, "not_boolean"),
        ("tested", "2026-02-30", "not_date"),
        ("tested", "1899-12-31", "not_date"),
        ("tested", "20260228", "not_date"),
    ],
)
def test_what_does_not_fit_says_why(key, value, code):
    with pytest.raises(UnfitError) as refused:
        clean_value(BY_KEY[key], value)

    assert refused.value.wrong.code == code
    sentence = explain_wrong(refused.value.wrong)
    assert sentence
    assert "%(" not in sentence


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*BY_KEY, "strange"]), ANYTHING))
def test_every_input_is_stored_told_or_empty_and_stored_values_fit_again(given_values):
    checked = check_values(SPECS, given_values)
    empty = {key for key, value in given_values.items() if value is None or value in ("", [])}

    assert set(checked.values) | set(checked.wrong) | empty == set(given_values)
    assert not set(checked.values) & set(checked.wrong)
    assert "strange" not in checked.values
    assert check_values(SPECS, checked.values).values == checked.values
    assert all(explain_wrong(wrong) for wrong in checked.wrong.values())


@given(st.decimals(min_value=Decimal("0.5"), max_value=2000, places=4))
def test_every_number_within_its_bounds_keeps_its_value(number):
    assert Decimal(str(clean_value(POWER, f"{number:f}"))) == number


@given(st.decimals(places=2, min_value=-10000, max_value=10000))
def test_a_number_fits_exactly_when_it_is_within_its_bounds(number):
    assert ("power" in check_values([POWER], {"power": number}).values) == (
        Decimal("0.5") <= number <= 2000
    )


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_fits(day):
    assert clean_value(BY_KEY["tested"], day.isoformat()) == day.isoformat()


@given(st.lists(st.sampled_from(COLOURS), min_size=1))
def test_several_choices_are_a_set_in_the_order_of_the_rule(chosen):
    stored = clean_value(BY_KEY["parts"], chosen)

    assert set(stored) == set(chosen)
    assert stored == [colour for colour in COLOURS if colour in chosen]


@given(st.lists(st.lists(st.sampled_from("abcde"), unique=True, max_size=5), max_size=4))
def test_the_deepest_rule_of_a_key_holds(levels):
    specs = [
        [AttributeSpec(key, "text", category=str(depth)) for key in keys]
        for depth, keys in enumerate(levels)
    ]
    held = {spec.key: spec.category for spec in inherit(specs)}

    assert held == {key: str(depth) for depth, keys in enumerate(levels) for key in keys}


def test_what_is_lacking_depends_on_the_market():
    specs = [
        AttributeSpec("all", "text", is_required=True),
        AttributeSpec("eu", "text", is_required=True, markets=("DE", "FR")),
        AttributeSpec("free", "text"),
    ]

    assert [spec.key for spec in find_lacking(specs, {}, "DE")] == ["all", "eu"]
    assert [spec.key for spec in find_lacking(specs, {}, "US")] == ["all"]
    assert find_lacking(specs, {"all": "x", "eu": "y"}, "DE") == []
