"""What holds for every basket: exact, repeatable, monotone, and equal to the plain evaluation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.markets.landed.book import Book, compile_book
from apps.markets.landed.result import LandedCostError
from apps.markets.landed.rows import markets_of
from apps.markets.landed.sale import CHANNELS, Item, Rate, Sale
from apps.markets.reference_rules import packaged_rows
from bench.perf.landed_reference import evaluate

COUNTRIES = sorted(
    ({str(row["market"]) for row in packaged_rows()} - {"EU"}) | {"DE", "EE", "LU", "BE"}
)


def days_of(country: str) -> list[date]:
    """Return the first and last days of the country's rows that a person may meet, and today."""
    days = {
        date.fromisoformat(str(row[name]))
        for row in packaged_rows()
        for name in ("effective_from", "effective_to")
        if row["market"] in markets_of(country) and row[name]
    }
    today = date(2026, 11, 25)
    return [today, *sorted(day for day in days if day >= date(2025, 1, 1))]


CURRENCIES = ("EUR", "USD", "JPY", "GBP")
RATES = (
    "EUR=0.9 USD=1.05 RON=4.6 GBP=0.8 AUD=1.5 NZD=1.7 CAD=1.4 JPY=150 SGD=1.3 MYR=4.4 THB=34 "
    "VND=25000 PHP=57 SAR=3.75 AED=3.67 NOK=11 CHF=0.88 TWD=32"
)
FX = {
    code: Rate(sale=Decimal(1), other=Decimal(rate))
    for code, _, rate in (word.partition("=") for word in RATES.split())
}
FACTS = {"section_301_cn_rate": Decimal("0.075"), "ieepa_rate": Decimal("0.2")}
HEADINGS = ("610910", "640411", "850440", "490199", "330499", "910211", "220410", "020130")
ORIGINS = ("CN", "HK", "VN", "DE", "US", "MX", "BR", "JP", "CH")
PARTS = ("duty", "tax", "fees", "landed_total", "collector", "row_ids")

prices = st.one_of(st.decimals("0.01", "60", places=2), st.decimals("60", "4000", places=2))
items = st.builds(
    Item,
    unit_price=prices,
    quantity=st.integers(1, 4),
    hs6=st.sampled_from(HEADINGS),
    origin=st.sampled_from(ORIGINS),
    tariff_rate=st.sampled_from(
        [*map(Decimal, ("0", "0.065", "0.12", "0.165", "0.25", "0.375")), None]
    ),
)


@st.composite
def sales(draw) -> Sale:
    country = draw(st.sampled_from(COUNTRIES))
    return Sale(
        destination=country,
        sold_on=draw(st.sampled_from(days_of(country))),
        currency=draw(st.sampled_from(CURRENCIES)),
        items=tuple(draw(st.lists(items, min_size=1, max_size=4))),
        shipping=draw(st.decimals("0", "60", places=2)),
        insurance=draw(st.decimals("0", "9", places=2)),
        region=draw(st.sampled_from(["ON", "NS", "MG", "NI", ""])),
        ship_from=draw(st.sampled_from(["", "US", "CN", "DE"])),
        channel=draw(st.sampled_from(("courier", *CHANNELS))),
        is_certified_platform=draw(st.booleans()),
        facts=draw(st.sampled_from([FACTS, {}, {**FACTS, "duty_option": "ad_valorem_by_fact"}])),
        fx=FX,
        digits=2,
    )


@cache
def book(country: str, on: date) -> Book:
    return compile_book(packaged_rows(), country, on)


def outcome(sale: Sale) -> dict[str, object]:
    try:
        quote = book(sale.destination, sale.sold_on).quote(sale)
    except LandedCostError as error:
        return {"error": error.code, "charge": getattr(error, "charge", "")}
    return {name: getattr(quote, name) for name in PARTS}


def plain(sale: Sale) -> dict[str, object]:
    try:
        return evaluate(packaged_rows(), sale)
    except LandedCostError as error:
        return {"error": error.code, "charge": getattr(error, "charge", "")}


@settings(max_examples=600, deadline=None)
@given(sales())
def test_the_compiled_book_says_what_plain_evaluation_says(sale):
    assert outcome(sale) == plain(sale)


@settings(max_examples=300, deadline=None)
@given(sales())
def test_a_price_names_its_rows_is_exact_and_adds_up(sale):
    try:
        quote = book(sale.destination, sale.sold_on).quote(sale)
    except LandedCostError:
        return
    assert quote.row_ids
    amounts = (quote.duty, quote.tax, quote.fees, quote.total_charges, quote.landed_total)
    assert all(type(amount) is Decimal and amount >= 0 for amount in amounts)
    assert all(amount == round(amount, 2) for amount in amounts)
    assert quote.total_charges == quote.duty + quote.tax + quote.fees
    assert {step.row_id for step in quote.steps} <= set(quote.row_ids)
    assert not any(isinstance(value, float) for step in quote.steps for value in step)


@settings(max_examples=100, deadline=None)
@given(sales())
def test_a_quote_has_the_same_bytes_from_a_book_compiled_again(sale):
    first = book(sale.destination, sale.sold_on)
    again = compile_book(tuple(reversed(packaged_rows())), sale.destination, sale.sold_on)
    try:
        quote = first.quote(sale)
    except LandedCostError as error:
        with pytest.raises(type(error)):
            again.quote(sale)
        return
    assert again.quote(sale).as_bytes() == quote.as_bytes()


BANDS = [
    ("DE", "EUR", "0.01", "150"),
    ("DE", "EUR", "150.01", "3000"),
    ("GB", "GBP", "0.01", "135"),
    ("BR", "USD", "0.01", "50"),
    ("BR", "USD", "50.01", "3000"),
    ("ID", "USD", "3.01", "1500"),
    ("MX", "USD", "0.01", "2500"),
    ("NO", "NOK", "0.01", "2999.99"),
    ("US", "USD", "0.01", "2500"),
]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(BANDS))
def test_inside_a_band_a_dearer_item_never_costs_less_to_land(data, band):
    country, currency, low, high = band
    cheap, dear = sorted(data.draw(st.decimals(low, high, places=2)) for _number in range(2))
    charges = [
        book(country, date(2026, 7, 25))
        .quote(
            Sale(
                destination=country,
                sold_on=date(2026, 7, 25),
                currency=currency,
                items=(Item(price, 1, "850440", "CN", Decimal("0.12")),),
                facts=FACTS,
                fx=FX,
            )
        )
        .total_charges
        for price in (cheap, dear)
    ]
    assert charges[0] <= charges[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": (Item(Decimal(0), 1, "610910", "CN"),)}, "at least one item"),
        ({"items": ()}, "at least one item"),
        ({"shipping": 1.5}, "shipping"),
        ({"insurance": Decimal(-1)}, "insurance"),
        ({"channel": "drone"}, "channel"),
    ],
)
def test_a_sale_that_cannot_be_is_refused(changes, message):
    fields = {
        "destination": "DE",
        "sold_on": date(2026, 7, 1),
        "currency": "EUR",
        "items": (Item(Decimal(1), 1, "610910", "CN"),),
    }
    with pytest.raises(ValueError, match=message):
        Sale(**{**fields, **changes})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"unit_price": 1.5}, "unit_price"),
        ({"unit_price": Decimal(-1)}, "unit_price"),
        ({"quantity": 0}, "quantity"),
        ({"tariff_rate": 0.1}, "tariff_rate"),
    ],
)
def test_an_item_that_cannot_be_is_refused(fields, message):
    whole = {"unit_price": Decimal(1), "quantity": 1, "hs6": "610910", "origin": "CN"}
    with pytest.raises(ValueError, match=message):
        Item(**{**whole, **fields})
