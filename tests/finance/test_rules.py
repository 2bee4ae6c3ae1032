"""Fees to the cent and the postings that follow from facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.finance import rules
from apps.finance.rules import FeeRate, OrderFacts, Postage, Side

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def facts(**changes) -> OrderFacts:
    amounts = {"items_minor": 9800, "shipping_minor": 800, "discount_minor": 0}
    return OrderFacts("ord_1", changes.pop("currency", "EUR"), **{**amounts, **changes})


def rate(kind="commission", ratio="0.06", **changes) -> FeeRate:
    return FeeRate(kind, Decimal(ratio), 7, "standard", 1, **changes)


def amounts(order, *rates) -> list[int]:
    return [fee.amount_minor for fee in rules.work_out_fees(order, rates)]


def test_commission_is_taken_of_items_and_payment_fee_of_the_total():
    assert amounts(facts(), rate(), rate("payment", "0.014")) == [588, 148]


@pytest.mark.parametrize(
    ("items", "expected"), [(10000, 1000), (30000, 3000), (3330, 333), (3335, 334), (3334, 333)]
)
def test_a_fee_is_rounded_half_up(items, expected):
    assert amounts(facts(items_minor=items), rate(ratio="0.10")) == [expected]


def test_a_currency_without_cents_has_fees_without_cents():
    assert amounts(facts(currency="JPY", items_minor=333), rate(ratio="0.10")) == [33]


def test_commission_is_taken_after_discounts_and_never_below_zero():
    assert amounts(facts(discount_minor=1000), rate(ratio="0.10")) == [880]
    assert amounts(facts(items_minor=500, discount_minor=600), rate(ratio="0.10")) == [0]


def test_commission_is_taken_of_what_the_platform_pays_and_not_of_the_fee():
    order = facts(
        discount_minor=1400,
        shipping_discount_minor=400,
        platform_goods_minor=300,
        platform_shipping_minor=100,
    )

    # Items 98.00 less 7.00 that the merchant pays; the buyer pays 92.00 in all.
    assert amounts(order, rate(ratio="0.10"), rate("payment", "0.01")) == [910, 92]


def test_the_platforms_part_is_owed_to_the_merchant():
    order = facts(discount_minor=1000, platform_goods_minor=300, confirmed_at=AT)
    sale = rules.sale(order)

    assert sale.sides[-3:] == (
        Side("pending", "discount", 1000, "EUR"),
        Side("pending", "subsidy", -300, "EUR"),
        Side("subsidies", "subsidy", 300, "EUR"),
    )
    assert rules.find_imbalance(sale) == {}


def test_a_fixed_part_counts_in_its_currency_only():
    euro = rate("payment", "0.014", fixed_minor=30, fixed_currency="EUR")
    dollar = rate("payment", "0.014", fixed_minor=30, fixed_currency="USD")

    assert amounts(facts(), euro, dollar) == [178, 148]


def test_a_fee_names_rule_version_base_and_amount():
    (fee,) = rules.work_out_fees(facts(), [rate("payment", "0.014")])

    assert fee.facts == {
        "kind": "payment",
        "rule": 7,
        "code": "standard",
        "version": 1,
        "rate": "0.014",
        "fixed_minor": 0,
        "base_minor": 10600,
        "amount_minor": 148,
    }


def test_a_sale_is_owed_to_the_merchant_by_line():
    sale = rules.sale(facts(discount_minor=1000, confirmed_at=AT))

    assert sale.sides == (
        Side("clearing", "buyer", 9600, "EUR"),
        Side("pending", "items", -9800, "EUR"),
        Side("pending", "shipping", -800, "EUR"),
        Side("pending", "discount", 1000, "EUR"),
    )


def test_nothing_is_posted_before_it_happened():
    assert rules.sale(facts()) is None
    assert rules.charge_fees(facts(), []) is None
    assert rules.charge_postage(Postage("shp_1", 985, "EUR", None)) is None


def test_an_order_of_nothing_posts_nothing():
    assert rules.sale(facts(items_minor=0, shipping_minor=0, confirmed_at=AT)) is None


def test_a_release_moves_what_is_pending_to_payable():
    free = rules.release(rules.sale(facts(confirmed_at=AT)), at=AT + timedelta(days=20))

    assert free.reference == "release:capture:ord_1"
    assert free.sides == (
        Side("pending", "release", 10600, "EUR"),
        Side("payable", "release", -10600, "EUR"),
    )


minor = st.integers(0, 10**9)


@given(minor, minor, minor, st.decimals("0", "0.5", places=4), st.sampled_from(["EUR", "JPY"]))
def test_every_posting_and_its_opposite_balance(items, shipping, postage, ratio, currency):
    order = facts(
        currency=currency,
        items_minor=items,
        shipping_minor=shipping,
        confirmed_at=AT,
        delivered_at=AT,
    )
    fees = rules.work_out_fees(order, [rate(ratio=str(ratio)), rate("payment", "0.014")])
    sources = [
        rules.sale(order),
        rules.charge_fees(order, fees),
        rules.charge_postage(Postage("shp_1", postage, "USD", AT)),
    ]
    for source in filter(None, sources):
        opposite = rules.reverse(source, at=AT)
        assert rules.find_imbalance(source) == {}
        pairs = zip(source.sides, opposite.sides, strict=True)
        assert all(one.amount_minor == -other.amount_minor for one, other in pairs)
        assert rules.find_imbalance(rules.release(source, at=AT)) == {}


@pytest.mark.parametrize(
    ("completed", "delivered", "expected"),
    [
        (None, None, None),
        (None, AT, date(2026, 12, 9)),
        (datetime(2026, 12, 9, 17, 0, tzinfo=UTC), AT, date(2026, 12, 10)),
    ],
)
def test_pay_day_is_a_day_of_the_merchants_zone(completed, delivered, expected):
    day = rules.pay_day(
        completed_at=completed,
        delivered_at=delivered,
        window_days=14,
        time_zone="Asia/Shanghai",
    )
    assert day == expected
