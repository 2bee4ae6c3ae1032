"""Whether a row speaks about a consignment and about each of its lines."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from apps.markets.landed.consignment import Consignment
from apps.markets.landed.rows import Row, countries, decimal, number, part, text, words
from apps.markets.landed.sale import Item

ConsignmentTest = Callable[[Consignment], bool]
LineTest = Callable[[Consignment, Item], bool]
_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
    ">=": operator.ge,
}
MEASURES = ("goods", "cif", "goods_and_shipping", "unit_price")


def compile_conditions(row: Row, on: date) -> tuple[ConsignmentTest | None, LineTest | None]:
    """Return the test of the whole consignment and that of one line, or nothing where all pass.

    A threshold measured on ``unit_price`` is a test of the line. Values are compared in the
    threshold's currency without rounding, at the rate of the sale.
    """
    when = part(row, "when")
    whole = [*_place_tests(when), *_carriage_tests(when)]
    lines = [*_origin_tests(when, on), *_heading_tests(when)]
    threshold = part(row, "threshold")
    if threshold:
        if text(threshold, "measure") == "unit_price":
            lines.append(_unit_price_test(row, threshold))
        else:
            whole.append(_value_test(row, threshold))
    return _all_whole(whole), _all_lines(lines)


def _all_whole(tests: list[ConsignmentTest]) -> ConsignmentTest | None:
    if len(tests) < 2:
        return tests[0] if tests else None

    def test(consignment: Consignment) -> bool:
        for one in tests:  # noqa: SIM110 - a generator would cost more than the tests
            if not one(consignment):
                return False
        return True

    return test


def _all_lines(tests: list[LineTest]) -> LineTest | None:
    if len(tests) < 2:
        return tests[0] if tests else None

    def test(consignment: Consignment, item: Item) -> bool:
        for one in tests:  # noqa: SIM110 - a generator would cost more than the tests
            if not one(consignment, item):
                return False
        return True

    return test


def _value_test(row: Row, threshold: Row) -> ConsignmentTest:
    compare = _OPERATORS[text(threshold, "operator")]
    limit, currency = decimal(threshold, "amount"), text(threshold, "currency")
    measure, ident = text(threshold, "measure"), text(row, "id")
    if measure not in MEASURES:
        raise ValueError(f"{ident}: threshold.measure is {measure!r}; known: {', '.join(MEASURES)}")

    measured = operator.attrgetter(measure)

    def test(consignment: Consignment) -> bool:
        value: Decimal = measured(consignment)
        if currency == consignment.currency:
            return compare(value, limit)
        rate = consignment.rate(currency, ident)
        return compare(value * rate.other, limit * rate.sale)

    return test


def _unit_price_test(row: Row, threshold: Row) -> LineTest:
    compare = _OPERATORS[text(threshold, "operator")]
    limit, currency = decimal(threshold, "amount"), text(threshold, "currency")
    ident = text(row, "id")

    def test(consignment: Consignment, item: Item) -> bool:
        if currency == consignment.currency:
            return compare(item.unit_price, limit)
        rate = consignment.rate(currency, ident)
        return compare(item.unit_price * rate.other, limit * rate.sale)

    return test


def _place_tests(when: Row) -> list[ConsignmentTest]:
    tests: list[ConsignmentTest] = []
    if "ship_from" in when:
        places = countries(when, "ship_from")
        tests.append(lambda consignment: consignment.shipped_from in places)
    if "region_not" in when:
        regions = frozenset(words(when, "region_not"))
        tests.append(lambda consignment: consignment.sale.region not in regions)
    return tests


def _carriage_tests(when: Row) -> list[ConsignmentTest]:
    tests: list[ConsignmentTest] = []
    if "channel" in when:
        channels = frozenset(words(when, "channel"))
        tests.append(lambda consignment: consignment.sale.channel in channels)
    if "channel_not" in when:
        others = frozenset(words(when, "channel_not"))
        tests.append(lambda consignment: consignment.sale.channel not in others)
    if "certified_platform" in when:
        wanted = bool(when["certified_platform"])
        tests.append(lambda consignment: consignment.sale.is_certified_platform is wanted)
    if "max_weight_g" in when:
        heaviest = number(when, "max_weight_g")
        tests.append(lambda consignment: (consignment.sale.weight_g or 0) <= heaviest)
    return tests


def _origin_tests(when: Row, on: date) -> list[LineTest]:
    tests: list[LineTest] = []
    if "origin" in when:
        origins = countries(when, "origin")
        tests.append(lambda _consignment, item: item.origin in origins)
    if "origin_not" in when and text(when, "origin_not_from") <= on.isoformat():
        others = countries(when, "origin_not")
        tests.append(lambda _consignment, item: item.origin not in others)
    if "usmca" in when:
        wanted = bool(when["usmca"])
        tests.append(lambda consignment, item: bool(consignment.fact(item, "usmca")) is wanted)
    return tests


def _heading_tests(when: Row) -> list[LineTest]:
    tests: list[LineTest] = []
    if "hs" in when:
        headings = words(when, "hs")
        tests.append(lambda _consignment, item: item.hs6.startswith(headings))
    if "hs_not" in when:
        others = words(when, "hs_not")
        tests.append(lambda _consignment, item: not item.hs6.startswith(others))
    return tests
