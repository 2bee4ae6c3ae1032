"""Taking amounts off runs: limits of units and money, the floor, the margin guard, and the note of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from apps.promotions.pricing import reasons
from apps.promotions.pricing.amounts import Part, spread
from apps.promotions.pricing.cart import UNUSED
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.rows import Row, amount, limit, part, text
from apps.promotions.pricing.state import Limits, Run, State

# Tries a promotion on runs; says whether it gave anything, and notes why not.
Benefit = Callable[[State, Sequence[Run]], bool]
MoneyLimit = Callable[[State], Limits]
Guard = Callable[[Run], int | None]
_NO_LIMITS = Limits(None, None, "")


def take(
    state: State, number: int, runs: Sequence[Run], amounts: Sequence[int], what: str, rate: str
) -> bool:
    """Take ``amounts`` off ``runs``, never below the floor, and note what was done.

    Returns whether anything was taken; what the floor kept back is noted as a reason.
    """
    base = total = lost = 0
    taken = []
    # Both have the same length; ``strict`` would cost more than the loop for a single run.
    for run, wanted in zip(runs, amounts):  # noqa: B905
        net = run.net
        base += net
        room = net - run.low
        if wanted > room:
            lost += wanted - (room if room > 0 else 0)
            wanted = room if room > 0 else 0
        run.net = net - wanted
        taken.append(wanted)
        total += wanted
    if lost:
        note_floor(state, number, lost, total, runs, None)
    elif not total:
        note_nothing(state, number, runs)
    if not total:
        return False
    state.goods -= total
    state.steps.append((number, what, base, rate, total, runs, taken))
    return True


def take_each(
    state: State, number: int, runs: Sequence[Run], of_unit: Part, what: str, rate: str
) -> bool:
    """Take ``of_unit`` of its price off every unit: ``take`` in one pass, where there is no floor."""
    base = total = 0
    taken = []
    for run in runs:
        net, n = run.net, run.n
        base += net
        if n == 1:
            wanted = of_unit(net)
        else:
            each, odd = divmod(net, n)
            wanted = n * of_unit(each)
            if odd:
                wanted += odd * (of_unit(each + 1) - of_unit(each))
        run.net = net - wanted
        taken.append(wanted)
        total += wanted
    if not total:
        note_nothing(state, number, runs)
        return False
    state.goods -= total
    state.steps.append((number, what, base, rate, total, runs, taken))
    return True


def note_nothing(state: State, number: int, runs: Sequence[Run]) -> None:
    """Note why nothing was taken off ``runs`` although no floor is in the way."""
    if runs:
        code = reasons.NO_GAIN
    else:
        code = reasons.NOT_DISCOUNTABLE if state.cart.lines else reasons.NO_MATCHING_ITEM
    state.notes.append((number, code, ()))


def compile_limits(row: Row, setting: Setting) -> MoneyLimit | None:
    """Return what a promotion may still give by its caps, its budget and its unit limits."""
    limits, ident = part(row, "limits"), text(row, "id")
    most = amount(limits, "max_discount", setting.currency)
    budget = amount(limits, "budget", setting.currency)
    of_all, of_buyer = limit(limits, "units"), limit(limits, "units_per_buyer")
    of_order = limit(limits, "units_per_order")
    if most is budget is of_all is of_buyer is of_order is None:
        return None

    def left(state: State) -> Limits:
        usage = state.cart.usage.get(ident, UNUSED)
        why, money = reasons.CAPPED, most
        if budget is not None and (money is None or budget - usage.spent < money):
            why, money = reasons.BUDGET_CAPPED, budget - usage.spent
        units = [
            *([] if of_all is None else [of_all - usage.units]),
            *([] if of_buyer is None else [of_buyer - usage.buyer_units]),
            *([] if of_order is None else [of_order]),
        ]
        return Limits(money, min(units) if units else None, why)

    return left


def compile_guard(row: Row) -> Guard | None:
    """Return the lowest price of a unit at which the margin holds, ``None`` for an unknown cost."""
    percent = row.get("margin_guard")
    if percent is None:
        return None
    numerator, denominator = ((100 - Decimal(str(percent))) / 100).as_integer_ratio()

    def lowest(run: Run) -> int | None:
        cost = run.line.cost
        return None if cost is None else -(-cost * denominator // numerator)

    return lowest


def rooms_of(runs: Sequence[Run], guard: Guard | None = None) -> list[int]:
    """Return how much may be taken off each run; nothing under a guard where the cost is unknown."""
    if guard is None:
        return [max(run.net - run.low, 0) for run in runs]
    lows = [guard(run) for run in runs]
    return [
        0 if low is None else max(run.net - max(run.low, run.n * low), 0)
        for run, low in zip(runs, lows, strict=True)
    ]


def note_floor(
    state: State, number: int, lost: int, given: int, runs: Sequence[Run], guard: Guard | None
) -> None:
    """Note what the floor or the margin guard kept back."""
    if given:
        state.notes.append((number, reasons.FLOOR_CAPPED, (lost,)))
    elif guard is not None and all(guard(run) is None for run in runs):
        state.notes.append((number, reasons.COST_UNKNOWN, ()))
    else:
        state.notes.append((number, reasons.AT_FLOOR, ()))


def guarded(
    state: State, number: int, guard: Guard, runs: Sequence[Run], amounts: Sequence[int]
) -> list[int]:
    """Return the amounts that keep the margin; a unit of unknown cost keeps its price."""
    rooms = rooms_of(runs, guard)
    kept = [min(wanted, room) for wanted, room in zip(amounts, rooms, strict=True)]
    if lost := sum(amounts) - sum(kept):
        note_floor(state, number, lost, sum(kept), runs, guard)
    return kept


def capped(
    state: State, number: int, limits: Limits, runs: Sequence[Run], amounts: Sequence[int]
) -> list[int]:
    """Return the amounts within the money that is left, what is cut shared by all of them."""
    if limits.money is None:
        return list(amounts)
    rooms = rooms_of(runs)
    within = [min(wanted, room) for wanted, room in zip(amounts, rooms, strict=True)]
    return spread(cap(state, number, limits, sum(within)), within, state.policy.odd_cent)


def cap(state: State, number: int, limits: Limits | None, wanted: int) -> int:
    """Return what is left of ``wanted`` under the money limit and note it when that is less."""
    if limits is None or limits.money is None:
        return wanted
    left = max(limits.money - state.given_by(number), 0)
    if wanted <= left:
        return wanted
    state.notes.append((number, limits.why, (limits.money, wanted)))
    return left


def by_price(runs: Sequence[Run], *, is_dearest_first: bool) -> list[Run]:
    """Return runs by the price of a unit; equal ones stay in the order of their lines."""
    if is_dearest_first:
        return sorted(runs, key=lambda run: -run.net / run.n)
    return sorted(runs, key=lambda run: run.net / run.n)


def choose_units(
    state: State, number: int, runs: Sequence[Run], limits: Limits | None, per_line: int | None
) -> list[Run]:
    """Return runs of the units within the limits, splitting runs where they end.

    The policy says whether the cheapest or the dearest units come first.
    """
    most = limits.units if limits is not None else None
    if most is None and per_line is None:
        return list(runs)
    available = sum(run.n for run in runs)
    left = available if most is None else most - state.units_given.get(number, 0)
    used: dict[int, int] = {}
    chosen: list[Run] = []
    for run in by_price(runs, is_dearest_first=state.policy.limited_units == "dearest"):
        line = id(run.line)
        allowed = left if per_line is None else min(left, per_line - used.get(line, 0))
        if allowed <= 0:
            continue
        if allowed < run.n:
            state.split(run, allowed)
        chosen.append(run)
        left -= run.n
        used[line] = used.get(line, 0) + run.n
    if most is not None and most < available:
        state.notes.append((number, reasons.UNITS_LIMITED, (most, available)))
    return chosen
