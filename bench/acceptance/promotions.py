"""Promotions: totals, discounts and gifts of carts (layout of ``promotion_cases.json``).

A case passes when every amount it expects comes out to the cent. Universal cases are priced with the
default policy, the others with the one their sentence names; ``parts`` of the score keeps them apart.
Taxes are no business of the engine: net and gross are worked out here, line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from apps.common.money import precision
from apps.promotions.pricing.confirm import changes
from apps.promotions.pricing.program import Program, compile_program
from apps.promotions.pricing.quote import Quote
from bench.acceptance.case import CaseResult
from bench.acceptance.promotion_cases import (
    MARKET,
    MOMENT,
    currency_of,
    read_cart,
    read_policy,
)
from bench.acceptance.promotion_rows import read_rows

Case = Mapping[str, Any]


def run(case_file: Path) -> Iterator[CaseResult]:
    """Yield each case of the file with what the engine answers."""
    content = json.loads(case_file.read_text())
    for case in content["cases"] if isinstance(content, dict) else content:
        expected = {name: _plain(value, name) for name, value in case["expect"].items()}
        yield CaseResult(case["id"], expected, answer(case), part=case.get("scope", "all"))


def answer(case: Case) -> dict[str, object]:
    """Return the engine's answers to what the case expects."""
    try:
        outcome = Outcome(case)
        return {
            name: _asked(_plain(outcome.value(name), name), wanted)
            for name, wanted in case["expect"].items()
        }
    except (KeyError, ValueError, TypeError, InvalidOperation) as error:
        return {"unreadable case": f"{type(error).__name__}: {error}"}


def compile_case(case: Case) -> Program:
    """Return the program of the promotions of a case."""
    return compile_program(
        read_rows(case), read_policy(case), market=MARKET, currency=currency_of(case)
    )


class Outcome:
    """A case priced: every figure that files of this layout may expect, by its name."""

    def __init__(self, case: Case) -> None:
        """Price the cart of the case."""
        self.case = case
        self.currency = currency_of(case)
        self.tax: Case = case.get("tax") or {}
        self.program = compile_case(case)
        self.quote = self.program.quote(read_cart(case))

    def value(self, name: str) -> object:
        """Return a figure; one that is not known raises ``KeyError``."""
        return _FIGURES[name](self)

    def major(self, minor: int) -> Decimal:
        """Return an amount in the unit of the file."""
        return Decimal(minor).scaleb(-precision(self.currency))

    def rounded(self, value: Decimal) -> Decimal:
        """Return an amount rounded half up to the minor unit."""
        return value.quantize(self.major(1), rounding=ROUND_HALF_UP)

    @property
    def has_net_prices(self) -> bool:
        """Whether tax comes on top of the prices."""
        return self.tax.get("prices_include_tax") is False

    def rate(self, sku: str = "") -> Decimal:
        """Return the tax rate of a line as a fraction; without a SKU that of shipping."""
        rates = self.tax.get("rates") or {}
        lines = {line["sku"]: line.get("tax_class", "standard") for line in self.case["lines"]}
        return Decimal(rates.get(lines.get(sku, "standard"), self.tax.get("rate", "0"))) / 100

    def taxed(self, amount: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
        """Return net and gross of an amount by whether prices include tax."""
        if self.has_net_prices:
            return amount, self.rounded(amount * (1 + rate))
        return self.rounded(amount / (1 + rate)), amount

    def goods_taxed(self) -> tuple[Decimal, Decimal]:
        """Return net and gross of the goods, worked out line by line."""
        pairs = [self.taxed(self.major(one.total), self.rate(one.sku)) for one in self.quote.lines]
        return sum((net for net, _ in pairs), Decimal(0)), sum(
            (gross for _, gross in pairs), Decimal(0)
        )

    def all_taxed(self) -> tuple[Decimal, Decimal]:
        """Return net and gross of goods and shipping."""
        net, gross = self.goods_taxed()
        fee_net, fee_gross = self.taxed(self.major(self.quote.shipping_total), self.rate())
        return net + fee_net, gross + fee_gross

    def shipping_taxed(self, amount: int) -> tuple[Decimal, Decimal]:
        """Return a shipping fee without and with tax; a case may state both instead of a rate."""
        net = self.major(amount)
        if "shipping_incl" in self.tax:
            factor = Decimal(self.tax["shipping_incl"]) / Decimal(self.tax["shipping_excl"])
            return net, self.rounded(net * factor)
        return net, self.rounded(net * (1 + self.rate()))

    def line_discounts(self) -> dict[str, Decimal]:
        """Return what was taken off each SKU."""
        found: dict[str, Decimal] = {}
        for line in self.quote.lines:
            off = self.major(line.before - line.total)
            found[line.sku] = found.get(line.sku, Decimal(0)) + off
        return found

    def unit_prices(self) -> dict[str, Decimal]:
        """Return what a unit of each SKU costs in the end."""
        return {
            line.sku: self.rounded(self.major(line.total) / line.quantity)
            for line in self.quote.lines
        }

    def unit_discounts(self) -> dict[str, list[Decimal]]:
        """Return what was taken off each unit, by SKU."""
        found: dict[str, list[Decimal]] = {}
        for unit in self.quote.units:
            off = self.major(sum(amount for _promotion, amount in unit.discounts))
            found.setdefault(unit.sku, []).append(off)
        return found

    def by_promotion(self) -> dict[str, dict[str, Decimal]]:
        """Return what each promotion took off each SKU."""
        found: dict[str, dict[str, Decimal]] = {}
        for share in self.quote.shares:
            of_one = found.setdefault(share.promotion, {})
            of_one[share.sku] = of_one.get(share.sku, Decimal(0)) + self.major(share.amount)
        return found

    def taken(self, *levels: str) -> Decimal:
        """Return what the promotions of some levels took off the goods."""
        known = {rule.ident: rule.level for rule in self.program.rules}
        of_levels = [one.goods for one in self.quote.applied if known[one.promotion] in levels]
        return self.major(sum(of_levels))

    def catalog_unit_discount(self) -> Decimal:
        """Return what the shown price of a unit of the first line is below its list price."""
        first = self.quote.lines[0]
        return self.rounded(self.major(first.before - first.shown) / first.quantity)

    def consumed_units(self) -> int:
        """Return the units that promotions used up: those of sets, else those discounted."""
        used = self.quote.consumed
        return sum(used.get(one.promotion, one.units) for one in self.quote.applied)

    def all_units(self) -> int:
        """Return the units in the cart."""
        return sum(line.quantity for line in self.quote.lines)

    def gift_lines(self) -> list[dict[str, object]]:
        """Return the gifts with the facts that the case asks for."""
        wanted = [set(line) for line in self.case["expect"].get("gift_lines", ())]
        found: list[dict[str, object]] = []
        for number, gift in enumerate(self.quote.gifts):
            facts = {"sku": gift.sku, "qty": gift.quantity, "unit_price": Decimal(0)}
            facts["list_price"] = self.major(gift.list_price)
            asked = wanted[number] if number < len(wanted) else set(facts)
            found.append({name: value for name, value in facts.items() if name in asked})
        return found

    def list_items_total(self) -> Decimal:
        """Return the goods with the gifts at their list price."""
        gifts = sum(gift.quantity * gift.list_price for gift in self.quote.gifts)
        return self.major(self.quote.goods_total + gifts)

    def confirmed(self) -> tuple[bool, Quote]:
        """Return whether the order is placed when confirmed later, and the quote it has then."""
        later = self.program.quote(read_cart(self.case, MOMENT + timedelta(hours=2)))
        return not changes(self.quote, later), later

    def message(self) -> str:
        """Return what the buyer is told when the order is not placed."""
        _is_placed, later = self.confirmed()
        lapsed = [change for change in changes(self.quote, later) if change.reason]
        return "promotion is no longer applied" if lapsed else ""

    def grand_total(self) -> Decimal:
        """Return goods and shipping, with tax where prices exclude it."""
        return self.all_taxed()[1] if self.has_net_prices else self.major(self.quote.total)

    def coupon_error(self) -> bool:
        """Return whether a code the buyer entered gave nothing."""
        return any(code.reason for code in self.quote.codes)

    def shipping_discount(self) -> Decimal:
        """Return what was taken off the shipping fee."""
        return self.major(self.quote.shipping_discount)


_FIGURES = {
    "discount_total": lambda one: one.major(one.quote.discount),
    "items_total": lambda one: one.major(one.quote.goods_total),
    "shipping_total": lambda one: one.major(one.quote.shipping_total),
    "shipping_discount": Outcome.shipping_discount,
    "grand_total": Outcome.grand_total,
    "applied": lambda one: [applied.promotion for applied in one.quote.applied],
    "not_applied": lambda one: [r.promotion for r in one.quote.reasons if not r.is_partial],
    "line_discounts": Outcome.line_discounts,
    "line_totals": lambda one: {line.sku: one.major(line.total) for line in one.quote.lines},
    "unit_prices": Outcome.unit_prices,
    "unit_discounts": Outcome.unit_discounts,
    "by_promotion": Outcome.by_promotion,
    "sum_of_line_discounts": lambda one: sum(one.line_discounts().values(), Decimal(0)),
    "catalog_unit_discount": Outcome.catalog_unit_discount,
    "order_discount": lambda one: one.taken("order"),
    "item_discount": lambda one: one.taken("product"),
    "consumed_units": Outcome.consumed_units,
    "unconsumed_units": lambda one: one.all_units() - one.consumed_units(),
    "coupon_error": Outcome.coupon_error,
    "gift_lines": Outcome.gift_lines,
    "list_items_total": Outcome.list_items_total,
    "net": lambda one: one.goods_taxed()[0],
    "gross": lambda one: one.goods_taxed()[1],
    "tax_total": lambda one: one.all_taxed()[1] - one.all_taxed()[0],
    "net_after_item_only": lambda one: (
        one.major(one.quote.goods_before) - one.taken("shown", "product")
    ),
    "total_net": lambda one: one.all_taxed()[0],
    "total_gross": lambda one: one.all_taxed()[1],
    "shipping_excl_tax": lambda one: one.shipping_taxed(one.quote.shipping_total)[0],
    "shipping_incl_tax": lambda one: one.shipping_taxed(one.quote.shipping_total)[1],
    "shipping_net_before": lambda one: one.shipping_taxed(one.quote.shipping_before)[0],
    "shipping_gross_before": lambda one: one.shipping_taxed(one.quote.shipping_before)[1],
    "order_placed": lambda one: one.confirmed()[0],
    "message": Outcome.message,
    "second_confirm_total": lambda one: one.major(one.confirmed()[1].total),
}


def _asked(actual: object, wanted: object) -> object:
    """Return the part of a figure that a case asks about; what is not there is nothing taken."""
    if isinstance(actual, Mapping) and isinstance(wanted, Mapping):
        nothing = {
            name: {} if isinstance(one, Mapping) else Decimal(0) for name, one in wanted.items()
        }
        return {name: _asked(actual.get(name, nothing[name]), one) for name, one in wanted.items()}
    if isinstance(actual, Mapping) and isinstance(wanted, str):  # asked for all of it together
        return sum((one for one in actual.values() if isinstance(one, Decimal)), Decimal(0))
    return actual


def _plain(value: object, name: str = "") -> object:
    """Return a value in the form in which two of them are compared: amounts as decimals."""
    if isinstance(value, Mapping):
        return {key: _plain(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        found = [_plain(one) for one in value]
        is_set = name in {"applied", "not_applied"} or all(isinstance(x, Decimal) for x in found)
        return sorted(found) if is_set else found  # type: ignore[type-var]
    if isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
