"""Every shipped row prices what it should on both sides of its boundaries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from apps.markets.landed.book import compile_book, compile_row
from apps.markets.landed.result import MissingRateError, NoRuleError
from apps.markets.landed.sale import Item, Rate, Sale
from apps.markets.reference_rules import packaged_rows
from bench.acceptance import landed_cost
from bench.perf.landed_reference import evaluate
from tests.markets.landed_table import REFUSED, TABLE

CASES = Path(__file__).parent / "data" / "landed_cost_cases.json"
# These rows price nothing themselves: a gate, and two that nobody has confirmed.
SILENT = {"EU-PRODUCT-ID", "EU-HANDLING-FEE", "IT-FEE-2"}


def items_of(text: str) -> tuple[Item, ...]:
    found = []
    for one in text.split(";"):
        amount, heading, origin, tariff = one.split("/")
        price, quantity = amount.split("*")
        rate = None if tariff == "-" else Decimal(tariff)
        found.append(Item(Decimal(price), int(quantity), heading, origin, rate))
    return tuple(found)


def sale_of(country: str, day: str, currency: str, goods: str, shipping: str, more: str) -> Sale:
    words = dict(word.partition("=")[::2] for word in more.split(",") if word != "-")
    facts: dict[str, Decimal | bool | str] = {
        name: Decimal(words[key])
        for key, name in (("s301", "section_301_cn_rate"), ("ieepa", "ieepa_rate"))
        if key in words
    }
    facts |= {
        name: True for key, name in (("usmca", "usmca"), ("sct", "sct_list_iv")) if key in words
    }
    if "option" in words:
        facts["duty_option"] = words["option"]
    return Sale(
        destination=country,
        sold_on=date.fromisoformat(day),
        currency=currency,
        items=items_of(goods),
        shipping=Decimal(shipping),
        region=next((word for word in words if len(word) == 2), ""),
        ship_from=words.get("from", ""),
        channel="post" if "post" in words else "courier",
        is_certified_platform="uncertified" not in words,
        facts=facts,
        fx={
            code: Rate(sale=Decimal(words[code]), other=Decimal(1))
            for code in ("EUR", "RON", "USD")
            if code in words
        },
        digits=2,
    )


def quote(sale: Sale):
    return compile_book(packaged_rows(), sale.destination, sale.sold_on).quote(sale)


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("line", lines(TABLE))
def test_a_row_prices_the_sale(line):
    *sale, duty, tax, fees, collector, rows = line.split()
    found = quote(sale_of(*sale))

    assert (found.duty, found.tax, found.fees) == tuple(map(Decimal, (duty, tax, fees)))
    assert (found.collector, sorted(found.row_ids)) == (collector, rows.split(","))
    assert found.landed_total == found.total_charges + Decimal(sale[4]) + sum(
        item.unit_price * item.quantity for item in items_of(sale[3])
    )


@pytest.mark.parametrize("line", lines(TABLE))
def test_plain_evaluation_says_the_same(line):
    sale = sale_of(*line.split()[:6])
    found = quote(sale)

    assert evaluate(packaged_rows(), sale) == {
        "duty": found.duty,
        "tax": found.tax,
        "fees": found.fees,
        "landed_total": found.landed_total,
        "collector": found.collector,
        "row_ids": found.row_ids,
    }


@pytest.mark.parametrize("line", lines(REFUSED))
def test_what_no_row_answers_is_an_error(line):
    *sale, charge = line.split()
    with pytest.raises(NoRuleError) as refusal:
        quote(sale_of(*sale))

    assert (refusal.value.code, refusal.value.charge) == ("NO_RULE", charge)


def test_every_row_is_covered_by_the_table():
    priced = {ident for line in lines(TABLE) for ident in line.split()[-1].split(",")}

    assert priced | SILENT == {row["id"] for row in packaged_rows()}


def test_the_supplied_cases_pass_and_name_their_rows(capsys):
    results = list(landed_cost.run(CASES))

    assert len(results) == 27
    assert [case for case in results if not case.passed] == []
    assert "remark" not in capsys.readouterr().out


def test_a_wrong_amount_in_a_case_fails_it(tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(CASES.read_text().replace('"tax": "16.15"', '"tax": "16.14"'))

    assert [case.name for case in landed_cost.run(file) if not case.passed] == ["EU-01"]


def test_an_unreadable_case_fails_alone(tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(CASES.read_text().replace('"unit_price": "390"', '"unit_price": "x"'))

    failed = [case for case in landed_cost.run(file) if not case.passed]

    assert [case.name for case in failed] == ["SG-01"]
    assert "unreadable" in str(failed[0].actual)


@pytest.mark.parametrize(
    ("fx", "expected"),
    [
        ({"EURRON": "5"}, "5"),
        ({"EUR/RON": "5"}, "5"),
        ({"RON_EUR": "0.2"}, "5"),
        ({"EUR": "5"}, "5"),
        ({"EUR": "0.2"}, "5"),
        ({"RON": "5", "EUR": "1"}, "5"),
    ],
)
def test_a_case_may_write_its_rate_in_either_direction(fx, expected):
    rate = landed_cost.read_rates(fx, "RON", date(2026, 8, 1))["EUR"]

    assert rate.sale / rate.other == Decimal(expected)


@pytest.mark.parametrize("written", ["950", "0.00105263"])
def test_a_currency_without_a_reference_rate_is_read_in_either_direction(written):
    rate = landed_cost.read_rates({"USD": written}, "CLP", date(2026, 8, 1))["USD"]

    assert round(rate.sale / rate.other) == 950


def test_pending_rows_price_nothing_and_raise_a_banner():
    found = quote(sale_of("IT", "2026-11-02", "EUR", "20*1/610910/CN/0", "0", "-"))

    assert found.fees == 0
    assert [(banner.kind, banner.row_id) for banner in found.banners] == [
        ("pending", "EU-HANDLING-FEE"),
        ("pending", "IT-FEE-2"),
    ]


def test_low_value_parcels_to_the_union_need_product_identifiers_since_november():
    need = ("merchant_product_id", "manufacturer_product_id")
    goods = "{}*1/610910/CN/0"

    assert quote(sale_of("DE", "2026-10-31", "EUR", goods.format(150), "0", "-")).gates == ()
    assert quote(sale_of("DE", "2026-11-01", "EUR", goods.format(150), "0", "-")).gates == need
    assert quote(sale_of("DE", "2026-11-01", "EUR", goods.format(151), "0", "-")).gates == ()


def test_unconfirmed_rows_are_said_to_be_so():
    found = quote(sale_of("KR", "2026-07-01", "USD", "100*1/610910/CN/0", "0", "-"))

    assert [(banner.kind, banner.row_id) for banner in found.banners] == [("caution", "KR-150")]


def test_a_row_in_a_foreign_currency_needs_a_rate():
    with pytest.raises(MissingRateError) as refusal:
        quote(sale_of("RO", "2026-08-01", "EUR", "100*1/610910/CN/0", "0", "-"))

    assert (refusal.value.code, refusal.value.currency) == ("NO_RATE", "RON")


def test_the_trace_shows_each_step():
    found = quote(sale_of("FR", "2026-07-15", "EUR", "20*2/610910/CN/0;60*1/640411/CN/0", "0", "-"))

    assert [
        (step.what, step.row_id, step.base, step.rate, step.amount) for step in found.steps
    ] == [
        ("duty a piece", "EU-DUTY-3", 2, 3, 6),
        ("VAT", "EU-IOSS-2021", 106, Decimal("0.2"), Decimal("21.2")),
        ("fee a piece", "FR-FEE-2", 2, 2, 4),
    ]


def test_charges_have_the_decimals_of_the_currency_unless_told_otherwise():
    sale = sale_of("JP", "2026-07-01", "JPY", "10001*1/850440/CN/0.1", "1000", "-")
    yen = Sale(
        destination="JP",
        sold_on=sale.sold_on,
        currency="JPY",
        items=sale.items,
        shipping=sale.shipping,
    )

    assert str(quote(yen).duty) == "1100"
    assert str(quote(sale).duty) == "1100.10"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"duty": {"type": "magic"}}, "duty.type 'magic'"),
        ({"duty": {"type": "flat", "amount": "1", "currency": "EUR", "unit": "kg"}}, "duty.unit"),
        ({"duty": {"type": "ad_valorem", "rate": "0.1", "base": "FOB"}}, "duty.base"),
        ({"tax": {"name": "VAT", "rate": "0.2", "base": ["everything"]}}, "everything"),
        (
            {
                "threshold": {
                    "amount": "1",
                    "currency": "EUR",
                    "operator": "<=",
                    "measure": "weight",
                }
            },
            "threshold.measure",
        ),
    ],
)
def test_a_row_that_cannot_be_interpreted_is_refused_by_name(change, message):
    row = {**packaged_rows()[0], **change}
    with pytest.raises(ValueError, match=message) as refusal:
        compile_row(row, "US", date(2025, 1, 1))

    assert "US-DM-800" in str(refusal.value)


def test_a_book_prices_only_its_country_and_day():
    book = compile_book(packaged_rows(), "DE", date(2026, 7, 1))
    with pytest.raises(ValueError, match="DE on 2026-07-01"):
        book.quote(sale_of("FR", "2026-07-01", "EUR", "1*1/610910/CN/0", "0", "-"))
