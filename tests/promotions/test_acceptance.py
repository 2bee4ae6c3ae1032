"""The acceptance cases, and what a file of cases may say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.acceptance import promotions as acceptance
from bench.acceptance.promotion_cases import read_policy

CASES = Path(__file__).parent / "data" / "promotion_cases.json"


@pytest.mark.parametrize(
    "case", json.loads(CASES.read_text())["cases"], ids=lambda case: case["id"]
)
def test_acceptance_case(case, tmp_path):
    file = tmp_path / "case.json"
    file.write_text(json.dumps({"cases": [case]}))
    [result] = acceptance.run(file)

    assert result.actual == result.expected


def test_a_case_that_cannot_be_read_fails_and_says_why(tmp_path):
    case = {
        "id": "X-1",
        "lines": [{"sku": "a", "unit_price": "1.00", "qty": 1}],
        "promotions": [{"id": "p", "level": "line", "kind": "teleport", "value": "1"}],
        "expect": {"discount_total": "0.00"},
    }
    file = tmp_path / "case.json"
    file.write_text(json.dumps([case]))
    [result] = acceptance.run(file)

    assert not result.passed
    assert "teleport" in result.actual["unreadable case"]


@pytest.mark.parametrize(
    ("sentence", "field", "value"),
    [
        ("catalog promotions stack", "shown_prices", "stack"),
        ("catalog promotions do not stack: best saving wins", "shown_prices", "best"),
        ("thresholds are read before earlier discounts", "threshold", "before"),
        ("percentages are additive", "percent_base", "shown"),
        ("the odd cent goes to the last line", "odd_cent", "last"),
        ("the resulting price is rounded; rounding the discount differs", "rounded", "price"),
        ("rounded per line", "rounded_per", "line"),
        ("discounts are rounded down", "rounding", "down"),
        ("the dearest unit is free", "limited_units", "dearest"),
        ("best saving wins", "exclusive", "best"),
        (
            "an order discount is spread over items and shipping",
            "order_covers",
            "goods_and_shipping",
        ),
        ("a cancelled order keeps the use", "cancelled_orders", "counted"),
        ("codes are case-sensitive", "codes", "exact"),
        ("items before orders", "sequence", "levels"),
    ],
)
def test_a_sentence_names_a_policy(sentence, field, value):
    assert getattr(read_policy({"policy": sentence}), field) == value


def case_of(promotion, expect, **parts):
    """A case of one unit at 100.00 with one promotion of 10.00 an order."""
    usual = {"id": "p", "level": "order", "kind": "fixed", "value": "10.00"}
    lines = [{"sku": "a", "unit_price": "100.00", "qty": 1, "tags": ["x"]}]
    return {
        "id": "X",
        "lines": lines,
        "promotions": [{**usual, **promotion}],
        "expect": expect,
        **parts,
    }


GIVEN, NOTHING = {"discount_total": "10.00"}, {"discount_total": "0.00", "applied": []}


@pytest.mark.parametrize(
    "case",
    [
        case_of({"state": "scheduled"}, NOTHING),
        case_of({"state": "withdrawn"}, NOTHING),
        case_of({"state": "active"}, GIVEN),
        case_of({"usage_limit": 3}, NOTHING, context={"uses": 3}),
        case_of({"usage_limit": 3}, GIVEN, context={"uses": 2}),
        case_of({"per_customer_limit": 1}, NOTHING, context={"customer_uses": 1}),
        case_of({"budget": {"type": "spend", "limit": "8.00", "used": "5.00"}}, {"discount_total": "3.00"}),
        case_of({"budget": {"type": "usage", "limit": 2, "used": 2}}, NOTHING),
        case_of({"condition": {"logged_in": True}}, NOTHING, context={"logged_in": False}),
        case_of({"condition": {"logged_in": True}}, GIVEN, context={"logged_in": True}),
        case_of({"condition": {"first_order": True}}, GIVEN, context={"orders_placed": 0}),
        case_of({"condition": {"min_sku_qty": {"sku": "a", "qty": 2}}}, NOTHING),
        case_of({"condition": {"contains_tags_all": ["x", "y"]}}, NOTHING),
        case_of({"condition": {"country": "GB"}}, GIVEN, context={"shipping_country": "GB"}),
        case_of({"level": "line", "target": {"exclude_tags": ["x"]}}, NOTHING),
        case_of({"level": "line_once"}, {"by_promotion": {"p": "10.00"}}),
        case_of({"lane": "pre"}, {"line_totals": {"a": "90.00"}, "not_applied": []}),
        case_of({"level": "shipping", "kind": "free"}, {"shipping_discount": "4.00"}, shipping="4.00"),
        case_of({"value": "10.00"}, {"grand_total": "99.00", "tax_total": "9.00"},
                tax={"rate": "10", "prices_include_tax": False}),
    ],
)  # fmt: skip
def test_files_may_say_it_in_other_words(case, tmp_path):
    file = tmp_path / "case.json"
    file.write_text(json.dumps([case]))
    [result] = acceptance.run(file)

    assert result.actual == result.expected
