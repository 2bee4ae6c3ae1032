"""Discounts of each unit: percent, amount, fixed price, first and further units, quantity tiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.promotions.pricing import reasons
from apps.promotions.pricing.amounts import Part, compile_part, spread
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.rows import Row, amount, limit, number, part, parts
from apps.promotions.pricing.state import Run, State
from apps.promotions.pricing.taking import (
    Benefit,
    Guard,
    MoneyLimit,
    capped,
    choose_units,
    compile_guard,
    compile_limits,
    guarded,
    take,
    take_each,
)

# The discounts that runs should have; their rate in words for the trace.
Wanted = Callable[[Sequence[Run]], list[int]]


class Value:
    """A discount of each unit as a closure over runs, and how the trace names it."""

    __slots__ = ("is_each", "of_runs", "of_unit", "rate")

    def __init__(self, of_unit: Part, of_runs: Wanted, rate: str, *, is_each: bool = True) -> None:
        """Keep the closures: ``of_unit`` answers for one price, ``of_runs`` for all units of runs.

        ``is_each`` says that the second is the sum of the first over the units.
        """
        self.of_unit, self.of_runs, self.rate, self.is_each = of_unit, of_runs, rate, is_each


def compile_value(value: Row, setting: Setting) -> Value | None:
    """Return a discount by percent, amount or fixed price; ``None`` without this currency."""
    policy = setting.policy
    if "percent" in value:
        percent = str(value["percent"])
        share = compile_part(percent, policy)
        is_each = policy.percent_base == "running" and policy.rounded_per == "unit"
        return Value(share, _of_percent(share, setting), f"{percent}%", is_each=is_each)
    name = "amount" if "amount" in value else "price"
    minor = amount(value, name, setting.currency)
    if minor is None:
        return None
    of_unit = _amount_off(minor) if name == "amount" else _down_to(minor)
    return Value(of_unit, lambda runs: [of_units(run, of_unit) for run in runs], f"{name} {minor}")


def _amount_off(minor: int) -> Part:
    return lambda unit: min(minor, unit)


def _down_to(minor: int) -> Part:
    return lambda unit: max(unit - minor, 0)


def of_units(run: Run, of_unit: Part) -> int:
    """Return a discount on every unit of a run; its units differ by one cent at most."""
    n = run.n
    if n == 1:
        return of_unit(run.net)
    each, odd = divmod(run.net, n)
    if odd:
        return odd * of_unit(each + 1) + (n - odd) * of_unit(each)
    return n * of_unit(each)


def _of_percent(share: Part, setting: Setting) -> Wanted:
    policy = setting.policy
    if policy.percent_base == "shown":
        return lambda runs: [run.n * share(run.shown // run.n) for run in runs]
    if policy.rounded_per == "line":
        return lambda runs: [share(run.net) for run in runs]
    if policy.rounded_per == "promotion":

        def of_all(runs: Sequence[Run]) -> list[int]:
            nets = [run.net for run in runs]
            return spread(share(sum(nets)), nets, policy.odd_cent)

        return of_all

    return lambda runs: [of_units(run, share) for run in runs]


def compile_units(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of a row with ``value`` or ``tiers`` for each unit."""
    if row.get("tiers"):
        return _tiers(row, setting, no)
    value = part(row, "value")
    if "first" in value:
        return _first_and_more(row, setting, no)
    compiled = compile_value(value, setting)
    if compiled is None:
        return None
    return _benefit(row, setting, no, "unit", compiled)


def _benefit(row: Row, setting: Setting, no: int, what: str, value: Value) -> Benefit:
    limits, guard = compile_limits(row, setting), compile_guard(row)
    per_line = limit(part(row, "limits"), "units_per_line")
    if limits is None and guard is None and per_line is None:
        return _plain(no, what, value)

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        return _within(state, no, runs, (limits, guard, per_line), value, what)

    return benefit


def _plain(no: int, what: str, value: Value) -> Benefit:
    of_unit, of_runs, rate, is_each = value.of_unit, value.of_runs, value.rate, value.is_each

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        if is_each and not state.has_floors:
            return take_each(state, no, runs, of_unit, what, rate)
        return take(state, no, runs, of_runs(runs), what, rate)

    return benefit


def _within(
    state: State,
    no: int,
    runs: Sequence[Run],
    bounds: tuple[MoneyLimit | None, Guard | None, int | None],
    value: Value,
    what: str,
) -> bool:
    limits, guard, per_line = bounds
    left = limits(state) if limits is not None else None
    chosen = choose_units(state, no, runs, left, per_line)
    amounts = value.of_runs(chosen)
    if guard is not None:
        amounts = guarded(state, no, guard, chosen, amounts)
    if left is not None:
        amounts = capped(state, no, left, chosen, amounts)
    has_given = take(state, no, chosen, amounts, what, value.rate)
    if has_given:
        state.units_given[no] = state.units_given.get(no, 0) + sum(run.n for run in chosen)
    return has_given


def _tiers(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit by how many matching units there are; the highest tier reached counts."""
    found = []
    for tier in parts(row, "tiers"):
        value = compile_value(part(tier, "value"), setting)
        if value is None:
            return None
        found.append((number(tier, "quantity"), _benefit(row, setting, no, "quantity_tier", value)))
    found.sort(key=lambda one: one[0])

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        units = sum(run.n for run in runs)
        reached = [one for quantity, one in found if quantity <= units]
        if not reached:
            state.notes.append((no, reasons.QUANTITY_BELOW, (found[0][0], units)))
            return False
        return reached[-1](state, runs)

    return benefit


def _first_and_more(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit with one amount for the first unit of a line and another for the others."""
    value, currency = part(row, "value"), setting.currency
    first, more = amount(value, "first", currency), amount(value, "additional", currency) or 0
    if first is None:
        return None
    limits, guard = compile_limits(row, setting), compile_guard(row)
    per_line = limit(part(row, "limits"), "units_per_line")

    def wanted(runs: Sequence[Run]) -> list[int]:
        seen: set[int] = set()
        found = []
        for run in runs:
            minor = more if id(run.line) in seen else first
            seen.add(id(run.line))
            found.append(of_units(run, _amount_off(minor)))
        return found

    whole = Value(_amount_off(first), wanted, f"first {first}, then {more}")

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        seen: set[int] = set()
        apart: list[Run] = []
        for run in runs:
            is_first = id(run.line) not in seen
            seen.add(id(run.line))
            apart.append(run)
            if is_first and run.n > 1:
                apart.append(state.split(run, 1))
        return _within(state, no, apart, (limits, guard, per_line), whole, "first_and_more")

    return benefit
