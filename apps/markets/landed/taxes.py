"""The tax of a row as a closure: its base, and its rate by country, province or state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from apps.markets.landed.consignment import Consignment, Group
from apps.markets.landed.result import NoRuleError, Step
from apps.markets.landed.rows import Row, decimal, part, parts, text, words

Tax = Callable[[Consignment, Group, Decimal], Decimal]
RegionRate = Callable[[str], Decimal]
_ZERO, _ONE = Decimal(0), Decimal(1)
_BASES = {"goods", "shipping", "insurance", "duty", "duty_if_charged_to_buyer", "icms_itself"}


def compile_tax(row: Row, country: str, on: date) -> Tax:
    """Return the tax of ``row["tax"]`` on a group and its rounded duty, not rounded itself.

    Without a tax in the row nothing is due. ``icms_itself`` in the base means that the tax is part
    of its own base: base x r / (1 - r). Unknown bases raise ``ValueError``.
    """
    ident, tax = text(row, "id"), part(row, "tax")
    if not tax:
        return lambda _consignment, _group, _duty: _ZERO
    bases = set(words(tax, "base"))
    if bases - _BASES:
        raise ValueError(f"{ident}: tax.base knows no {', '.join(sorted(bases - _BASES))}")
    rate_of = compile_rate(ident, tax, country, on)
    has_shipping, has_insurance = "shipping" in bases, "insurance" in bases
    has_duty = bool(bases & {"duty", "duty_if_charged_to_buyer"})
    is_inside, name = "icms_itself" in bases, text(tax, "name", "tax")

    def charge(consignment: Consignment, group: Group, duty: Decimal) -> Decimal:
        base = group.goods
        if has_shipping:
            base += group.shipping
        if has_insurance:
            base += group.insurance
        if has_duty:
            base += duty
        rate = rate_of(consignment.sale.region)
        amount = base * rate / (_ONE - rate) if is_inside else base * rate
        consignment.steps.append(Step(name, ident, base, rate, amount))
        return amount

    return charge


def compile_rate(ident: str, tax: Row, country: str, on: date) -> RegionRate:
    """Return the rate by the region of the sale; for a bloc it is the one of the country."""
    rate = tax.get("rate")
    if not isinstance(rate, dict):
        fixed = Decimal(str(rate))
        return lambda _region: fixed
    rates = {region: Decimal(str(value)) for region, value in part(rate, "rates").items()}
    for change in reversed(parts(tax, "earlier")):
        if on.isoformat() <= text(change, "until"):
            rates[text(change, "region")] = decimal(change, "rate")
    if text(rate, "type") == "destination_member_state":
        of_country = rates[country]
        return lambda _region: of_country
    if text(rate, "rates_from") > on.isoformat():
        rates = {}
    if "default" in rate:
        default = decimal(rate, "default")
        return lambda region: rates.get(region, default)
    return _by_region(ident, rates)


def _by_region(ident: str, rates: dict[str, Decimal]) -> RegionRate:
    def rate(region: str) -> Decimal:
        found = rates.get(region)
        if found is None:
            known = ", ".join(sorted(rates))
            reason = f"the region {region!r} has no rate; known: {known}"
            raise NoRuleError("tax", reason, row_ids=(ident,))
        return found

    return rate
