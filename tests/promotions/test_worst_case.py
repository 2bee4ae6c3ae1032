"""The worst case of a SKU: the carts it names, and that no cart tried by force is below it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.promotions.pricing.cart import Buyer, Cart, Line
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.program import compile_program
from apps.promotions.pricing.worst_case import FILLER, Search
from tests.promotions.carts import MOMENT

LAMP = Line("lamp", 3000, 1, brand="Lan")
MUG = Line("mug", 900, 1)
PIECES = (LAMP, MUG)


def search(*rows, pieces=PIECES, focus=""):
    named = [
        {"id": f"p{number}", "kind": "product_discount", **row} for number, row in enumerate(rows)
    ]
    program = compile_program(
        named, Policy(), market="GB", currency="GBP", timezone="Europe/London"
    )
    return Search(program, named, pieces, since=MOMENT, focus=focus)


def worst(*rows, piece=LAMP, **options):
    return search(*rows, **options).find(piece).worst


def voucher(percent="10", code="SAVE", **more):
    return {"kind": "voucher", "value": {"percent": percent}, "codes": [code], **more}


def test_without_promotions_the_price_stays():
    found = worst()
    assert (found.paid, found.quantity, found.taken) == (3000, 1, ())


def test_codes_followers_and_channels_meet():
    found = worst(
        {"value": {"percent": "20"}},
        {"kind": "follower_price", "value": {"percent": "30"}},
        voucher("10", "A"),
        voucher("5", "B"),
    )
    # The best shown price, then both codes: 3000 - 30 % - 10 % - 5 %.
    assert found.unit_paid == 1795
    assert (found.context.is_follower, found.context.codes) == (True, ("A", "B"))
    assert [one.promotion for one in found.taken] == ["p1", "p2", "p3"]


def test_a_group_lets_one_of_its_codes_meet_the_sale():
    group = {"group": "codes"}
    found = worst(
        {"value": {"percent": "20"}}, voucher("10", "A", **group), voucher("25", "B", **group)
    )
    assert (found.unit_paid, [one.promotion for one in found.taken]) == (1800, ["p0", "p2"])


def test_an_exclusive_promotion_that_blocks_others_is_not_the_worst_case():
    found = worst(
        {
            "value": {"percent": "10"},
            "exclusive": True,
            "priority": 5,
            "conditions": {"channels": ["app"]},
        },
        {"value": {"percent": "40"}},
    )
    assert (found.unit_paid, found.context.channel) == (1800, "")


def test_a_spend_is_reached_by_more_or_by_other_goods():
    row = {"kind": "order_discount", "currency": "GBP", "value": {"amount": 1000}}
    found = worst({**row, "conditions": {"min_spend": 4000}})
    # £10 of £40: the lamp and other goods for £10.
    assert (found.unit_paid, found.others) == (2250, ((FILLER, 1),))
    assert worst({**row, "conditions": {"min_spend": 2000}}).unit_paid == 2000


def test_the_highest_tier_counts():
    tiers = [
        {"quantity": 2, "value": {"percent": "5"}},
        {"quantity": 6, "value": {"percent": "25"}},
    ]
    found = worst({"kind": "quantity_tiers", "tiers": tiers})
    assert (found.quantity, found.unit_paid) == (6, 2250)


def test_what_comes_free_beside_dearer_goods_costs_nothing():
    row = {
        "kind": "buy_get",
        "buy": {"quantity": 1},
        "get": {"quantity": 1, "value": {"percent": "100"}},
    }
    found = worst(row, piece=MUG)
    assert (found.unit_paid, found.others) == (0, (("lamp", 1),))


def test_hours_of_different_promotions_meet_only_where_they_overlap():
    def at(begin, end):
        return {
            "value": {"percent": "10"},
            "level": "product",
            "conditions": {"hours": {"from": begin, "to": end}},
        }

    assert worst(at("08:00", "12:00"), at("11:00", "14:00")).unit_paid == 2430
    assert worst(at("08:00", "12:00"), at("12:00", "14:00")).unit_paid == 2700


def test_a_promotion_that_has_ended_is_no_risk_and_a_later_one_is():
    later = (MOMENT + timedelta(days=3)).isoformat()
    assert worst({"value": {"percent": "50"}, "ends": MOMENT.isoformat()}).unit_paid == 3000
    assert worst({"value": {"percent": "50"}, "starts": later}).unit_paid == 1500


def test_the_platforms_part_is_no_loss():
    funded = {"value": {"percent": "50"}, "funding": {"merchant": "20", "platform": "80"}}
    found = worst(funded, {"value": {"percent": "15"}, "level": "product"})
    assert (found.unit_paid, found.unit_received) == (1275, 2475)
    assert worst(funded).unit_received == 2700


def test_a_floor_holds_and_is_told():
    found = worst({"value": {"percent": "50"}}, piece=Line("lamp", 3000, 1, floor=2500))
    assert (found.unit_paid, found.is_at_floor) == (2500, True)


def test_the_plainest_case_of_a_promotion_and_its_conflicts():
    found = search(
        {"value": {"percent": "20"}}, voucher("10", "A", conditions={"min_quantity": 3}), focus="p1"
    ).find(LAMP)
    assert (found.plain.unit_paid, found.first.quantity, found.first.unit_paid) == (2400, 3, 2160)
    beaten = search({"value": {"percent": "20"}}, {"value": {"percent": "30"}}, focus="p1").find(
        LAMP
    )
    assert beaten.clashes == (("p0", "better_price", "p1"),)


PERCENT = st.sampled_from(["5", "10", "33", "50"])
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "channels": st.sampled_from([["live"], ["app"], ["app", "live"]]),
        "follower": st.sampled_from([True]),
        "nth_order": st.just(1),
        "min_spend": st.sampled_from([2000, 5000]),
        "min_quantity": st.integers(2, 3),
    },
)


@st.composite
def rows_of(draw):
    rows = []
    for number in range(draw(st.integers(1, 3))):
        kind = draw(
            st.sampled_from(["product_discount", "order_discount", "voucher", "quantity_tiers"])
        )
        value = {"percent": draw(PERCENT)}
        if kind in {"order_discount", "voucher"} and draw(st.booleans()):
            value = {"amount": draw(st.sampled_from([300, 1200]))}
        row = {"id": f"p{number}", "kind": kind, "currency": "GBP", "value": value}
        row |= {"conditions": draw(CONDITIONS), "priority": draw(st.integers(0, 1))}
        row |= {"exclusive": True} if draw(st.integers(0, 5)) == 0 else {}
        row |= {"group": "g"} if draw(st.integers(0, 3)) == 0 else {}
        if kind == "voucher":
            row["codes"] = [f"c{number}"]
        if kind == "quantity_tiers":
            del row["value"]
            row["tiers"] = [
                {"quantity": draw(st.integers(1, 3)), "value": {"percent": draw(PERCENT)}}
            ]
        rows.append(row)
    return rows


def by_force(rows):
    """Price every small cart in every context; yields what is left of a lamp and its quantity."""
    program = compile_program(rows, Policy(), market="GB", currency="GBP")
    codes = [code for row in rows for code in row.get("codes", ())]
    subsets = product(*((False, True) for _code in codes))
    contexts = product(("", "app", "live"), (False, True), (0, 4), list(subsets))
    for channel, follower, orders, flags in contexts:
        entered = tuple(code for code, is_in in zip(codes, flags, strict=True) if is_in)
        buyer = Buyer(orders, 0, follower)
        for lamps, mugs in ((1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (1, 4), (2, 2)):
            lines = (Line("lamp", 3000, lamps), *((Line("mug", 900, mugs),) if mugs else ()))
            cart = Cart(lines, "GB", "GBP", MOMENT, channel, buyer=buyer, codes=entered)
            paid = next(line.total for line in program.quote(cart).lines if line.sku == "lamp")
            yield paid, lamps, cart


@given(rows_of())
@settings(max_examples=40, deadline=None)
def test_no_cart_tried_by_force_is_below_the_worst_case(rows):
    program = compile_program(rows, Policy(), market="GB", currency="GBP")
    found = Search(program, rows, PIECES, since=MOMENT).find(LAMP)
    assert found.is_complete
    low = found.worst
    for paid, lamps, cart in by_force(rows):
        # An amount is divided to whole cents: one cent for each promotion may lie elsewhere.
        assert (paid + len(rows)) * low.quantity >= low.paid * lamps, (cart, low)
