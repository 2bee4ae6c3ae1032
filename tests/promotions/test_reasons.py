"""Each reason: the cart that meets it, the code with its parameters, and the sentence for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from apps.promotions.pricing import reasons
from apps.promotions.pricing.cart import Buyer, Usage
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.program import compile_program
from apps.promotions.pricing.quote import Reason
from apps.promotions.sentences import SENTENCES, explain_reason
from tests.promotions.carts import cart_of, line_of

HALF = {"percent": "50"}
BIG = {"id": "big", "kind": "order_discount", "value": HALF}
LONDON = ZoneInfo("Europe/London")


def row_of(**parts):
    """A discount of ten pounds an order, with other parts where the case says so."""
    row = {"id": "p", "kind": "order_discount", "currency": "GBP", "value": {"amount": 1_000}}
    return {**row, **parts}


def condition(**conditions):
    return row_of(conditions=conditions)


def of_units(**parts):
    return row_of(**{"kind": "product_discount", "level": "product", "value": HALF, **parts})


def buy_get(**parts):
    get = {"quantity": 1, "value": {"percent": "100"}}
    return row_of(**{"kind": "buy_get", "value": None, "buy": {"quantity": 5}, "get": get, **parts})


def used(**counts):
    return {"usage": {"p": Usage(**counts)}}


GIFT = {"sku": "g", "per": {"skus": ["a"], "quantity": 9}}
BUNDLE = row_of(kind="bundle", value={"price": 1_500}, bundle=[{"quantity": 2}])
# What is refused: the row, more rows, facts of the cart of two lamps at 10.00 and a bag at 30.00.
REFUSED = {
    "not_started": (row_of(starts="2026-11-28T00:00"), {}, ("2026-11-28T00:00",)),
    "ended": (row_of(ends="2026-11-27T20:00"), {}, ("2026-11-27T20:00",)),
    "outside_hours": (
        condition(hours={"from": "21:00", "to": "23:00"}),
        {},
        ("21:00-23:00",),
    ),
    "market": (condition(markets=["DE", "FR"]), {}, ("GB", ("DE", "FR"))),
    "currency": (row_of(currency="EUR"), {}, ("GBP",)),
    "channel": (row_of(kind="live_price", value=HALF), {"channel": "shop"}, ("shop", ("live",))),
    "content": (condition(contents=["v1"]), {"content": "v2"}, ("v2", ("v1",))),
    "country": (condition(countries=["IE"]), {"country": "GB"}, ("GB", ("IE",))),
    "shipping_method": (
        condition(shipping_methods=["post"]),
        {"shipping_method": "air"},
        ("air", ("post",)),
    ),
    "buyer_tags": (condition(buyer_tags=["vip", "old"]), {}, (("old", "vip"),)),
    "not_follower": (row_of(kind="follower_price", value=HALF), {}, ()),
    "not_first_order": (
        row_of(kind="first_order_price", value=HALF),
        {"buyer": Buyer(orders=2)},
        (),
    ),
    "not_nth_order": (condition(nth_order=5), {"buyer": Buyer(orders=2)}, (5, 3)),
    "code_not_entered": (row_of(codes=["SAVE"]), {"codes": ("OTHER",)}, ()),
    "code_used_up": (
        row_of(codes=["SAVE"], limits={"uses_per_code": 1}),
        {"codes": ("save",), **used(code_uses={"SAVE": 1})},
        ("save",),
    ),
    "used_up": (row_of(limits={"uses": 7}), used(uses=7), (7,)),
    "buyer_used_up": (row_of(limits={"uses_per_buyer": 2}), used(buyer_uses=2), (2,)),
    "budget_used_up": (row_of(limits={"budget": 900}), used(spent=900), (900,)),
    "units_sold_out": (of_units(limits={"units": 50}), used(units=50), (50,)),
    "buyer_units_used_up": (of_units(limits={"units_per_buyer": 2}), used(buyer_units=2), (2,)),
    "no_matching_item": (of_units(target={"skus": ["d"]}), {}, ()),
    "spend_below": (condition(min_spend=6_000), {}, (6_000, 5_000)),
    "quantity_below": (condition(min_quantity=4), {}, (4, 3)),
    "line_quantity_below": (condition(min_line_quantity=3), {}, (3, 2)),
    "too_few_kinds": (condition(min_distinct=3), {}, (3, 2)),
    "items_missing": (condition(contains=[{"skus": ["b"], "quantity": 2}]), {}, (2, 1)),
    "set_incomplete": (buy_get(), {}, (6, 3)),
    "no_shipping_fee": (row_of(kind="shipping", value=HALF), {}, ()),
    "cost_unknown": (of_units(margin_guard="20"), {}, ()),
    "no_gain": (row_of(kind="bundle", value={"price": 9_000}, bundle=[{"quantity": 2}]), {}, ()),
}


def quote_of(rows, lines=None, **facts):
    lines = lines or (line_of("c", 1_000, 2), line_of("b", 3_000, 1))
    program = compile_program(
        rows, facts.pop("policy", Policy()), market="GB", currency="GBP", timezone="Europe/London"
    )
    return program.quote(cart_of(*lines, **facts))


@pytest.mark.parametrize("code", REFUSED)
def test_a_promotion_that_does_not_apply_says_why(code):
    row, facts, parameters = REFUSED[code]
    quote = quote_of([row], **facts)

    [reason] = quote.reasons
    assert (reason.code, tuple(reason.parameters.values())) == (code, parameters)
    assert tuple(reason.parameters) == reasons.PARAMETERS[code]
    assert not reason.is_partial
    assert (quote.discount, quote.applied) == (0, ())


def test_products_that_are_kept_out_of_promotions():
    quote = quote_of([of_units()], [line_of("a", 900, 1, is_discountable=False)])

    assert quote.reason_of("p").code == "not_discountable"
    assert quote.goods_total == 900


def test_units_that_are_in_another_offer():
    bundle = {**BUNDLE, "id": "bundle"}
    quote = quote_of([bundle, of_units()], [line_of("a", 1_000, 2)])

    assert quote.reason_of("p").code == "units_in_other_offer"
    assert quote.consumed == {"bundle": 2}
    assert quote.goods_total == 1_500


def test_a_price_at_its_floor():
    lines = [line_of("a", 1_000, 2, floor=1_000)]

    for row in (of_units(), row_of()):
        assert quote_of([row], lines).reason_of("p").code == "at_floor"


@pytest.mark.parametrize(
    ("rows", "code", "other"),
    [
        ([row_of(), {**BIG, "exclusive": True}], "excluded_by", "big"),
        ([row_of(codes=["X"]), {**BIG, "replaces_codes": True}], "replaced_by", "big"),
        ([row_of(group="g"), {**BIG, "group": "g"}], "better_in_group", "big"),
        (
            [
                row_of(kind="product_discount", value={"percent": "5"}),
                {"id": "big", "kind": "product_discount", "value": HALF},
            ],
            "better_price",
            "big",
        ),
    ],
)
def test_a_promotion_that_gives_way_names_the_other(rows, code, other):
    quote = quote_of(rows, codes=("X",))
    reason = quote.reason_of("p")

    assert (reason.code, dict(reason.parameters)) == (code, {"promotion": other})
    assert [one.promotion for one in quote.applied] == [other]


@pytest.mark.parametrize(
    ("row", "facts", "code", "parameters", "discount"),
    [
        (row_of(limits={"max_discount": 400}), {}, "capped", (400, 1_000), 400),
        (row_of(limits={"budget": 900}), used(spent=600), "budget_capped", (300, 1_000), 300),
        (of_units(limits={"units": 9}), used(units=8), "units_limited", (1, 3), 500),
    ],
)
def test_a_promotion_that_applies_in_part_says_why(row, facts, code, parameters, discount):
    quote = quote_of([row], **facts)

    [reason] = quote.reasons
    assert (reason.code, tuple(reason.parameters.values())) == (code, parameters)
    assert reason.is_partial
    assert quote.discount == discount


def test_a_floor_that_keeps_a_part_back():
    lines = [line_of("a", 1_000, 1, floor=800)]
    quote = quote_of([of_units()], lines)

    [reason] = quote.reasons
    assert (reason.code, dict(reason.parameters)) == ("floor_capped", {"lost_minor": 300})
    assert quote.goods_total == 800


def test_a_margin_that_keeps_a_part_back():
    quote = quote_of([of_units(margin_guard="20")], [line_of("a", 1_000, 2, cost=600)])

    [reason] = quote.reasons
    assert (reason.code, dict(reason.parameters)) == ("floor_capped", {"lost_minor": 500})
    assert quote.goods_total == 1_500  # 6.00 of cost is 80% of 7.50


def test_a_gift_for_units_that_are_not_there():
    reason = quote_of([row_of(kind="gift", value=None, gift=GIFT)]).reason_of("p")

    assert (reason.code, dict(reason.parameters)) == ("items_missing", {"needed": 9, "reached": 0})


def test_codes_are_answered_one_by_one():
    rows = [row_of(codes=["Save"]), {**BIG, "codes": ["LATER"], "starts": "2027-01-01T00:00"}]
    quote = quote_of(rows, codes=("SAVE", "later", "nonsense"))

    assert [tuple(answer) for answer in quote.codes] == [
        ("SAVE", ("p",), ""),
        ("later", ("big",), "not_started"),
        ("nonsense", (), "code_unknown"),
    ]


def test_every_code_has_parameters_and_a_sentence():
    codes = {
        value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)
    }

    assert set(reasons.PARAMETERS) == codes == set(SENTENCES)
    covered = set(REFUSED) | reasons.PARTIAL
    more = {"not_discountable", "units_in_other_offer", "at_floor"}
    more |= {"code_unknown", "code_inactive"}
    more |= {"excluded_by", "replaced_by", "better_in_group", "better_price"}
    assert covered | more == codes


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_tells_every_parameter(code, language):
    texts = {"starts": "2026-11-28T00:00", "ends": "2026-11-27T20:00", "promotion": "prm_1"}
    lists = {"allowed": ("one", "two")}
    parameters = {
        name: texts.get(name) or lists.get(name) or (1_200 if name.endswith("_minor") else "12")
        for name in reasons.PARAMETERS[code]
    }
    reason = Reason("p", code, parameters, is_partial=code in reasons.PARTIAL)

    with translation.override(language):
        sentence = explain_reason(
            reason, currency="GBP", zone=LONDON, names={"prm_1": "Black Friday"}
        )

    assert sentence
    assert "%(" not in sentence
    assert sentence.isascii() is False or language == "en"
    assert ("Black Friday" in sentence) == ("promotion" in parameters)
    assert ("12.00" in sentence) == any(name.endswith("_minor") for name in parameters)


def test_moments_are_told_in_the_time_of_the_market():
    reason = Reason("p", "not_started", {"starts": "2026-11-28T00:00"}, is_partial=False)
    later = Reason("p", "not_started", {"starts": "2026-11-28T09:00+08:00"}, is_partial=False)

    with translation.override("en"):
        first = explain_reason(reason, currency="GBP", zone=LONDON)
        second = explain_reason(later, currency="GBP", zone=LONDON)

    assert "00:00" in first
    assert "01:00" in second


@pytest.mark.parametrize(
    ("hours", "moment", "applies"),
    [
        ({"from": "20:00", "to": "22:00"}, "2026-11-27T20:00", True),
        ({"from": "20:00", "to": "22:00"}, "2026-11-27T22:00", False),
        ({"from": "22:00", "to": "02:00"}, "2026-11-28T01:59", True),
        ({"from": "22:00", "to": "02:00", "weekdays": [5]}, "2026-11-28T01:59", True),
        ({"from": "22:00", "to": "02:00", "weekdays": [6]}, "2026-11-28T01:59", False),
        ({"weekdays": [6]}, "2026-11-28T00:00", True),
        ({"weekdays": [6]}, "2026-11-29T00:00", False),
    ],
)
def test_hours_are_those_of_the_market(hours, moment, applies):
    zone = ZoneInfo("Asia/Tokyo")
    program = compile_program(
        [condition(hours=hours)], market="JP", currency="GBP", timezone="Asia/Tokyo"
    )
    local = datetime.fromisoformat(moment).replace(tzinfo=zone)
    cart = cart_of(line_of("a", 5_000, 1), market="JP", moment=local.astimezone(UTC))

    assert bool(program.quote(cart).applied) == applies


def test_a_period_without_a_zone_is_in_the_time_of_the_market():
    row = row_of(starts="2026-07-01T00:00", ends="2026-07-02T00:00")
    program = compile_program([row], market="GB", currency="GBP", timezone="Europe/London")
    begin = datetime(2026, 6, 30, 23, tzinfo=UTC)  # midnight in British summer time

    def applies(moment):
        return bool(program.quote(cart_of(line_of("a", 5_000, 1), moment=moment)).applied)

    assert not applies(begin - timedelta(seconds=1))
    assert applies(begin)
    assert applies(begin + timedelta(hours=24, seconds=-1))
    assert not applies(begin + timedelta(hours=24))
