"""What the merchant keeps: the same before and after posting, and honest about what is unknown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django_scopes import scope

from apps.finance.models import FeeRule
from apps.finance.selectors import (
    find_unbalanced,
    get_economics,
    list_kept,
    sum_kept,
    sum_period,
)
from apps.orders import services as orders
from apps.orders.models import OrderLine
from apps.orders.selectors import get_order
from tests.factories.finance import ACTOR, advance, entries_of, handle, label_entry, settled_order
from tests.factories.markets import MarketFactory
from tests.factories.orders import make_order
from tests.factories.promotions import make_promotion

pytestmark = pytest.mark.django_db


def read(order, now):
    with scope(merchant=order.merchant_id):
        fresh = get_order(order.merchant, order.public_id)
        return get_economics(fresh, today=now.date())


def figures(economics) -> list[tuple[str, str, int | None]]:
    return [(line.code, line.label, line.amount_minor) for line in economics.lines]


KEPT = [
    ("items", "Items", 9800),
    ("shipping", "Shipping paid by buyer", 800),
    ("commission", "Platform fee 6%", -588),
    ("payment", "Payment fee 1.4%", -148),
    ("postage", "Label", -985),
    ("cost", "Product cost", -1479),
]


def test_a_delivered_order_reads_from_the_ledger(merchant, rates, now):
    order = settled_order(merchant, "delivered", now=now, shipping_minor=800)

    found = read(order, now)

    assert figures(found) == KEPT
    assert (found.keep.minor, found.keep.currency, found.is_estimate) == (7400, "EUR", False)
    assert found.unknown == ()


def test_what_the_platform_pays_of_a_discount_is_a_line_of_its_own(merchant, rates, now):
    MarketFactory(code="DE")
    make_promotion(merchant, now=now, platform_percent=40)
    order = make_order(merchant, now=now, shipping_minor=800)
    estimate = read(order, now)
    advance(order, "delivered", now=now)
    handle(order, label_entry(order, "shipment.created", now=now), *entries_of(order))

    posted = read(order, now)

    # 19.60 off 98.00, of which the platform pays 7.84: the fee is 6 % of 86.24.
    assert figures(posted) == [
        ("items", "Items", 9800),
        ("shipping", "Shipping paid by buyer", 800),
        ("discount", "Discounts", -1960),
        ("subsidy", "Discounts paid by the platform", 784),
        ("commission", "Platform fee 6%", -517),
        ("payment", "Payment fee 1.4%", -121),
        ("postage", "Label", -985),
        ("cost", "Product cost", -1479),
    ]
    assert estimate.keep.minor == posted.keep.minor + 985
    with scope(merchant=merchant):
        period = sum_period(merchant, now - timedelta(days=30), now + timedelta(days=60))
        assert find_unbalanced(merchant) == []
    assert "subsidy" in [line.code for line in period.lines]


def test_the_estimate_equals_what_is_posted_later(merchant, rates, now):
    order = make_order(merchant, now=now, shipping_minor=800)
    estimate = read(order, now)
    advance(order, "delivered", now=now)
    handle(order, label_entry(order, "shipment.created", now=now), *entries_of(order))

    posted = read(order, now)

    assert estimate.is_estimate
    assert not posted.is_estimate
    without_label = [line for line in figures(posted) if line[0] != "postage"]
    assert [line for line in figures(estimate) if line[0] != "postage"] == without_label
    assert estimate.keep.minor == posted.keep.minor + 985
    assert [rule["code"] for rule in estimate.rules] == [rule["code"] for rule in posted.rules]


def test_a_label_that_is_not_bought_is_unknown_and_not_counted(merchant, rates, now):
    order = make_order(merchant, now=now)

    found = read(order, now)

    assert found.unknown == ("postage",)
    assert found.keep.minor == 9800 - 588 - 137 - 1479


def test_a_captured_order_with_its_label_is_still_an_estimate(merchant, rates, now):
    order = settled_order(merchant, "allocated", now=now, shipping_minor=800)

    found = read(order, now)

    assert (figures(found), found.is_estimate) == (KEPT, True)


def test_a_voided_label_is_open_again(merchant, rates, now):
    order = settled_order(merchant, "allocated", now=now, label=False)
    created = label_entry(order, "shipment.created", now=now)
    handle(order, created, label_entry(order, "shipment.voided", now=now))

    assert read(order, now).unknown == ("postage",)


def test_a_completed_order_is_the_same_and_not_doubled_by_its_release(merchant, rates, now):
    order = settled_order(merchant, "completed", now=now, shipping_minor=800)

    assert figures(read(order, now)) == KEPT


def test_product_cost_without_a_rate_is_unknown(merchant, now):
    order = settled_order(merchant, "delivered", now=now)

    found = read(order, now)

    assert found.unknown == ("cost",)
    assert found.keep.minor == 8090
    assert found.keep_base is None


def test_product_cost_never_told_is_unknown(merchant, rates, now):
    order = settled_order(merchant, "delivered", now=now)
    with scope(merchant=merchant):
        OrderLine.objects.update(unit_cost_minor=0)

    assert read(order, now).unknown == ("cost",)


def test_what_is_kept_is_converted_with_the_rate_named(merchant, rates, now):
    order = settled_order(merchant, "delivered", now=now, shipping_minor=800)

    found = read(order, now)

    assert (found.keep_base.minor, found.keep_base.currency) == (61050, "CNY")
    assert found.base.rate_ids == (rates["CNY"].pk,)
    assert found.base.on == date(2026, 11, 25)


def test_a_label_in_another_currency_is_converted(merchant, rates, now):
    order = settled_order(merchant, "delivered", now=now, label=False)
    handle(
        order, label_entry(order, "shipment.created", now=now, postage_minor=8250, currency="CNY")
    )

    postage = next(line for line in read(order, now).lines if line.code == "postage")

    assert (postage.amount.minor, postage.amount.currency) == (-1000, "EUR")


def test_pay_day_follows_delivery_and_completion(merchant, rates, now):
    waiting = make_order(merchant, now=now)
    delivered = settled_order(merchant, "delivered", now=now)
    completed = settled_order(merchant, "completed", now=now)

    days = [read(order, now).paid_on for order in (waiting, delivered, completed)]

    assert days == [None, date(2026, 12, 12), date(2026, 11, 29)]
    assert read(waiting, now).window_days == 14


def test_nothing_is_kept_of_a_cancelled_order(merchant, rates, now):
    order = settled_order(merchant, "allocated", now=now)
    with scope(merchant=merchant):
        orders.cancel_order(order, reason="Test", actor=ACTOR, now=now)
    handle(order, *entries_of(order))

    found = read(order, now)

    assert (found.lines, found.keep.minor, found.is_estimate) == ((), 0, False)


def test_a_changed_rule_does_not_change_what_was_posted(merchant, rates, now):
    order = settled_order(merchant, "delivered", now=now, shipping_minor=800)
    FeeRule.objects.filter(kind="commission").update(rate="0.5")

    assert figures(read(order, now)) == KEPT


def test_economics_take_few_statements(merchant, rates, now, django_assert_max_num_queries):
    order = settled_order(merchant, "allocated", now=now)
    with scope(merchant=merchant):
        fresh = get_order(merchant, order.public_id)
        with django_assert_max_num_queries(6):
            get_economics(fresh, today=now.date())


def test_a_period_sums_the_delivered_orders(merchant, rates, now):
    settled_order(merchant, "delivered", now=now, shipping_minor=800)
    settled_order(merchant, "completed", now=now, shipping_minor=800)
    settled_order(merchant, "confirmed", now=now, label=False)

    with scope(merchant=merchant):
        found = sum_period(merchant, now, now + timedelta(days=30))
        kept = sum_kept(merchant, now, now + timedelta(days=30))

    assert (found.order_count, found.is_complete) == (2, True)
    assert [(line.code, line.amount.minor) for line in found.lines] == [
        ("items", 161700),
        ("shipping", 13200),
        ("commission", -9702),
        ("payment", -2442),
        ("postage", -16253),
        ("cost", -24400),
    ]
    assert found.keep.minor == kept.minor == 122103
    assert kept.currency == "CNY"


def test_a_period_ends_before_its_end(merchant, rates, now):
    settled_order(merchant, "delivered", now=now)
    delivered = now + timedelta(days=3)

    with scope(merchant=merchant):
        assert sum_period(merchant, now, delivered).order_count == 0
        assert sum_period(merchant, delivered, delivered + timedelta(seconds=1)).order_count == 1


def test_a_period_without_rates_says_so(merchant, now):
    settled_order(merchant, "delivered", now=now)

    with scope(merchant=merchant):
        found = sum_period(merchant, now, now + timedelta(days=30))

    assert not found.is_complete


def test_days_of_a_period_sum_to_the_period(merchant, rates, now):
    settled_order(merchant, "delivered", now=now)
    settled_order(merchant, "delivered", now=now + timedelta(hours=8))
    days = [now.date() + timedelta(days=count) for count in range(6)]

    with scope(merchant=merchant):
        kept = list_kept(merchant, days)
        whole = sum_kept(merchant, now, now + timedelta(days=5)).minor

    # 25 November 17:00 and 26 November 01:00 in Shanghai, each delivered three days later.
    found = {day.day: money.minor for day, money in kept.items() if money.minor}
    assert set(found) == {28, 29}
    assert sum(found.values()) == whole


def test_days_follow_a_zone_that_is_half_an_hour_off(merchant, rates, now):
    merchant.time_zone = "Asia/Kolkata"
    merchant.save()
    settled_order(merchant, "delivered", now=now.replace(hour=18, minute=29))
    settled_order(merchant, "delivered", now=now.replace(hour=18, minute=31))
    days = [now.date() + timedelta(days=count) for count in range(6)]

    with scope(merchant=merchant):
        kept = list_kept(merchant, days)

    assert {day.day for day, money in kept.items() if money.minor} == {28, 29}
