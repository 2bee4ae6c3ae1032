"""What must hold of every quote, whatever the cart and the promotions."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.promotions.pricing.amounts import round_ratio, spread, spread_within
from apps.promotions.pricing.policy import CHOICES, Policy
from apps.promotions.pricing.program import compile_program
from apps.promotions.pricing.row_checks import PromotionRowError, check_row
from bench.perf.promotions_reference import divide, evaluate
from tests.promotions.carts import any_rows, cart_of, carts, core_rows, line_of

POLICIES = st.fixed_dictionaries(
    {name: st.sampled_from(choices) for name, choices in CHOICES.items()}
).map(lambda choices: Policy(**choices))
EXAMPLES = settings(max_examples=150, deadline=None)


def program_of(rows, policy=None):
    return compile_program(rows, policy or Policy(), market="GB", currency="GBP")


@given(core_rows(), carts())
@settings(max_examples=400, deadline=None)
def test_the_program_agrees_with_the_plain_evaluation(rows, cart):
    quote = program_of(rows).quote(cart)
    wanted = evaluate(rows, cart)

    assert {line.sku: line.total for line in quote.lines} == wanted["lines"]
    assert (quote.goods_total, quote.shipping_total) == (wanted["goods"], wanted["shipping"])
    assert sorted(one.promotion for one in quote.applied) == wanted["applied"]


@given(any_rows(), carts(), POLICIES)
@EXAMPLES
def test_the_parts_make_the_whole(rows, cart, policy):
    quote = program_of(rows, policy).quote(cart)

    assert sum(share.amount for share in quote.shares) == quote.discount
    assert sum(one.goods for one in quote.applied) == quote.discount
    assert sum(one.shipping for one in quote.applied) == quote.shipping_discount
    assert sum(line.total for line in quote.lines) == quote.goods_total
    assert sum(unit.price for unit in quote.units) == quote.goods_total
    assert sum(step.amount for step in quote.trace) == quote.discount + quote.shipping_discount
    for share in quote.shares:
        assert share.merchant + share.platform == share.amount
        assert min(share.merchant, share.platform) >= 0
    for one in quote.applied:
        assert one.merchant + one.platform == one.goods + one.shipping


@given(any_rows(), carts(), POLICIES)
@EXAMPLES
def test_no_unit_falls_below_its_floor_and_none_becomes_dearer(rows, cart, policy):
    quote = program_of(rows, policy).quote(cart)
    lines = {line.sku: line for line in cart.lines}

    assert 0 <= quote.shipping_total <= cart.shipping
    assert len(quote.units) == sum(line.quantity for line in cart.lines)
    for unit in quote.units:
        line = lines[unit.sku]
        assert line.floor <= unit.price <= line.unit_price
        assert all(amount > 0 for _promotion, amount in unit.discounts)
        assert line.unit_price - sum(amount for _, amount in unit.discounts) == unit.price


@given(any_rows(), carts(), POLICIES, st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_lines_and_repetition_change_nothing(rows, cart, policy, chance: Random):
    program = program_of(rows, policy)
    first = program.quote(cart).as_bytes()
    lines = list(cart.lines)
    chance.shuffle(lines)

    assert program.quote(replace(cart, lines=tuple(lines))).as_bytes() == first
    assert program.quote(cart).as_bytes() == first
    assert program_of(rows, policy).quote(cart).as_bytes() == first


@given(any_rows(), carts(), POLICIES)
@EXAMPLES
def test_every_promotion_applies_or_says_why_not(rows, cart, policy):
    quote = program_of(rows, policy).quote(cart)
    applied = [one.promotion for one in quote.applied]
    refused = [reason.promotion for reason in quote.reasons if not reason.is_partial]

    assert sorted(applied + refused) == sorted(row["id"] for row in rows)
    assert {reason.promotion for reason in quote.reasons if reason.is_partial} <= set(applied)


@given(any_rows(), carts(), POLICIES, st.integers(0, 5))
@EXAMPLES
def test_a_promotion_that_cannot_apply_changes_nothing(rows, cart, policy, place):
    extra = {
        "id": "elsewhere",
        "kind": "product_discount",
        "currency": "GBP",
        "value": {"percent": "50"},
        "target": {"skus": ["nothing of this cart"]},
    }
    more = [*rows[:place], extra, *rows[place:]]

    with_it, without = program_of(more, policy).quote(cart), program_of(rows, policy).quote(cart)

    assert with_it.units == without.units
    assert with_it.reason_of("elsewhere").code == "no_matching_item"


@given(any_rows(), carts())
@EXAMPLES
def test_caps_hold(rows, cart):
    quote = program_of(rows).quote(cart)
    limits = {row["id"]: row.get("limits", {}) for row in rows}

    for one in quote.applied:
        most = limits[one.promotion].get("max_discount")
        assert most is None or one.goods + one.shipping <= most


@given(
    st.integers(0, 5_000),
    st.lists(st.integers(0, 3_000), min_size=1, max_size=40),
    st.sampled_from(CHOICES["odd_cent"]),
)
def test_an_amount_is_divided_without_a_rest(total, weights, odd_cent):
    parts = spread(total, weights, odd_cent)

    assert sum(parts) == (total if any(weights) else 0)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    if odd_cent == "largest_remainder":
        assert parts == divide(total, weights)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1), st.integers(0, 9000)
)
def test_what_a_full_part_cannot_take_goes_to_the_others(pairs, total):
    weights = [max(pair) for pair in pairs]
    rooms = [min(pair) for pair in pairs]
    parts = spread_within(total, weights, rooms, Policy())

    assert all(0 <= part <= room for part, room in zip(parts, rooms, strict=True))
    assert sum(parts) == min(total, sum(rooms))


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_rounding(numerator, denominator):
    exact = numerator / denominator

    assert abs(round_ratio(numerator, denominator) - exact) <= 0.5
    assert round_ratio(numerator, denominator, "down") <= exact
    assert round_ratio(5, 10) == 1
    assert round_ratio(5, 10, "half_even") == 0
    assert round_ratio(15, 10, "half_even") == 2


NAMES = st.sampled_from(
    (
        *("percent", "amount", "price", "first", "additional", "skus", "tags", "not", "quantity"),
        *("value", "spend", "within", "sku", "per", "list_price", "merchant", "platform", "hours"),
        *(
            "from",
            "to",
            "weekdays",
            "contains",
            "min_spend",
            "min_quantity",
            "follower",
            "channels",
        ),
        *(
            "units",
            "max_discount",
            "budget",
            "cancelled_orders",
            "min_unit_price",
            "GBP",
            "nonsense",
        ),
    )
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 99),
    st.text(max_size=4),
    st.sampled_from(("20", "100", "12:30", "2026-11-27T20:00", "2026-11-27T20:00+08:00", "shown")),
)


def _nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(inner, st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=3))


JSON = _nested(_nested(_nested(LEAVES)))
FIELDS = (
    *("value", "target", "conditions", "codes", "limits", "tiers", "buy", "get", "bundle", "gift"),
    *("priority", "group", "funding", "margin_guard", "currency", "starts", "ends", "level"),
)


@given(
    st.sampled_from(("product_discount", "flash_sale", "buy_get", "bundle", "gift", "spend_tiers")),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6),
)
@settings(max_examples=600, deadline=None)
def test_any_row_compiles_or_is_refused_with_what_is_wrong(kind, parts):
    row = {"id": "p", "kind": kind, **parts}
    problems = check_row(row)

    if not problems:
        quote = program_of([row]).quote(cart_of(line_of("a", 900, 3), shipping=100))
        assert quote.total == sum(unit.price for unit in quote.units) + quote.shipping_total
        return
    assert all(one.promotion == "p" and one.problem and one.remedy for one in problems)
    with pytest.raises(PromotionRowError) as refused:
        program_of([row])
    assert refused.value.problems == problems
