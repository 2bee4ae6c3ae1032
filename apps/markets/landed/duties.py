"""The duty or fee of a row as a closure: exempt, by value, or flat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from apps.markets.landed.consignment import Consignment, Group
from apps.markets.landed.line_rates import LineRate, by_fact, compile_line_rate
from apps.markets.landed.result import Step
from apps.markets.landed.rows import Row, decimal, part, parts, text

Charge = Callable[[Consignment, Group], Decimal]
_ZERO, _ONE = Decimal(0), Decimal(1)
_TRACE_DIGITS = 6


def compile_charge(row: Row, what: str, on: date) -> Charge:
    """Return the charge of ``row["duty"]``, not rounded; it writes its steps to the consignment.

    An absent duty means that the row owes none. Unknown types and units raise ``ValueError``.
    """
    return _charge_of(text(row, "id"), part(row, "duty"), what, on)


def _charge_of(ident: str, duty: Row, what: str, on: date) -> Charge:
    kind = text(duty, "type", "exempt")
    if kind == "exempt":
        return _exempt(ident, what)
    if kind == "flat":
        return _flat(ident, duty, what)
    if kind == "flat_by_band":
        return _flat_by_band(ident, duty, what, on)
    if kind == "choice":
        return _choice(ident, duty, what, on)
    charge = _by_value(ident, duty, what, compile_line_rate(ident, duty, on))
    return _with_floor(ident, duty, what, charge)


def _exempt(ident: str, what: str) -> Charge:
    def charge(consignment: Consignment, group: Group) -> Decimal:
        consignment.steps.append(Step(f"{what} exempt", ident, group.goods, _ZERO, _ZERO))
        return _ZERO

    return charge


def _by_value(ident: str, duty: Row, what: str, rate_of: LineRate) -> Charge:
    base = text(duty, "base", "goods")
    if base not in {"goods", "cif"}:
        raise ValueError(f"{ident}: duty.base is {base!r}; known: goods, cif")
    is_cif = base == "cif"

    def charge(consignment: Consignment, group: Group) -> Decimal:
        rates = [rate_of(consignment, line.item) for line in group.lines]
        whole = group.cif if is_cif else group.goods
        if len(rates) == 1 or rates.count(rates[0]) == len(rates):
            amount = whole * rates[0]
            consignment.steps.append(Step(what, ident, whole, rates[0], amount))
            return amount
        if is_cif:
            return _by_share(consignment, group, rates, ident, what)
        total = _ZERO
        for line, rate in zip(group.lines, rates, strict=True):
            amount = line.value * rate
            total += amount
            consignment.steps.append(Step(what, ident, line.value, rate, amount))
        return total

    return charge


def _by_share(
    consignment: Consignment, group: Group, rates: list[Decimal], ident: str, what: str
) -> Decimal:
    """Charge each line on its value and its part of the carriage; divided once, at the end."""
    weighted = _ZERO
    for line, rate in zip(group.lines, rates, strict=True):
        weighted += line.value * rate
        share = round(line.value * group.cif / group.goods, _TRACE_DIGITS)
        amount = round(share * rate, _TRACE_DIGITS)
        consignment.steps.append(Step(what, ident, share, rate, amount))
    return weighted * group.cif / group.goods


def _with_floor(ident: str, duty: Row, what: str, inner: Charge) -> Charge:
    """Add what bends a charge by value: an exemption up to a value, a deduction, least and most."""
    currency = text(duty, "currency")
    bounds = [decimal(duty, name) if name in duty else None for name in ("minus", "min", "max")]
    minus, least, most = bounds
    if "exempt_up_to" in duty:
        inner = _with_exemption(ident, part(duty, "exempt_up_to"), what, inner)
    if bounds == [None, None, None]:
        return inner

    def charge(consignment: Consignment, group: Group) -> Decimal:
        amount = before = inner(consignment, group)
        if minus is not None:
            amount = max(amount - consignment.convert(minus, currency, ident), _ZERO)
        if least is not None:
            amount = max(amount, consignment.convert(least, currency, ident))
        if most is not None:
            amount = min(amount, consignment.convert(most, currency, ident))
        if amount != before:
            step = Step(f"{what} after deduction and limits", ident, before, _ONE, amount)
            consignment.steps.append(step)
        return amount

    return charge


def _with_exemption(ident: str, limit: Row, what: str, inner: Charge) -> Charge:
    amount, currency = decimal(limit, "amount"), text(limit, "currency")
    measure, exempt = text(limit, "measure"), _exempt(ident, what)

    def charge(consignment: Consignment, group: Group) -> Decimal:
        value: Decimal = getattr(consignment, measure)
        if value <= consignment.convert(amount, currency, ident):
            return exempt(consignment, group)
        return inner(consignment, group)

    return charge


def _flat(ident: str, duty: Row, what: str) -> Charge:
    amount, currency = decimal(duty, "amount"), text(duty, "currency")
    count = count_of(ident, text(duty, "unit"))

    def charge(consignment: Consignment, group: Group) -> Decimal:
        number = Decimal(count(group))
        each = consignment.convert(amount, currency, ident)
        total = each * number
        consignment.steps.append(Step(f"{what} a piece", ident, number, each, total))
        return total

    return charge


def count_of(ident: str, unit: str) -> Callable[[Group], int]:
    """Return what a flat charge counts: the consignment, pieces, or distinct lines of a declaration.

    Lines of a declaration are distinct by heading, description and origin.
    """
    if unit == "consignment":
        return lambda _group: 1
    if unit == "item":
        return lambda group: sum(line.item.quantity for line in group.lines)
    if unit in {"tariff_line", "declaration_line"}:
        return _distinct_lines
    raise ValueError(f"{ident}: duty.unit {unit!r} is unknown")


def _distinct_lines(group: Group) -> int:
    if len(group.lines) == 1:
        return 1
    return len({(line.item.hs6, line.item.description, line.item.origin) for line in group.lines})


def _flat_by_band(ident: str, duty: Row, what: str, on: date) -> Charge:
    """Return the flat amount a piece whose band holds the rate of the origin."""
    rate_of, currency = by_fact(ident, duty, on), text(duty, "currency")
    bands = [(_band_test(band), decimal(band, "amount")) for band in parts(duty, "bands")]

    def charge(consignment: Consignment, group: Group) -> Decimal:
        total = _ZERO
        for line in group.lines:
            rate = rate_of(consignment, line.item)
            amount = next(amount for holds, amount in bands if holds(rate))
            each = consignment.convert(amount, currency, ident)
            number = Decimal(line.item.quantity)
            total += each * number
            consignment.steps.append(Step(f"{what} a piece", ident, number, each, each * number))
        return total

    return charge


def _band_test(band: Row) -> Callable[[Decimal], bool]:
    if "rate_lt" in band:
        below = decimal(band, "rate_lt")
        return lambda rate: rate < below
    if "rate_lte" in band:
        upto = decimal(band, "rate_lte")
        return lambda rate: rate <= upto
    return lambda _rate: True


def _choice(ident: str, duty: Row, what: str, on: date) -> Charge:
    """Return the option that the sale names by the fact ``duty_option``, else the row's default."""
    options = {
        text(option, "type"): _charge_of(ident, option, what, on)
        for option in parts(duty, "options")
    }
    default = text(duty, "default")

    def charge(consignment: Consignment, group: Group) -> Decimal:
        named = consignment.sale.facts.get("duty_option")
        return options.get(str(named), options[default])(consignment, group)

    return charge
