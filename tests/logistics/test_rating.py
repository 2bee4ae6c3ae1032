"""Billable weight and rate cards: published examples, edges, and what holds of every card."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.logistics.rating import Measured, NoPrice, compile_card, compile_weighing
from apps.logistics.rating.facts import RowError

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "dim_weight_examples.json").read_text())
UPS = {"unit": "lb", "side_unit": "in", "round_sides": "up", "divisor": "139", "step": "1"}
BEFORE = {**UPS, "round_sides": "none"}
USPS = {"unit": "lb", "side_unit": "in", "divisor": "166", "over_volume": "1728", "step": "1"}
POUND_G = Fraction(45_359_237, 100_000)


def inches(*sides: float | str, pounds: int = 0) -> Measured:
    lengths = sorted((int(Fraction(str(side)) * 25_400) for side in sides), reverse=True)
    return Measured(int(pounds * POUND_G), tuple(lengths))


def card(**parts: object):
    body = {"currency": "CNY", "freight": {"type": "per_kg", "per_kg_minor": 5600}, **parts}
    return compile_card(body, "card.test@1")


@pytest.mark.parametrize("case", EXAMPLES["cases"], ids=lambda case: str(case["in"]))
def test_published_examples(case):
    rules = USPS if case["rule"].startswith("USPS") else UPS
    parcel = inches(*case["in"], pounds=case.get("actual_lb", 0))

    bill = compile_weighing(rules).bill(parcel)

    assert bill.billed == case["out_lb"]
    if "raw" in case:
        # The page cuts 3.885 to 3.88 and rounds the others.
        assert abs(bill.volumetric - Fraction(str(case["raw"]))) <= Fraction(1, 200)


def test_rounding_each_side_up_first_makes_five_pounds_six():
    parcel = inches("11.1", "8.5", "6.2")

    assert round(compile_weighing(BEFORE).bill(parcel).volumetric, 2) == Fraction("4.21")
    assert compile_weighing(BEFORE).bill(parcel).billed == 5
    assert compile_weighing(UPS).bill(parcel).billed == 6


def test_half_of_the_surplus_counts_where_the_card_says_so():
    rules = {"unit": "kg", "side_unit": "cm", "divisor": "6000"}
    parcel = Measured.of_mm(2000, (400, 300, 300))

    assert compile_weighing(rules).bill(parcel).billed == 6
    assert compile_weighing({**rules, "share_percent": 50}).bill(parcel).billed == 4


def test_volume_counts_only_above_its_threshold():
    rules = {"unit": "kg", "divisor": "5000", "over_volume": "27000"}

    assert compile_weighing(rules).bill(Measured.of_mm(1, (300, 300, 300))).volumetric is None
    assert compile_weighing(rules).bill(Measured.of_mm(1, (301, 300, 300))).volumetric > 5


def test_least_weight_and_step():
    rules = {"unit": "kg", "step": "0.5", "least": "1"}

    assert [
        compile_weighing(rules).bill(Measured(grams)).billed_g for grams in (1, 1000, 1001, 1500)
    ] == [1000, 1000, 1500, 1500]


BRACKETS = {
    "type": "brackets",
    "brackets": [
        {"to_g": 500, "minor": 1000},
        {"to_g": 1000, "minor": 1500},
        {"to_g": 2000, "minor": 700, "per_kg_minor": 900},
    ],
}


@pytest.mark.parametrize(
    ("grams", "minor"),
    [(0, 1000), (1, 1000), (500, 1000), (501, 1500), (1000, 1500), (1001, 1601), (2000, 2500)],
)
def test_a_weight_at_an_edge_belongs_to_the_lower_bracket(grams, minor):
    assert card(freight=BRACKETS).rate([Measured(grams)]).minor == minor


def test_above_the_last_bracket_there_is_no_price():
    with pytest.raises(NoPrice) as caught:
        card(freight=BRACKETS).rate([Measured(2001)])

    assert caught.value.limit_g == 2000


def test_first_and_continued_weight():
    freight = {
        "type": "first_and_next",
        "first_g": 500,
        "first_minor": 3000,
        "step_g": 500,
        "step_minor": 800,
    }

    prices = [card(freight=freight).rate([Measured(g)]).minor for g in (1, 500, 501, 1000, 1001)]

    assert prices == [3000, 3000, 3800, 3800, 4600]


def test_handling_is_per_parcel_and_freight_is_rounded_once():
    rated = card(handling_minor=1750).rate([Measured(15_001), Measured(15_000)])

    assert [(part.code, part.minor, part.row) for part in rated.parts] == [
        ("handling", 3500, "card.test@1"),
        ("freight", 168_006, "card.test@1"),
    ]
    assert rated.minor == 171_506


def test_surcharges_apply_by_what_they_name():
    extra = [
        {"code": "fuel", "percent_bp": 1250},
        {"code": "long", "minor": 900, "when": {"side_over_mm": 1000}},
        {"code": "battery", "minor": 300, "per": "shipment", "when": {"battery": ["ion_packed"]}},
        {"code": "heavy", "minor": 500, "when": {"over_g": 2000}},
    ]
    ion = frozenset({"ion_packed"})
    parcels = [
        Measured.of_mm(1000, (1001, 10, 10), ion),
        Measured.of_mm(2000, (1000, 10, 10), ion),
    ]

    rated = card(surcharges=extra).rate(parcels)

    assert {part.code: part.minor for part in rated.parts} == {
        "handling": 0,
        "freight": 16_800,
        "fuel": 2100,
        "long": 900,
        "battery": 300,
    }


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"handling_minor": 17.5}, "handling_minor"),
        ({"handling_minor": -1}, "handling_minor"),
        ({"handling_minor": True}, "handling_minor"),
        ({"freight": {"type": "magic"}}, "type"),
        ({"freight": {"type": "brackets", "brackets": []}}, "brackets"),
        ({"weight": {"divisor": 139.5}}, "divisor"),
        ({"weight": {"divisor": "1/0"}}, "divisor"),
        ({"weight": {"divisor": "-5"}}, "divisor"),
        ({"weight": {"share_percent": 101}}, "share_percent"),
        ({"weight": {"side_unit": "ell"}}, "side_unit"),
        ({"surcharges": [{"minor": 1}]}, "code"),
        ({"currency": ""}, "currency"),
    ],
)
def test_what_cannot_be_read_is_named(parts, field):
    with pytest.raises(RowError, match=f"^{field}: "):
        card(**parts)


def test_a_card_in_which_heavier_is_cheaper_is_refused():
    falling = [{"to_g": 500, "minor": 1000}, {"to_g": 1000, "minor": 999}]

    with pytest.raises(RowError, match="above 500 g would cost less"):
        card(freight={"type": "brackets", "brackets": falling})


minors = st.integers(0, 10**7)


@st.composite
def cards(draw):
    freight = draw(
        st.one_of(
            st.builds(lambda kg: {"type": "per_kg", "per_kg_minor": kg}, minors),
            st.builds(
                lambda first, price, step, more: {
                    "type": "first_and_next",
                    "first_g": first,
                    "first_minor": price,
                    "step_g": step,
                    "step_minor": more,
                },
                st.integers(1, 5000),
                minors,
                st.integers(1, 5000),
                minors,
            ),
            st.lists(st.tuples(st.integers(1, 50_000), minors), min_size=1, max_size=6).map(
                _rising_brackets
            ),
        )
    )
    weight = {
        "unit": draw(st.sampled_from(["g", "kg", "lb"])),
        "side_unit": draw(st.sampled_from(["mm", "cm", "in"])),
        "round_sides": draw(st.sampled_from(["none", "up", "nearest"])),
        "divisor": draw(st.sampled_from(["0", "139", "166", "5000", "6000.5"])),
        "share_percent": draw(st.integers(0, 100)),
        "step": draw(st.sampled_from(["0", "0.1", "0.5", "1"])),
        "least": draw(st.sampled_from(["0", "0.05", "1"])),
    }
    extra = [{"code": "fuel", "percent_bp": draw(st.integers(0, 5000))}]
    return card(handling_minor=draw(minors), freight=freight, weight=weight, surcharges=extra)


def _rising_brackets(rows):
    edges = sorted({edge for edge, _price in rows})
    prices = sorted(price for _edge, price in rows)
    listed = [{"to_g": edge, "minor": price} for edge, price in zip(edges, prices, strict=False)]
    return {"type": "brackets", "brackets": listed}


def _price(one, grams: int, sides: tuple[int, ...]) -> int | None:
    try:
        return one.rate([Measured.of_mm(grams, sides)]).minor
    except NoPrice:
        return None


sides = st.one_of(st.just(()), st.tuples(*[st.integers(1, 2000)] * 3))


@given(cards(), st.integers(0, 60_000), st.integers(0, 60_000), sides)
def test_a_heavier_parcel_never_costs_less(one, first, second, measured):
    light, heavy = sorted((first, second))
    low, high = _price(one, light, measured), _price(one, heavy, measured)

    assert high is None or (low is not None and low <= high)


@given(cards(), st.integers(0, 60_000), sides)
def test_every_part_names_its_row_and_nothing_is_a_float(one, grams, measured):
    try:
        rated = one.rate([Measured.of_mm(grams, measured)])
    except NoPrice:
        return
    assert {part.row for part in rated.parts} == {"card.test@1"}
    assert all(type(part.minor) is int for part in rated.parts)
    [bill] = rated.weights
    assert all(isinstance(weight, Fraction | int) for weight in (bill.actual, bill.billed))
    assert bill.billed >= bill.actual
    assert rated.minor == sum(part.minor for part in rated.parts)
