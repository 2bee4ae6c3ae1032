"""Discounts of the order as a whole, spread over its lines: percent, amount and spend tiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.promotions.pricing import reasons
from apps.promotions.pricing.amounts import compile_part, spread, spread_within
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.rows import Row, amount, part, parts
from apps.promotions.pricing.state import Limits, Run, State
from apps.promotions.pricing.taking import (
    Benefit,
    Guard,
    MoneyLimit,
    cap,
    compile_guard,
    compile_limits,
    note_floor,
    rooms_of,
    take,
)

# The discount on a base, and how the trace names it.
OnBase = tuple[Callable[[int], int], str]


def compile_order(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of a row with ``value`` or spend ``tiers`` on the whole of its lines."""
    if row.get("tiers"):
        return _tiers(row, setting, no)
    on_base = _on_base(part(row, "value"), setting)
    return None if on_base is None else _benefit(row, setting, no, "order", on_base)


def _on_base(value: Row, setting: Setting) -> OnBase | None:
    if "percent" in value:
        percent = str(value["percent"])
        return compile_part(percent, setting.policy), f"{percent}%"
    minor = amount(value, "amount", setting.currency)
    if minor is None:
        return None
    return (lambda base: min(minor, base)), f"amount {minor}"


def _benefit(row: Row, setting: Setting, no: int, what: str, on_base: OnBase) -> Benefit:
    limits, guard = compile_limits(row, setting), compile_guard(row)
    wanted, rate = on_base
    with_shipping = setting.policy.order_covers == "goods_and_shipping"
    if row.get("covers_shipping", with_shipping):
        return _with_shipping(no, limits, guard, on_base)
    if limits is None and guard is None:
        return _plain(no, what, on_base)

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        base = sum(run.net for run in runs)
        left = limits(state) if limits is not None else None
        amounts = _spread(state, no, runs, cap(state, no, left, wanted(base)), guard)
        return take(state, no, runs, amounts, what, rate)

    return benefit


def _plain(no: int, what: str, on_base: OnBase) -> Benefit:
    """Return a benefit without caps and guards.

    Where no unit has a floor, ``take`` of ``spread`` with the largest remainders is written out in
    one pass: discounts on the order are most of the work of a quote.
    """
    wanted, rate = on_base

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        base = state.goods if runs is state.runs else sum([run.net for run in runs])
        left = total = wanted(base)
        if total <= 0 or not state.can_spread:
            return take(state, no, runs, _spread(state, no, runs, total, None), what, rate)
        parts, rests = [], []
        for run in runs:
            net = run.net
            scaled = total * net
            part = scaled // base
            left -= part
            parts.append(part)
            rests.append(scaled - part * base)
            run.net = net - part
        while left:
            left -= 1
            index = rests.index(max(rests))
            rests[index] = -1
            parts[index] += 1
            runs[index].net -= 1
        state.goods -= total
        state.steps.append((no, what, base, rate, total, runs, parts))
        return True

    return benefit


def _spread(
    state: State, no: int, runs: Sequence[Run], total: int, guard: Guard | None
) -> list[int]:
    """Spread ``total`` over the runs within their rooms and note what they cannot take."""
    nets = [run.net for run in runs]
    amounts = spread_within(total, nets, rooms_of(runs, guard), state.policy)
    if (lost := total - sum(amounts)) > 0:
        note_floor(state, no, lost, sum(amounts), runs, guard)
    return amounts


def _with_shipping(
    no: int, limits: MoneyLimit | None, guard: Guard | None, on_base: OnBase
) -> Benefit:
    wanted, rate = on_base

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        nets = [run.net for run in runs]
        left: Limits | None = limits(state) if limits is not None else None
        total = cap(state, no, left, wanted(sum(nets) + state.shipping))
        of_goods = spread(total, [sum(nets), state.shipping], state.policy.odd_cent)[0]
        amounts = _spread(state, no, runs, of_goods, guard)
        has_given = any(amounts) and take(state, no, runs, amounts, "order_and_shipping", rate)
        # What the goods cannot take at their floor is taken off the fee, as far as it goes.
        is_moved = state.policy.floored_share == "redistribute"
        rest = total - (sum(amounts) if is_moved else of_goods)
        return take_shipping(state, no, rest, "order_and_shipping", rate) or has_given

    return benefit


def take_shipping(state: State, no: int, wanted: int, what: str, rate: str) -> bool:
    """Take up to ``wanted`` off the shipping fee."""
    taken = min(wanted, state.shipping)
    if taken <= 0:
        return False
    state.steps.append((no, what, state.shipping, rate, taken, (), ()))
    state.shipping -= taken
    state.shipping_shares.append((no, taken))
    return True


def _tiers(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit by what the lines are worth; the highest tier reached counts for all."""
    found = []
    for tier in parts(row, "tiers"):
        spend = amount(tier, "spend", setting.currency)
        on_base = _on_base(part(tier, "value"), setting)
        if spend is None or on_base is None:
            return None
        found.append((spend, _benefit(row, setting, no, "spend_tier", on_base)))
    found.sort(key=lambda one: one[0])
    is_before = setting.policy.threshold == "before"

    def benefit(state: State, runs: Sequence[Run]) -> bool:
        worth = sum(run.shown if is_before else run.net for run in runs)
        reached = [one for spend, one in found if spend <= worth]
        if not reached:
            state.notes.append((no, reasons.SPEND_BELOW, (found[0][0], worth)))
            return False
        return reached[-1](state, runs)

    return benefit
