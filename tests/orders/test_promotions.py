"""Orders under promotions: who prices, what is written, what each code came to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.inventory.models import StockBalance
from apps.markets.models import FxRate
from apps.markets.selectors import find_rate
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import LineDiscount, Order, OrderLine, OrderPricing
from apps.orders.requests import BuyerRequest, LineRequest
from apps.orders.services.pricing import PriceChangedError
from apps.promotions import services as promotions
from apps.promotions.explanation import Explanation
from apps.promotions.models import PromotionCounter, Redemption
from apps.promotions.services import set_floor
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.markets import MarketFactory
from tests.factories.orders import order_request
from tests.factories.promotions import make_promotion

pytestmark = pytest.mark.django_db
OTHER = BuyerRequest(name="Ada Lovelace", country="DE", email="ada@example.de")


def sell(merchant: Merchant, sku: str, price_minor: int, units: int, now):
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku=sku)
    ListingFactory(variant=variant, price_minor=price_minor)
    put_stock(variant, units, now=now)
    return variant


@pytest.fixture
def lamp(scoped: Merchant, now):
    return sell(scoped, "LAMP", 4900, 50, now)


@pytest.fixture
def mug(scoped: Merchant, now):
    return sell(scoped, "MUG", 1250, 3, now)


@pytest.fixture
def run(scoped, now):
    MarketFactory(code="DE")
    return lambda **changes: make_promotion(scoped, now=now, **changes)


@pytest.fixture
def place(scoped, store, actor, now):
    def send(*lines, **changes):
        request = order_request(*(lines or (LineRequest("LAMP", 2),)), now=now, **changes)
        return orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

    return send


def voucher(run, **changes):
    facts = {"kind": "voucher", "codes": ("SAVE10",), "rule": {"value": {"percent": "10"}}}
    return run(**{**facts, **changes})


def order_of(receipt) -> Order:
    return Order.objects.get(public_id=receipt.public_id)


def amounts(order: Order) -> tuple[int, int, int, int]:
    return order.items_minor, order.shipping_minor, order.discount_minor, order.total_minor


def pieces(order: Order):
    columns = ("position", "first_unit", "unit_count", "promotion_ref", "amount_minor")
    return list(LineDiscount.objects.filter(order=order).order_by("id").values_list(*columns))


def explanation(order: Order) -> Explanation:
    return Explanation.from_json(OrderPricing.objects.get(order=order).explanation)


# What is written.


def test_a_promotion_prices_the_order_and_its_lines(lamp, mug, run, place):
    sale = run(rule={"value": {"percent": "20"}, "target": {"skus": ["LAMP"]}})
    receipt = place(LineRequest("LAMP", 2), LineRequest("MUG", 1), shipping_minor=800)
    order = order_of(receipt)
    assert amounts(order) == (11050, 800, 1960, 9890)
    assert receipt.total_minor == 9890
    lines = OrderLine.objects.order_by("position")
    assert list(lines.values_list("sku", "discount_minor", "total_minor")) == [
        ("LAMP", 1960, 7840),
        ("MUG", 0, 1250),
    ]
    assert pieces(order) == [(1, 0, 2, sale.public_id, 1960)]
    told = explanation(order)
    assert told == receipt.explanation
    assert told.promotions[sale.public_id].name == "Black Friday"
    assert [(one.promotion, one.goods) for one in told.applied] == [(sale.public_id, 1960)]


def test_odd_cents_lie_on_units_that_are_named(lamp, run, place):
    coupon = run(kind="order_discount", rule={"value": {"amount": 100}, "currency": "EUR"})
    order = order_of(place(LineRequest("LAMP", 3)))
    assert pieces(order) == [
        (1, 0, 1, coupon.public_id, 34),
        (1, 1, 2, coupon.public_id, 66),
    ]


def test_a_discount_of_the_fee_stands_at_position_zero(lamp, run, place):
    free = run(kind="shipping", rule={"value": {"percent": "100"}})
    order = order_of(place(shipping_minor=499))
    assert amounts(order) == (9800, 499, 499, 9800)
    assert pieces(order) == [(0, 0, 1, free.public_id, 499)]
    assert OrderLine.objects.get().discount_minor == 0


def test_the_platforms_part_is_kept_beside_each_piece(lamp, run, place):
    run(platform_percent=40)
    place()
    piece = LineDiscount.objects.get()
    assert (piece.amount_minor, piece.platform_minor) == (1960, 784)
    assert Redemption.objects.get().platform_minor == 784


def test_no_promotion_goes_below_the_floor(lamp, run, place, scoped, actor, now):
    market = MarketFactory(code="DE")
    run(rule={"value": {"percent": "50"}})
    set_floor(scoped, variant=lamp, market=market, floor_minor=4000, actor=actor, now=now)
    assert place().total_minor == 8000


def test_a_product_and_a_category_are_targets(scoped, run, place, now):
    variant = sell(scoped, "CUP", 1000, 5, now)
    run(rule={"value": {"percent": "50"}, "target": {"products": [variant.product.public_id]}})
    assert place(LineRequest("CUP", 1)).total_minor == 500


def test_a_margin_is_kept_by_the_cost_in_the_markets_money(lamp, run, place, now):
    find_rate.cache_clear()
    FxRate.objects.create(
        base="EUR", quote="CNY", rate=Decimal("8.00"), valid_on=now.date(), source="tests"
    )
    # CN¥61.00 are €7.63; half of what is paid has to remain above it.
    run(rule={"value": {"percent": "90"}, "margin_guard": "50"})
    receipt = place(LineRequest("LAMP", 1))
    assert receipt.total_minor == 1526
    assert [one.code for one in receipt.explanation.reasons] == ["floor_capped"]
    find_rate.cache_clear()


# Who prices.


def test_prices_of_the_channel_are_kept(lamp, run, place):
    run()
    order = order_of(place(LineRequest("LAMP", 2, 4500)))
    assert amounts(order) == (9000, 0, 0, 9000)
    assert OrderPricing.objects.count() == 0


@pytest.mark.parametrize(
    ("lines", "changes", "code"),
    [
        ((LineRequest("LAMP", 1, 4500),), {"codes": ("SAVE10",)}, "orders.codes_with_prices"),
        ((LineRequest("LAMP", 1, 4500), LineRequest("MUG", 1)), {}, "orders.mixed_prices"),
        ((LineRequest("LAMP", 1),), {"codes": ("X" * 65,)}, "orders.invalid"),
    ],
)
def test_what_nobody_can_price_is_refused(lamp, mug, place, lines, changes, code):
    with pytest.raises(DomainError) as caught:
        place(*lines, **changes)
    assert (caught.value.code, caught.value.status) == (code, 422)
    assert Order.objects.count() == 0


# The price the buyer was shown.


def test_another_total_than_was_shown_places_nothing(lamp, run, place):
    sale = run(rule={"value": {"percent": "20"}, "limits": {"uses": 5}})
    with pytest.raises(PriceChangedError) as caught:
        place(expected_total_minor=9800)
    error = caught.value
    assert (error.code, error.status) == ("orders.price_changed", 409)
    assert (error.shown_minor, error.due_minor, error.currency) == (9800, 7840, "EUR")
    assert [one.promotion for one in error.explanation.applied] == [sale.public_id]
    assert Order.objects.count() == 0
    assert StockBalance.objects.get().reserved == 0
    assert PromotionCounter.objects.get().uses == 0


def test_the_total_that_was_shown_places_the_order(lamp, run, place):
    run()
    assert place(expected_total_minor=7840).total_minor == 7840


def test_a_listing_that_became_dearer_is_another_total(lamp, place):
    with pytest.raises(PriceChangedError) as caught:
        place(expected_total_minor=9000)
    assert caught.value.due_minor == 9800
    assert caught.value.explanation is None


def test_an_ended_promotion_is_told_with_its_reason(lamp, run, place, actor, now):
    sale = voucher(run)
    promotions.end_promotion(sale, actor=actor, now=now)
    with pytest.raises(PriceChangedError) as caught:
        place(codes=("save10",), expected_total_minor=8820)
    told = caught.value.explanation
    assert [told.tell_code(one) for one in told.codes] == [
        "The promotion of the code save10 does not run in this market now."
    ]


# Codes.


def test_each_code_has_its_fate(lamp, run, place, actor, now):
    sale = voucher(run)
    big = voucher(
        run,
        codes=("BIG",),
        rule={"currency": "EUR", "value": {"percent": "50"}, "conditions": {"min_spend": 99999}},
    )
    receipt = place(codes=("save10", "BIG", "NOPE"))
    told = receipt.explanation
    assert [(one.code, one.promotions, one.reason) for one in told.codes] == [
        ("save10", (sale.public_id,), ""),
        ("BIG", (big.public_id,), "spend_below"),
        ("NOPE", (), "code_unknown"),
    ]
    assert [told.tell_code(one) for one in told.codes] == [
        "",
        "Goods for €88.20 of the €999.99 it needs.",
        "No promotion has the code NOPE.",
    ]
    assert LineDiscount.objects.get().code == "SAVE10"
    assert Redemption.objects.get().code == "SAVE10"


def test_a_code_of_one_use_is_used_up_by_one_order(lamp, run, place, actor, now):
    sale = voucher(run)
    (code,) = promotions.make_codes(sale, 1, actor=actor, now=now)
    assert place(codes=(code,)).total_minor == 8820
    receipt = place(codes=(code,), buyer=OTHER)
    assert receipt.total_minor == 9800
    told = receipt.explanation
    assert told.tell_code(told.codes[0]) == f"The code {code} is used up."
    assert [one.code for one in told.reasons] == ["code_used_up"]
    # The other code of the same promotion is still open.
    assert place(codes=(code, "SAVE10"), buyer=OTHER).total_minor == 8820


def test_codes_without_any_promotion_do_not_block(lamp, place):
    receipt = place(codes=("NOPE",))
    assert receipt.total_minor == 9800
    assert [one.reason for one in receipt.explanation.codes] == ["code_unknown"]


def test_a_repeat_tells_the_same(lamp, run, scoped, store, actor, now):
    voucher(run)
    request = order_request(LineRequest("LAMP", 2), now=now, codes=("SAVE10",))
    first, repeat = (
        orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)
        for _ in range(2)
    )
    assert repeat.explanation == first.explanation
    assert repeat == replace(first, is_new=False)


# The buyer.


def test_a_first_order_price_is_for_the_first_order(lamp, run, place, scoped, actor, now):
    run(kind="first_order_price", rule={"value": {"percent": "50"}})
    assert place().total_minor == 4900
    assert place().total_minor == 9800
    assert place(buyer=OTHER).total_minor == 4900


def test_a_cancelled_order_was_no_first_order(lamp, run, place, actor, now):
    run(kind="first_order_price", rule={"value": {"percent": "50"}})
    orders.cancel_order(order_of(place()), reason="x", actor=actor, now=now)
    assert place().total_minor == 4900


def test_two_orders_of_one_buyer_in_a_batch_are_first_and_second(
    lamp, run, scoped, store, actor, now
):
    run(kind="first_order_price", rule={"value": {"percent": "50"}})
    requests = [order_request(LineRequest("LAMP", 2), now=now) for _ in range(2)]
    receipts = orders.place_orders(requests, merchant=scoped, store=store, actor=actor, now=now)
    assert [receipt.total_minor for receipt in receipts] == [4900, 9800]


def test_followers_and_tags_are_what_the_app_says(lamp, run, place):
    run(kind="follower_price", rule={"value": {"percent": "10"}})
    run(rule={"value": {"percent": "50"}, "conditions": {"buyer_tags": ["vip"]}})
    assert place().total_minor == 9800
    assert place(is_follower=True).total_minor == 8820
    assert place(buyer_tags=("vip",)).total_minor == 4900


# Use.


def test_uses_end_with_the_limit_also_within_a_batch(lamp, run, scoped, store, actor, now):
    run(rule={"value": {"percent": "20"}, "limits": {"uses": 2}})
    requests = [order_request(LineRequest("LAMP", 1), now=now) for _ in range(4)]
    receipts = orders.place_orders(requests, merchant=scoped, store=store, actor=actor, now=now)
    assert [receipt.total_minor for receipt in receipts] == [3920, 3920, 4900, 4900]
    assert PromotionCounter.objects.get().uses == 2
    assert Redemption.objects.count() == 2


def test_a_budget_is_spent_to_the_cent(lamp, run, place):
    run(rule={"value": {"percent": "20"}, "currency": "EUR", "limits": {"budget": 1500}})
    assert [place(LineRequest("LAMP", 1)).total_minor for _ in range(3)] == [3920, 4380, 4900]
    assert PromotionCounter.objects.get().spent_minor == 1500


def test_a_cancelled_order_gives_back_once(lamp, run, place, actor, now):
    run(rule={"value": {"percent": "20"}, "currency": "EUR", "limits": {"uses": 1, "budget": 9999}})
    order = order_of(place())
    assert place(buyer=OTHER).total_minor == 9800
    orders.cancel_order(order, reason="x", actor=actor, now=now)
    assert set(PromotionCounter.objects.values_list("uses", "units", "spent_minor")) == {(0, 0, 0)}
    assert place(buyer=OTHER).total_minor == 7840


# Gifts.


def gift(run, **more):
    return run(
        kind="gift", rule={"gift": {"sku": "MUG", "quantity": 1, "list_price": 1250}, **more}
    )


def test_a_gift_is_a_line_at_nothing_with_stock_behind_it(lamp, mug, run, place):
    free = gift(run, currency="EUR")
    order = order_of(place())
    assert amounts(order) == (9800, 0, 0, 9800)
    assert (order.line_count, order.unit_count) == (2, 3)
    lines = OrderLine.objects.order_by("position").values_list("sku", "quantity", "total_minor")
    assert list(lines) == [("LAMP", 2, 9800), ("MUG", 1, 0)]
    assert StockBalance.objects.get(variant=mug).reserved == 1
    told = explanation(order)
    assert [(one.promotion, one.sku) for one in told.gifts] == [(free.public_id, "MUG")]
    assert Redemption.objects.get().units == 1


def test_a_gift_without_stock_does_not_come_and_is_not_taken(lamp, run, place, scoped, now):
    sell(scoped, "MUG", 1250, 1, now)
    gift(run, currency="EUR", limits={"uses": 9})
    place()
    receipt = place()
    assert order_of(receipt).line_count == 1
    told = receipt.explanation
    assert [told.tell(one) for one in told.reasons] == ["Not enough stock of the gift MUG."]
    assert (told.gifts, told.applied) == ((), ())
    assert PromotionCounter.objects.get().uses == 1


def test_a_gift_that_is_not_on_sale_does_not_come(lamp, run, place):
    gift(run, currency="EUR")
    told = place().explanation
    assert [one.code for one in told.reasons] == ["gift_not_on_sale"]


# Statements. Two of each are the savepoint of the test's own transaction.


def test_promotions_cost_four_statements_more(lamp, run, place, django_assert_num_queries):
    for number in range(20):
        run(name=f"P{number}", rule={"value": {"percent": "1"}, "target": {"skus": [f"S{number}"]}})
    run()
    place()
    # facts; uses, discounts, explanation
    with django_assert_num_queries(10 + 4 + 2):
        place()


def test_promotions_that_ended_cost_nothing_more(
    lamp, run, place, actor, now, django_assert_num_queries
):
    promotions.end_promotion(run(), actor=actor, now=now)
    place()
    with django_assert_num_queries(10 + 2):
        place()
    assert OrderPricing.objects.count() == 0


def test_limits_cost_two_statements_more(lamp, run, place, django_assert_num_queries):
    run(rule={"value": {"percent": "20"}, "limits": {"uses": 100}})
    place()
    with django_assert_num_queries(10 + 4 + 2 + 2):
        place()


def test_codes_and_histories_cost_one_each(lamp, run, place, django_assert_num_queries):
    voucher(run, rule={"value": {"percent": "1"}, "conditions": {"nth_order": 2}})
    place()
    # counters are read; those of the buyer and of the code are opened, and moved
    with django_assert_num_queries(10 + 4 + 1 + 2 + 1 + 2 + 2):
        place(codes=("SAVE10",))


def test_a_batch_needs_no_more(lamp, run, scoped, store, actor, now, django_assert_num_queries):
    run(rule={"value": {"percent": "20"}, "limits": {"uses": 100}})
    requests = [order_request(LineRequest("LAMP", 1), now=now) for _ in range(31)]
    orders.place_order(requests[0], merchant=scoped, store=store, actor=actor, now=now)
    with django_assert_num_queries(10 + 4 + 2 + 2):
        orders.place_orders(requests[1:], merchant=scoped, store=store, actor=actor, now=now)
    assert PromotionCounter.objects.get().uses == 31


# Whatever the promotions are.


RULES = st.sampled_from(
    [
        ("order_discount", {"value": {"amount": 777}}),
        ("product_discount", {"value": {"percent": "12.5"}, "level": "product"}),
        ("product_discount", {"value": {"percent": "33"}, "target": {"skus": ["MUG"]}}),
        ("shipping", {"value": {"percent": "50"}}),
        ("buy_get", {
            "buy": {"quantity": 2}, "get": {"quantity": 1, "value": {"percent": "50"}},
        }),
        ("bundle", {
            "bundle": [{"skus": ["LAMP"], "quantity": 1}, {"skus": ["MUG"], "quantity": 1}],
            "value": {"price": 5001},
        }),
    ]
)  # fmt: skip


@given(
    chosen=st.lists(RULES, min_size=1, max_size=4),
    quantities=st.tuples(st.integers(1, 7), st.integers(1, 3)),
    percent=st.sampled_from((0, 33, 100)),
)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_rows_are_the_quote_and_cancelling_returns_everything(
    lamp, mug, run, place, actor, now, chosen, quantities, percent
):
    made = [
        run(
            name=f"P{number}",
            kind=kind,
            platform_percent=percent,
            rule={**rule, "currency": "EUR", "limits": {"uses": 99, "budget": 999_999}},
        )
        for number, (kind, rule) in enumerate(chosen)
    ]
    lines = (LineRequest("LAMP", quantities[0]), LineRequest("MUG", quantities[1]))
    receipt = place(*lines, shipping_minor=499)
    order, told = order_of(receipt), receipt.explanation
    try:
        rows = list(LineDiscount.objects.filter(order=order))
        assert sum(row.amount_minor for row in rows) == order.discount_minor == told.discount_minor
        assert order.total_minor == told.total_minor
        for line in order.lines.all():
            own = [row for row in rows if row.position == line.position]
            assert sum(row.amount_minor for row in own) == line.discount_minor
            assert all(row.first_unit + row.unit_count <= line.quantity for row in own)
        platform = sum(row.platform_minor for row in rows)
        assert platform == sum(one.platform for one in told.applied)
        taken = Redemption.objects.filter(order_ref=order.public_id)
        assert sum(one.amount_minor for one in taken) == order.discount_minor
        assert sum(one.platform_minor for one in taken) == platform
    finally:
        orders.cancel_order(order, reason="x", actor=actor, now=now)
        for promotion in made:
            promotions.end_promotion(promotion, actor=actor, now=now)
    counted = PromotionCounter.objects.filter(promotion__in=made)
    assert set(counted.values_list("uses", "units", "spent_minor")) == {(0, 0, 0)}
    assert StockBalance.objects.get(variant=lamp).reserved == 0
