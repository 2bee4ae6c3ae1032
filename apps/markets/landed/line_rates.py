"""Which rate a duty takes for one line: fixed, the tariff's, by origin, by heading or by a fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from apps.markets.landed.consignment import Consignment
from apps.markets.landed.result import NoRuleError
from apps.markets.landed.rows import Row, countries, decimal, part, parts, text, words
from apps.markets.landed.sale import Item

LineRate = Callable[[Consignment, Item], Decimal]


def compile_line_rate(ident: str, duty: Row, on: date) -> LineRate:
    """Return the rate function of an ad-valorem duty; an unknown type raises ``ValueError``."""
    kind = text(duty, "type")
    if kind == "tariff_schedule":
        return _tariff(ident)
    if kind in {"ad_valorem", "ad_valorem_minus"}:
        rate = decimal(duty, "rate")
        return lambda _consignment, _item: rate
    if kind == "ad_valorem_by_origin":
        return _with_extra(duty, _with_cap(duty, _by_origin(duty)))
    if kind == "ad_valorem_by_hs":
        return _by_heading(duty)
    if kind == "ad_valorem_by_fact":
        return by_fact(ident, duty, on)
    raise ValueError(f"{ident}: duty.type {kind!r} is unknown")


def _tariff(ident: str) -> LineRate:
    def rate(_consignment: Consignment, item: Item) -> Decimal:
        if item.tariff_rate is None:
            reason = f"the tariff rate of heading {item.hs6} from {item.origin} is missing"
            raise NoRuleError("duty", reason, row_ids=(ident,))
        return item.tariff_rate

    return rate


def _by_origin(duty: Row) -> LineRate:
    default = decimal(duty, "default")
    rates = {
        origin: decimal(group, "rate")
        for group in parts(duty, "groups")
        for origin in countries(group, "origin")
    }
    if text(duty, "by") == "ship_from":
        return lambda consignment, _item: rates.get(consignment.shipped_from, default)
    return lambda _consignment, item: rates.get(item.origin, default)


def _with_cap(duty: Row, inner: LineRate) -> LineRate:
    if "cap" not in duty:
        return inner
    capped = countries(part(duty, "cap"), "origin")

    def rate(consignment: Consignment, item: Item) -> Decimal:
        ceiling = inner(consignment, item)
        if item.origin not in capped:
            return ceiling
        return max(ceiling - (item.tariff_rate or Decimal(0)), Decimal(0))

    return rate


def _with_extra(duty: Row, inner: LineRate) -> LineRate:
    extra = part(duty, "extra_by_fact")
    if not extra:
        return inner
    name, more = text(extra, "fact"), decimal(extra, "rate")

    def rate(consignment: Consignment, item: Item) -> Decimal:
        base = inner(consignment, item)
        return base + more if consignment.fact(item, name) else base

    return rate


def _by_heading(duty: Row) -> LineRate:
    default = decimal(duty, "default")
    groups = [(words(group, "hs"), decimal(group, "rate")) for group in parts(duty, "groups")]

    def rate(_consignment: Consignment, item: Item) -> Decimal:
        for headings, value in groups:
            if item.hs6.startswith(headings):
                return value
        return default

    return rate


def by_fact(ident: str, duty: Row, on: date) -> LineRate:
    """Return the rate that the sale brings as a fact, else the row's own for the origin and day."""
    name, day = text(duty, "fact"), on.isoformat()
    known = {
        origin: Decimal(rate)
        for region, rate in sorted(part(duty, "default_by_origin").items())
        for origin in countries({"origin": [region]}, "origin")
        for rate in [str(rate)]
    }
    for dated in reversed(parts(duty, "dated_by_origin")):
        if day <= text(dated, "until"):
            known |= dict.fromkeys(countries(dated, "origin"), decimal(dated, "rate"))

    def rate(consignment: Consignment, item: Item) -> Decimal:
        fact = consignment.fact(item, name)
        value = fact if isinstance(fact, Decimal) else known.get(item.origin)
        if value is None:
            reason = f"{name} of heading {item.hs6} from {item.origin} is missing"
            raise NoRuleError("duty", reason, row_ids=(ident,))
        return value

    return rate
