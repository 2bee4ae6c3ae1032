"""What must be in the cart before a promotion applies: spend, units, kinds, certain goods."""

from __future__ import annotations

from collections.abc import Callable

from apps.promotions.pricing import reasons
from apps.promotions.pricing.gates import Refusal, Setting
from apps.promotions.pricing.rows import Row, amount, limit, number, part, parts
from apps.promotions.pricing.state import State
from apps.promotions.pricing.targets import Target, compile_target

Threshold = Callable[[State], Refusal | None]


def compile_threshold(row: Row, setting: Setting) -> Threshold | None:
    """Return the tests of a row on the goods in the cart, or nothing. Bounds are inclusive."""
    conditions = part(row, "conditions")
    tests: list[Threshold] = []
    spend = amount(conditions, "min_spend", setting.currency)
    if spend is not None:
        tests.append(_spend(spend, part(conditions, "spend_on"), setting))
    for name, compile_one in (
        ("min_quantity", _quantity),
        ("min_line_quantity", _line_quantity),
        ("min_distinct", _distinct),
    ):
        needed = limit(conditions, name)
        if needed is not None:
            tests.append(compile_one(needed))
    for one in parts(conditions, "contains"):
        target = compile_target(one, setting.currency)
        tests.append(_contains(target, number(one, "quantity", 1)))
    return _all(tests)


def plain_spend(row: Row, setting: Setting) -> int:
    """Return the spend that is needed, when that is all that is tested and the cart is read as it is.

    A program compares it itself: nothing is tested as often.
    """
    names = set(part(row, "conditions"))
    if setting.policy.threshold == "before" or names & _OTHERS or "min_spend" not in names:
        return 0
    return amount(part(row, "conditions"), "min_spend", setting.currency) or 0


_OTHERS = {"spend_on", "min_quantity", "min_line_quantity", "min_distinct", "contains"}


def _all(tests: list[Threshold]) -> Threshold | None:
    if len(tests) < 2:
        return tests[0] if tests else None

    def threshold(state: State) -> Refusal | None:
        for test in tests:
            refusal = test(state)
            if refusal is not None:
                return refusal
        return None

    return threshold


def _spend(needed: int, on: Row, setting: Setting) -> Threshold:
    is_before = setting.policy.threshold == "before"
    if on:
        return _spend_on(needed, compile_target(on, setting.currency), is_before)

    def test(state: State) -> Refusal | None:
        reached = state.goods_shown if is_before else state.goods
        return None if reached >= needed else (reasons.SPEND_BELOW, (needed, reached))

    return test


def _spend_on(needed: int, target: Target, is_before: bool) -> Threshold:
    def test(state: State) -> Refusal | None:
        runs = target.choose(state.everything())
        reached = sum(run.shown if is_before else run.net for run in runs)
        return None if reached >= needed else (reasons.SPEND_BELOW, (needed, reached))

    return test


def _quantity(needed: int) -> Threshold:
    def test(state: State) -> Refusal | None:
        reached = sum(line.quantity for line in state.cart.lines)
        return None if reached >= needed else (reasons.QUANTITY_BELOW, (needed, reached))

    return test


def _line_quantity(needed: int) -> Threshold:
    def test(state: State) -> Refusal | None:
        units: dict[str, int] = {}
        for line in state.cart.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        reached = max(units.values(), default=0)
        return None if reached >= needed else (reasons.LINE_QUANTITY_BELOW, (needed, reached))

    return test


def _distinct(needed: int) -> Threshold:
    def test(state: State) -> Refusal | None:
        reached = len({line.sku for line in state.cart.lines})
        return None if reached >= needed else (reasons.TOO_FEW_KINDS, (needed, reached))

    return test


def _contains(target: Target, needed: int) -> Threshold:
    def test(state: State) -> Refusal | None:
        reached = sum(run.n for run in target.choose(state.everything()))
        return None if reached >= needed else (reasons.ITEMS_MISSING, (needed, reached))

    return test
