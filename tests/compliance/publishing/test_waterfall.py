"""What becomes of a price: exact figures, parts that sum, and the worst parcel."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.money import Money
from apps.compliance.publishing.landing import land
from apps.compliance.publishing.records import TariffRate
from apps.compliance.publishing.waterfall import other_heading
from apps.inventory.models import Node
from apps.markets.landed.result import LandedCostError
from apps.markets.landed.sale import Item
from apps.markets.selectors import rules_for
from tests.factories.inventory import NodeFactory
from tests.factories.rules import make_sale

pytestmark = pytest.mark.django_db


def amounts(answer):
    """Return code → amount in minor units of the only waterfall."""
    [waterfall] = answer.waterfalls
    return {
        line.code: None if line.amount is None else line.amount.minor for line in waterfall.lines
    }


def state_tariff(product, country, rate, now, **facts):
    """State a duty rate."""
    TariffRate.objects.create(
        merchant=product.merchant,
        product=product,
        country=country,
        rate=Decimal(rate),
        facts=facts,
        stated_by="user:usr_TEST",
        stated_at=now,
    )


def test_a_german_price_to_the_cent(ask):
    answer = ask("DE", price=4900)

    # EUR 3 duty for the tariff line; 19 % of (38.18 + 3.00); label CNY 17.50 + 56.00 x 0.2 kg.
    assert amounts(answer) == {
        "duty": -300,
        "tax": -782,
        "freight": -359,
        "commission": -294,
        "payment": -69,
        "cost": -763,
    }
    [waterfall] = answer.waterfalls
    assert waterfall.keep == Money(Decimal("23.33"), "EUR")
    assert waterfall.keep_base == Money(Decimal("186.64"), "CNY")
    assert waterfall.landing.declared == Money(Decimal("38.18"), "EUR")
    assert waterfall.buyer_total == waterfall.price
    assert waterfall.is_complete
    assert waterfall.worst.case == "alone"


def test_the_collector_and_the_rows_are_named(ask):
    [waterfall] = ask("DE", price=4900).waterfalls
    tax = next(line for line in waterfall.lines if line.code == "tax")

    assert tax.note == "collector:marketplace"
    assert {"EU-IOSS-2021", "EU-DUTY-3"} <= set(tax.rows)


def test_a_british_price_has_no_duty(ask):
    answer = ask("GB", price=6000)

    assert (amounts(answer)["duty"], amounts(answer)["tax"]) == (0, -1000)


def test_romania_takes_its_parcel_fee(ask):
    assert amounts(ask("RO", price=20000))["border_fees"] == -2500


def test_where_prices_are_without_tax_the_buyer_pays_on_top(ask, product, now):
    state_tariff(product, "US", "0.165", now, section_301_cn_rate="0.075")
    answer = ask("US", price=4000)
    [waterfall] = answer.waterfalls

    assert (amounts(answer)["duty"], amounts(answer)["tax"]) == (0, 0)
    assert waterfall.lines[0].note == "buyer_pays"
    assert waterfall.buyer_total == waterfall.price + waterfall.landing.charges
    assert waterfall.landing.charges.minor > 0


def test_what_is_not_known_is_named_and_never_zero(ask, variant):
    variant.cost_minor = variant.weight_g = 0
    variant.save()
    [waterfall] = ask("DE", price=4900).waterfalls

    assert waterfall.unknown == ("freight", "cost")
    assert [line.note for line in waterfall.lines if line.amount is None] == [
        "no_weight",
        "not_told",
    ]
    assert waterfall.keep == Money(Decimal("34.55"), "EUR")


def test_without_a_rule_nothing_is_guessed(ask):
    [waterfall] = ask("DE", price=30000).waterfalls

    assert waterfall.unknown == ("duty", "tax")
    assert isinstance(waterfall.error, LandedCostError)
    assert waterfall.worst.case == "unknown"


def test_a_basket_that_leaves_the_low_value_scheme_is_the_worst_case(ask, product, now):
    state_tariff(product, "DE", "0.12", now)
    [waterfall] = ask("DE", price=9900).waterfalls

    # Two pieces leave the scheme up to EUR 150: 12 % duty and 19 % on both, 49.92 in all.
    assert waterfall.landing.charges.minor == 1881
    assert waterfall.keep.minor - waterfall.worst.keep.minor == 2496 - 1881
    assert waterfall.worst.case == "basket"
    assert waterfall.worst.keep.minor < waterfall.keep.minor


def test_a_basket_nobody_can_work_out_is_said(ask):
    worst = ask("DE", price=9900).waterfalls[0].worst

    assert (worst.case, worst.keep) == ("unknown", None)
    assert "tariff rate" in worst.reason


def test_in_custody_a_supply_price_less_the_cost_is_kept(ask):
    answer = ask("DE", price=2000, model="custody")

    assert amounts(answer) == {"cost": -763}
    assert answer.waterfalls[0].keep == Money(Decimal("12.37"), "EUR")


def test_from_an_overseas_warehouse_the_label_is_local_and_the_border_unknown(ask, scoped):
    NodeFactory(merchant=scoped, kind=Node.Kind.OVERSEAS_WAREHOUSE, country="DE")
    answer = ask("DE", price=4900, model="overseas")

    assert (amounts(answer)["duty"], amounts(answer)["tax"]) == (None, None)
    # CNY 4.50 + 1.80 x 0.2 kg
    assert amounts(answer)["freight"] == -61


def test_another_heading_is_another_one():
    assert (other_heading("610910"), other_heading("610990")) == ("610990", "610910")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minor=st.integers(1, 60_000), code=st.sampled_from(["DE", "GB", "RO", "BR", "AU"]))
def test_the_declared_value_is_the_largest_that_fits_the_price(book, now, minor, code):
    dated = rules_for(code, now.date())
    price = Money.from_minor(minor, "EUR")
    fx = _rates(dated, now)

    def make(declared):
        item = Item(declared, 1, "610910", "CN", Decimal("0.12"))
        return make_sale(code, now.date(), currency="EUR", items=(item,), fx=fx)

    found = land(dated.book, make, price, is_included=True)
    assert found.quote == dated.book.quote(make(found.declared.amount))

    def paid(declared):
        quote = dated.book.quote(make(Money.from_minor(declared, "EUR").amount))
        return declared + Money.rounded(quote.total_charges, "EUR").minor

    declared = found.declared.minor
    is_jump = declared > 1 and paid(declared) - paid(declared - 1) > 5
    if is_jump and paid(declared) > minor:
        assert paid(declared - 1) <= minor
    else:
        assert paid(declared) <= minor or declared == 1
        assert paid(declared + 1) > minor


def _rates(dated, now):
    from apps.markets.landed.sale import Rate
    from apps.markets.selectors.dated_rates import load_day_rates

    rates = load_day_rates({*dated.currencies, "EUR"}, now.date())
    found = {code: rates.find(code, "EUR") for code in dated.currencies - {"EUR"}}
    return {code: Rate(rate.rate, Decimal(1)) for code, rate in found.items() if rate}


@pytest.mark.parametrize("code", ["DE", "FR", "GB", "JP", "RO"])
@pytest.mark.parametrize("price", [1, 250, 4900, 12000, 14999])
def test_the_lines_sum_to_the_price(ask, code, price):
    for waterfall in ask(code, price=price).waterfalls:
        known = [line.amount.minor for line in waterfall.lines if line.amount is not None]
        assert price + sum(known) == waterfall.keep.minor
        assert all(amount <= 0 for amount in known)
        assert waterfall.worst.keep is None or waterfall.worst.keep.minor <= waterfall.keep.minor
