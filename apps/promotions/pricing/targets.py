"""Which lines a promotion speaks about: keys for the index, and tests the index cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.promotions.pricing.cart import Line
from apps.promotions.pricing.rows import TARGET_KEYS, Row, amount, part, words
from apps.promotions.pricing.state import Run

RunTest = Callable[[Run], bool]
_SINGULAR = {
    "skus": "sku",
    "products": "product",
    "categories": "category",
    "brands": "brand",
    "tags": "tag",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A line with any of ``keys`` is meant, or every line when there are none.

    ``test`` further narrows runs: exclusions, bounds of the shown unit price, undiscounted lines.
    """

    keys: frozenset[str]
    test: RunTest | None

    def names(self, line: Line) -> bool:
        """Say whether the line has one of the keys."""
        return not self.keys or not self.keys.isdisjoint(line.keys)

    def choose(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs that are meant."""
        test = self.test
        return [run for run in runs if self.names(run.line) and (test is None or test(run))]


def compile_target(row: Row, currency: str) -> Target:
    """Return the target of ``row``, which is the ``target`` object or one that holds the same keys."""
    tests: list[RunTest] = []
    barred = _keys(part(row, "not"))
    if barred:
        tests.append(lambda run: barred.isdisjoint(run.line.keys))
    least, most = amount(row, "min_unit_price", currency), amount(row, "max_unit_price", currency)
    if least is not None:
        tests.append(lambda run: run.shown >= least * run.n)
    if most is not None:
        tests.append(lambda run: run.shown <= most * run.n)
    if row.get("only_undiscounted"):
        tests.append(lambda run: run.shown == run.line.unit_price * run.n)
    return Target(_keys(row), _all(tests))


def _keys(row: Row) -> frozenset[str]:
    return frozenset(f"{_SINGULAR[key]}:{word}" for key in TARGET_KEYS for word in words(row, key))


def _all(tests: list[RunTest]) -> RunTest | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda run: all(test(run) for test in tests)
