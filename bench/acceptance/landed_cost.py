"""Landed cost: duty, tax, fees, total and collector of a sale (layout of ``landed_cost_cases.json``).

A case passes when all amounts agree to the cent and the collector, an expected error and the data
that must block the parcel (``blocked_if_missing``) agree too. Amounts are rounded to the two decimals
the file states, whatever the currency's own minor unit. A difference in the rows used is printed as
a remark and does not fail a case whose amounts agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from currency_converter import CurrencyConverter, RateNotFoundError

from apps.markets.landed.book import compile_book
from apps.markets.landed.result import LandedCostError, Quote
from apps.markets.landed.sale import Item, Rate, Sale
from apps.markets.reference_rules import packaged_rows
from bench.acceptance.case import CaseResult

DECIMALS = 2
AMOUNTS = ("duty", "tax", "fees", "total_charges", "landed_total")
_CHANNELS = {"post": "post", "postal": "post", "mail": "post", "sea": "sea", "land": "land"}
_ALIASES = {"EL": "GR", "UK": "GB"}
_REGION = ("region", "province", "state", "destination_region", "destination_province")
_SHIP_FROM = (
    "ship_from",
    "shipped_from",
    "place_of_shipment",
    "ship_from_country",
    "shipment_country",
    "dispatch_country",
)
_CERTIFIED = ("certified_platform", "remessa_conforme", "is_certified_platform", "prc")
# Only tells in which direction a rate is written.
_ROUGHLY_PER_DOLLAR = {
    "AED": 4,
    "ARS": 1000,
    "CLP": 900,
    "COP": 4000,
    "KZT": 500,
    "PEN": 4,
    "SAR": 4,
    "TWD": 30,
    "VND": 25000,
}
_FACTS = {"ieepa_rate": "ieepa_rate", "section_301_cn_rate": "section_301_cn_rate"}


def run(case_file: Path) -> Iterator[CaseResult]:
    """Yield each case of the file with what the engine answers."""
    content = json.loads(case_file.read_text())
    for case in content["cases"] if isinstance(content, dict) else content:
        expected, actual = expectation(case), answer(case)
        _remark(case, actual)
        kept = {name: actual.get(name) for name in expected}
        yield CaseResult(case["id"], expected, kept, part=case["destination"])


def expectation(case: Mapping[str, Any]) -> dict[str, object]:
    """Return what the case asks for: an error code, or amounts, collector and gates."""
    if case.get("expect_error"):
        return {"error": case["expect_error"]}
    wanted = case["expected"]
    found: dict[str, object] = {name: Decimal(wanted[name]) for name in AMOUNTS if name in wanted}
    if "collector" in wanted:
        found["collector"] = wanted["collector"]
    if "blocked_if_missing" in case:
        found["gates"] = sorted(case["blocked_if_missing"])
    return {"error": None, **found}


def answer(case: Mapping[str, Any]) -> dict[str, object]:
    """Return the engine's answer in the form of ``expectation``, with the rows used."""
    try:
        quote = price(case)
    except LandedCostError as error:
        return {"error": error.code, "reason": str(error), "rules": list(error.row_ids)}
    except (KeyError, ValueError, InvalidOperation) as error:
        return {"error": f"unreadable case: {error!r}", "rules": []}
    amounts = {name: getattr(quote, name) for name in AMOUNTS}
    return {
        "error": None,
        **amounts,
        "collector": quote.collector,
        "gates": sorted(quote.gates),
        "rules": list(quote.row_ids),
    }


def price(case: Mapping[str, Any]) -> Quote:
    """Return the quote of a case by the shipped rows."""
    sale = read_sale(case)
    return compile_book(packaged_rows(), sale.destination, sale.sold_on).quote(sale)


def read_sale(case: Mapping[str, Any]) -> Sale:
    """Return the sale that a case describes; what it leaves out has the engine's usual value."""
    destination, _, region = str(case["destination"]).partition("-")
    sold_on = date.fromisoformat(case["sale_date"])
    certified = _first(case, _CERTIFIED, default=True)
    return Sale(
        destination=_ALIASES.get(destination, destination),
        region=str(_first(case, _REGION, default=region)).rpartition("-")[2],
        sold_on=sold_on,
        currency=case["currency"],
        items=tuple(_read_item(item) for item in case["items"]),
        shipping=Decimal(str(case.get("shipping", "0"))),
        insurance=Decimal(str(case.get("insurance", "0"))),
        ship_from=str(_first(case, _SHIP_FROM, default="")),
        channel=_CHANNELS.get(str(case.get("channel", "")), "courier"),
        is_certified_platform=certified not in (False, "false", "no", "none"),
        facts=_read_facts(case),
        fx=read_rates(case.get("fx") or {}, case["currency"], sold_on),
        digits=DECIMALS,
    )


def read_rates(fx: Mapping[str, Any], currency: str, on: date) -> dict[str, Rate]:
    """Return the rates of a case by foreign currency.

    ``"EURRON": "5"`` (also with ``/``, ``_`` or ``-`` between) says that one euro costs five lei. A
    single code is read as units of it for one unit of the sale's currency, or the other way round
    where only that is near the reference rate of the European Central Bank, or, for currencies it
    does not quote, near their rough worth.
    """
    found: dict[str, Rate] = {}
    own = Decimal(str(fx.get(currency, "1")))
    for key, value in fx.items():
        rate, codes = Decimal(str(value)), "".join(filter(str.isalpha, key.upper()))
        base, quote = codes[:3], codes[3:]
        if quote == currency:
            found[base] = Rate(sale=rate, other=Decimal(1))
        elif quote and base == currency:
            found[quote] = Rate(sale=Decimal(1), other=rate)
        elif not quote and base != currency:
            found[base] = _nearer(Rate(sale=own, other=rate), currency, base, on)
    return found


def _nearer(rate: Rate, currency: str, other: str, on: date) -> Rate:
    worth = _per_dollar(currency, on), _per_dollar(other, on)
    if worth[0] is None or worth[1] is None:
        return rate
    reference = worth[1] / worth[0]
    turned = Rate(sale=rate.other, other=rate.sale)

    def distance(one: Rate) -> Decimal:
        return abs((one.other / one.sale / reference).ln())

    return min((rate, turned), key=distance)


def _per_dollar(currency: str, on: date) -> Decimal | None:
    if currency in _ROUGHLY_PER_DOLLAR:
        return Decimal(_ROUGHLY_PER_DOLLAR[currency])
    try:
        return Decimal(_history().convert(Decimal(1), "USD", currency, date=on))
    except (RateNotFoundError, ValueError):
        return None


@lru_cache(maxsize=1)
def _history() -> CurrencyConverter:
    return CurrencyConverter(
        decimal=True, fallback_on_wrong_date=True, fallback_on_missing_rate=True
    )


def _read_item(item: Mapping[str, Any]) -> Item:
    tariff = item.get("tariff_rate")
    return Item(
        unit_price=Decimal(str(item["unit_price"])),
        quantity=int(item.get("qty", 1)),
        hs6=str(item["hs6"]),
        origin=str(item["origin"]),
        tariff_rate=None if tariff is None else Decimal(str(tariff)),
        description=str(item.get("description", "")),
        facts=_read_facts(item),
    )


def _read_facts(source: Mapping[str, Any]) -> dict[str, Decimal | bool | str]:
    facts: dict[str, Decimal | bool | str] = {
        fact: Decimal(str(source[name])) for name, fact in _FACTS.items() if name in source
    }
    facts |= {name: bool(source[name]) for name in ("usmca", "sct_list_iv") if name in source}
    if "duty_option" in source:
        facts["duty_option"] = str(source["duty_option"])
    return facts


def _first(case: Mapping[str, Any], names: tuple[str, ...], *, default: object) -> object:
    return next((case[name] for name in names if name in case), default)


def _remark(case: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
    missing = set(case.get("rules", ())) - set(actual["rules"])
    if missing:
        print(f"remark {case['id']}: {', '.join(sorted(missing))} not among {actual['rules']}")
