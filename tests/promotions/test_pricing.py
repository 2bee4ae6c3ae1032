"""Each kind of promotion by hand, the ten policies, funding, and confirming."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.promotions.pricing.cart import Buyer, Cart, Line, Usage
from apps.promotions.pricing.confirm import Change, changes
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.program import compile_program
from apps.promotions.pricing.row_checks import PromotionRowError
from tests.promotions.carts import MOMENT, cart_of, line_of

FREE = {"quantity": 1, "value": {"percent": "100"}}


def program_of(*rows, policy=None):
    rows = [{"currency": "GBP", **row} for row in rows]
    return compile_program(rows, policy or Policy(), market="GB", currency="GBP")


def quote_of(rows, *lines, policy=None, **facts):
    return program_of(*rows, policy=policy).quote(cart_of(*lines, **facts))


def test_a_policy_refuses_what_is_no_choice():
    with pytest.raises(ValueError, match="odd_cent: 'middle' is none of largest_remainder"):
        Policy(odd_cent="middle")


def test_buy_two_get_one_repeats_and_frees_the_cheapest():
    row = {"id": "p", "kind": "buy_get", "buy": {"quantity": 2}, "get": FREE}
    quote = quote_of([row], line_of("a", 500, 3), line_of("b", 300, 4))

    # Seven units hold two sets; the two cheapest units are free.
    assert quote.discount == 600
    assert quote.consumed == {"p": 6}
    assert [unit.price for unit in quote.units if unit.sku == "b"] == [0, 0, 300, 300]


def test_a_unit_serves_one_offer():
    offer = {"id": "one", "kind": "buy_get", "buy": {"quantity": 1}, "get": FREE}
    quote = quote_of([offer, {**offer, "id": "two"}], line_of("a", 400, 5))

    assert quote.discount == 800
    assert quote.consumed == {"one": 4}
    assert quote.reason_of("two").code == "set_incomplete"


def test_other_goods_are_got_for_goods_bought():
    row = {
        "id": "p",
        "kind": "buy_get",
        "buy": {"skus": ["a"], "quantity": 2},
        "get": {"skus": ["b"], "quantity": 1, "value": {"percent": "50"}},
    }
    lines = line_of("a", 1_000, 5), line_of("b", 600, 3)

    assert quote_of([row], *lines).discount == 600
    assert quote_of([{**row, "limits": {"applications": 1}}], *lines).discount == 300


def test_a_bundle_of_parts_is_sold_as_often_as_it_is_whole():
    row = {
        "id": "p",
        "kind": "bundle",
        "bundle": [{"skus": ["a"], "quantity": 1}, {"skus": ["b", "c"], "quantity": 2}],
        "value": {"price": 2_000},
    }
    lines = line_of("a", 1_500, 3), line_of("b", 500, 3), line_of("c", 700, 1)
    quote = quote_of([row], *lines)

    # Two bundles: 15.00 + 5.00 + 5.00 and 15.00 + 5.00 + 7.00.
    assert quote.discount == 500 + 700
    assert quote.consumed == {"p": 6}
    assert quote.goods_total == 2 * 2_000 + 1_500


def test_a_flash_sale_ends_when_its_units_are_sold():
    row = {
        "id": "p",
        "kind": "flash_sale",
        "value": {"price": 600},
        "starts": "2026-11-27T00:00",
        "ends": "2026-11-28T00:00",
        "limits": {"units": 100, "units_per_buyer": 3},
    }
    line = line_of("a", 1_000, 5)

    def total(**usage):
        return quote_of([row], line, usage={"p": Usage(**usage)}).goods_total

    assert total() == 3 * 600 + 2 * 1_000
    assert total(units=98) == 2 * 600 + 3 * 1_000
    assert total(buyer_units=2, units=50) == 600 + 4 * 1_000
    assert total(units=100) == 5_000


def test_the_same_product_on_two_lines_counts_together():
    row = {
        "id": "p",
        "kind": "quantity_tiers",
        "tiers": [
            {"quantity": 3, "value": {"percent": "10"}},
            {"quantity": 5, "value": {"price": 700}},
        ],
    }
    apart = line_of("a", 1_000, 2), line_of("a", 1_000, 3, position=1)

    assert quote_of([row], *apart).goods_total == 3_500
    assert quote_of([row], line_of("a", 1_000, 4)).goods_total == 3_600
    assert quote_of([row], line_of("a", 1_000, 2)).discount == 0


def test_prices_for_the_live_for_followers_and_for_the_first_order():
    def total(kind, **facts):
        row = {"id": "p", "kind": kind, "value": {"price": 700}}
        return quote_of([row], line_of("a", 1_000, 1), **facts).total

    assert total("live_price", channel="live") == total("live_price", channel="shop") - 300
    assert total("follower_price", buyer=Buyer(is_follower=True)) == 700
    assert total("follower_price") == 1_000
    assert total("first_order_price", buyer=Buyer(orders=0)) == 700
    assert total("first_order_price", buyer=Buyer(orders=1, cancelled_orders=1)) == 700
    assert total("first_order_price") == 1_000  # nobody knows the buyer's orders


def test_gifts_cost_nothing_and_are_limited():
    gift = {"sku": "mug", "quantity": 1, "list_price": 800, "per": {"skus": ["a"], "quantity": 2}}
    row = {"id": "p", "kind": "gift", "gift": gift, "limits": {"units": 2}}
    quote = quote_of([row], line_of("a", 1_000, 7))

    [given] = quote.gifts
    assert (given.promotion, given.sku, given.quantity, given.list_price) == ("p", "mug", 2, 800)
    assert quote.total == 7_000
    assert [reason.code for reason in quote.reasons] == ["units_limited"]


def test_each_market_has_its_own_amount():
    row = {"id": "p", "kind": "order_discount", "value": {"amount": {"GBP": 500, "JPY": 800}}}
    rows = [row]
    yen = compile_program(rows, market="JP", currency="JPY")
    euro = compile_program(rows, market="DE", currency="EUR")

    assert (
        compile_program(rows, market="GB", currency="GBP")
        .quote(cart_of(line_of("a", 1_000, 1)))
        .total
        == 500
    )
    assert yen.quote(cart_of(line_of("a", 1_000, 1), market="JP", currency="JPY")).total == 200
    refused = euro.quote(cart_of(line_of("a", 1_000, 1), market="DE", currency="EUR"))
    assert refused.reason_of("p").code == "currency"


def test_a_cart_of_another_market_is_refused():
    with pytest.raises(ValueError, match="This program is of GB in GBP"):
        program_of().quote(cart_of(line_of("a", 1_000, 1), market="US", currency="USD"))


HALF = {"id": "half", "kind": "order_discount", "value": {"percent": "50"}, "priority": 1}
ABOVE = {
    "id": "above",
    "kind": "order_discount",
    "value": {"amount": 100},
    "conditions": {"min_spend": 1_000},
}
TEN = {"id": "ten", "kind": "product_discount", "value": {"percent": "10"}}
TWENTY = {"id": "twenty", "kind": "product_discount", "value": {"percent": "20"}}
CODE = {"id": "code", "kind": "voucher", "codes": ["Save"], "value": {"amount": 100}}
TWO_FREE = {"id": "p", "kind": "buy_get", "buy": {"quantity": 1}, "get": FREE}
# field, choice, rows, lines (price, quantity), facts, discount by default, discount by choice.
CHOSEN = [
    ("shown_prices", "stack", [TEN, TWENTY], [(1_000, 1)], {}, 200, 280),
    ("threshold", "before", [HALF, ABOVE], [(1_000, 1)], {}, 500, 600),
    (
        "percent_base",
        "shown",
        [{**TEN, "level": "product"}, {**TWENTY, "level": "product"}],
        [(1_000, 1)],
        {},
        280,
        300,
    ),
    ("rounded", "price", [{**TEN, "value": {"percent": "15"}}], [(1_050, 1)], {}, 158, 157),
    ("rounded_per", "line", [TEN], [(104, 4)], {}, 40, 42),
    ("rounded_per", "promotion", [{**TEN, "level": "product"}], [(104, 2), (104, 2)], {}, 40, 42),
    ("rounding", "down", [TEN], [(1_009, 1)], {}, 101, 100),
    ("rounding", "half_even", [TEN], [(1_005, 1)], {}, 101, 100),
    ("limited_units", "dearest", [TWO_FREE], [(1_000, 1), (300, 1)], {}, 300, 1_000),
    (
        "exclusive",
        "best",
        [{**ABOVE, "exclusive": True, "priority": 9}, {**HALF, "exclusive": True}],
        [(1_000, 1)],
        {},
        100,
        500,
    ),
    (
        "group",
        "first",
        [{**ABOVE, "group": "g", "priority": 9}, {**HALF, "group": "g"}],
        [(1_000, 1)],
        {},
        500,
        100,
    ),
    ("order_covers", "goods_and_shipping", [HALF], [(1_000, 1)], {"shipping": 400}, 500, 700),
    (
        "cancelled_orders",
        "counted",
        [{**CODE, "limits": {"uses": 1}}],
        [(1_000, 1)],
        {"codes": ("Save",), "usage": {"code": Usage(cancelled_uses=1)}},
        100,
        0,
    ),
    ("codes", "exact", [CODE], [(1_000, 1)], {"codes": ("SAVE",)}, 100, 0),
    (
        "sequence",
        "levels",
        [HALF, {**TEN, "level": "product", "value": {"amount": 200}}],
        [(1_000, 1)],
        {},
        700,
        600,
    ),
]


@pytest.mark.parametrize(
    ("field", "choice", "rows", "prices", "facts", "usual", "chosen"),
    CHOSEN,
    ids=[f"{one[0]} {one[1]}" for one in CHOSEN],
)
def test_a_policy_decides_what_engines_disagree_on(
    field, choice, rows, prices, facts, usual, chosen
):
    lines = [line_of("abcde"[n], *pair, position=n) for n, pair in enumerate(prices)]

    def saved(policy):
        quote = quote_of(rows, *lines, policy=policy, **facts)
        return quote.discount + quote.shipping_discount

    assert saved(Policy()) == usual
    assert saved(replace(Policy(), **{field: choice})) == chosen


def test_an_exclusive_promotion_hides_no_other_reason():
    over = {**TEN, "id": "over", "level": "product", "ends": "2026-01-01T00:00"}
    rows = [over, ABOVE, {**HALF, "exclusive": True}]
    quote = quote_of(rows, line_of("a", 1_000, 1))

    assert [reason.code for reason in quote.reasons] == ["ended", "excluded_by"]
    assert [one.promotion for one in quote.applied] == ["half"]


def test_an_exclusive_gift_without_a_price_still_excludes():
    row = {"id": "gift", "kind": "gift", "gift": {"sku": "card"}, "exclusive": True}
    quote = quote_of([HALF, row], line_of("a", 1_000, 1))

    assert [gift.sku for gift in quote.gifts] == ["card"]
    assert quote.discount == 0


@pytest.mark.parametrize(
    ("policy", "shares"),
    [
        (Policy(), [924, 1769, 2307]),
        (Policy(odd_cent="first"), [924, 1769, 2307]),
        (Policy(odd_cent="last"), [923, 1769, 2308]),
    ],
)
def test_the_odd_cent_goes_where_the_policy_says(policy, shares):
    row = {"id": "p", "kind": "order_discount", "value": {"amount": 5_000}}
    prices = (12_000, 23_000, 30_000)
    lines = [line_of("abc"[n], price, 1, position=n) for n, price in enumerate(prices)]
    quote = quote_of([row], *lines, policy=policy)

    # 923.08, 1769.23 and 2307.69
    expected = shares if policy.odd_cent != "largest_remainder" else [923, 1769, 2308]
    assert [line.before - line.total for line in quote.lines] == expected


def test_what_a_floored_line_cannot_take_is_moved_or_dropped():
    row = {"id": "p", "kind": "order_discount", "value": {"amount": 1_000}}
    lines = line_of("a", 1_000, 1, floor=900), line_of("b", 1_000, 1, position=1)

    assert quote_of([row], *lines).discount == 1_000
    dropped = quote_of([row], *lines, policy=Policy(floored_share="drop"))
    assert dropped.discount == 600
    assert [reason.code for reason in dropped.reasons] == ["floor_capped"]


def test_funding_is_split_to_the_cent_on_every_share():
    row = {
        "id": "p",
        "kind": "order_discount",
        "value": {"amount": 100},
        "funding": {"merchant": "66.7", "platform": "33.3"},
    }
    quote = quote_of([row], *(line_of(sku, 1_000, 1) for sku in "abc"))

    [given] = quote.applied
    assert (given.merchant, given.platform) == (67, 33)
    assert [(share.merchant, share.platform) for share in quote.shares] == [
        (23, 11),
        (22, 11),
        (22, 11),
    ]
    assert sum(share.platform for share in quote.shares) == given.platform


def test_three_promotions_on_three_units_leave_even_prices():
    rows = [
        {"id": f"p{n}", "kind": "order_discount", "value": {"amount": amount}}
        for n, amount in enumerate((100, 50, 25))
    ]
    quote = quote_of(rows, line_of("a", 1_000, 3, floor=940))

    assert [unit.price for unit in quote.units] == [941, 942, 942]
    assert [sum(amount for _, amount in unit.discounts) for unit in quote.units] == [59, 58, 58]


def test_a_change_between_cart_and_confirm_is_told():
    row = {
        "id": "p",
        "kind": "order_discount",
        "value": {"amount": 100},
        "ends": (MOMENT + timedelta(hours=1)).isoformat(),
    }
    program = program_of(row, TEN)
    cart = cart_of(line_of("a", 1_000, 1))
    later = replace(cart, moment=MOMENT + timedelta(hours=2))

    assert changes(program.quote(cart), program.quote(cart)) == ()
    assert changes(program.quote(cart), program.quote(later)) == (Change("p", 100, 0, "ended"),)


def test_an_empty_cart_costs_its_shipping():
    quote = program_of(TEN, HALF).quote(cart_of(shipping=300))

    assert quote.total == 300
    assert [reason.code for reason in quote.reasons] == ["no_matching_item", "no_matching_item"]


@pytest.mark.parametrize(
    ("parts", "field", "remedy"),
    [
        ({"kind": "give_away"}, "kind", "use one of product_discount"),
        ({"value": {"percent": "0"}}, "value.percent", 'such as "12.5"'),
        ({"value": {"percent": "10", "amount": 5}}, "value", "exactly one of"),
        ({"value": {"amount": 2.5}}, "value.amount", "whole minor units"),
        ({"currency": None}, "currency", "name the currency"),
        ({"limits": {"max": 5}}, "limits.max", "use only applications"),
        ({"conditions": {"contains": [{"sku": "a"}]}}, "conditions.contains.0.sku", "use only"),
        ({"starts": "soon"}, "starts", "2026-11-27T00:00"),
        ({"starts": "2026-11-28", "ends": "2026-11-27"}, "ends", "end after it starts"),
        ({"funding": {"merchant": "60", "platform": "30"}}, "funding", "make 100"),
        ({"buy": {"quantity": 1}}, "buy", "leave it out"),
        ({"level": "shown"}, "level", "use order"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(parts, field, remedy):
    row = {
        "id": "p",
        "kind": "order_discount",
        "currency": "GBP",
        "value": {"amount": 100},
        **parts,
    }

    with pytest.raises(PromotionRowError) as refused:
        compile_program([row], market="GB", currency="GBP")

    problem = next(one for one in refused.value.problems if one.field == field)
    assert problem.promotion == "p"
    assert remedy in problem.remedy
    assert str(problem).startswith(f"p: {field} ")


def test_two_promotions_may_not_share_an_id():
    with pytest.raises(PromotionRowError, match="TEN: id is used twice"):
        program_of({**TEN, "id": "TEN"}, {**TWENTY, "id": "TEN"})


@pytest.mark.parametrize(
    "parts",
    [{"unit_price": -1}, {"quantity": 0}, {"unit_price": 9.99}, {"floor": -1}, {"cost": True}],
)
def test_a_line_refuses_what_is_no_amount(parts):
    with pytest.raises(ValueError, match=next(iter(parts))):
        Line(**{"sku": "a", "unit_price": 100, "quantity": 1, **parts})


def test_a_cart_needs_a_moment_with_a_zone():
    with pytest.raises(ValueError, match="moment: a time zone is needed"):
        Cart((), "GB", "GBP", MOMENT.replace(tzinfo=None))


def test_many_units_are_priced_without_walking_through_them_one_by_one():
    rows = [TEN, HALF, {"id": "free", "kind": "buy_get", "buy": {"quantity": 2}, "get": FREE}]
    quote = quote_of(rows, line_of("a", 1_000, 9_999))

    # 9.00 each, half of it, and a third of the units for nothing.
    assert quote.goods_total == 9_999 * 450 - 3_333 * 450
    assert quote.consumed == {"free": 9_999}
