"""Offers on sets of units: buy some and get others.

The units of a set are barred: later offers on units leave them alone, while discounts on the whole
order still spread over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.promotions.pricing import reasons
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.rows import Row, amount, limit, number, part
from apps.promotions.pricing.state import Run, State
from apps.promotions.pricing.taking import (
    Benefit,
    Guard,
    MoneyLimit,
    by_price,
    capped,
    compile_guard,
    compile_limits,
    guarded,
    take,
)
from apps.promotions.pricing.targets import Target, compile_target
from apps.promotions.pricing.unit_benefits import Value, compile_value, of_units


class Pool:
    """Units that sets may still use, and those each run has put into sets."""

    def __init__(self, runs: Iterable[Run]) -> None:
        """Start with all units free."""
        self.left = {run: run.n for run in runs}
        self.bought: dict[Run, int] = {}
        self.got: dict[Run, int] = {}

    def pick(self, order: Sequence[Run], units: int) -> list[tuple[Run, int]] | None:
        """Return ``units`` free units in the given order without taking them, or nothing."""
        found: list[tuple[Run, int]] = []
        for run in order:
            if units == 0:
                break
            free = min(self.left[run], units)
            if free:
                found.append((run, free))
                units -= free
        return found if units == 0 else None

    def pick_worth(self, order: Sequence[Run], worth: int) -> list[tuple[Run, int]] | None:
        """Return free units that are worth at least ``worth``, or nothing."""
        found: list[tuple[Run, int]] = []
        for run in order:
            if worth <= 0:
                break
            needed = -(-worth * run.n // run.net) if run.net else 0
            free = min(self.left[run], needed)
            if free:
                found.append((run, free))
                worth -= free * run.net // run.n
        return found if worth <= 0 else None

    def use(self, picked: Iterable[tuple[Run, int]], *, is_got: bool) -> None:
        """Put picked units into a set."""
        side = self.got if is_got else self.bought
        for run, units in picked:
            self.left[run] -= units
            side[run] = side.get(run, 0) + units

    def give_back(self, picked: Iterable[tuple[Run, int]], *, is_got: bool) -> None:
        """Undo ``use``."""
        self.use([(run, -units) for run, units in picked], is_got=is_got)


class Offer(NamedTuple):
    """A buy-and-get offer: how much to buy, how many to get, at most how many times."""

    buy: Target
    get: Target
    units: int
    spend: int | None
    got: int
    is_within: bool
    most: int | None


def compile_buy_get(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of ``buy`` and ``get``, repeated as often as the units allow.

    The units got are the cheapest (or, by policy, the dearest); a unit bought is never got. A set
    lacking a unit gives nothing.
    """
    buy, get, currency = part(row, "buy"), part(row, "get"), setting.currency
    value = compile_value(part(get, "value"), setting)
    spend = amount(buy, "spend", currency)
    if value is None or ("spend" in buy and spend is None):
        return None
    is_within = bool(get.get("within"))
    bought = compile_target(buy, currency)
    offer = Offer(
        buy=bought,
        get=bought if is_within else compile_target(get, currency),
        units=number(buy, "quantity", 0),
        spend=spend,
        got=number(get, "quantity", 1),
        is_within=is_within,
        most=limit(part(row, "limits"), "applications"),
    )
    limits, guard = compile_limits(row, setting), compile_guard(row)

    def benefit(state: State, _runs: Sequence[Run]) -> bool:
        return _buy_get(state, no, offer, value, (limits, guard))

    return benefit


Bounds = tuple[MoneyLimit | None, Guard | None]


def _buy_get(state: State, no: int, offer: Offer, value: Value, bounds: Bounds) -> bool:
    free = [run for run in state.all_of(state.open) if not run.is_barred]
    buyable, gettable = offer.buy.choose(free), offer.get.choose(free)
    pool = Pool(dict.fromkeys([*buyable, *gettable]))
    is_dearest = state.policy.limited_units == "dearest"
    get_order = by_price(gettable, is_dearest_first=is_dearest)
    shared = set(gettable)
    buy_order = [run for run in buyable if run not in shared]
    # Bought from the other end: of units at one price the earlier ones are got.
    buyable_too = set(buyable)
    buy_order += [run for run in reversed(get_order) if run in buyable_too]
    sets = 0
    while (offer.most is None or sets < offer.most) and _one_set(pool, offer, buy_order, get_order):
        sets += 1
    if not sets:
        reached = sum(run.n for run in buyable)
        needed = offer.units + (0 if offer.is_within else offer.got)
        if offer.spend is not None:
            parameters = (offer.spend, sum(run.net for run in buyable))
            state.notes.append((no, reasons.SPEND_BELOW, parameters))
        else:
            state.notes.append((no, reasons.SET_INCOMPLETE, (needed, reached)))
        return False
    return _settle(state, no, pool, value, bounds)


def _one_set(pool: Pool, offer: Offer, buy_order: Sequence[Run], get_order: Sequence[Run]) -> bool:
    """Put the units of one more set aside; says whether there were enough."""
    if offer.is_within:
        got = pool.pick(get_order, offer.got)
        if got is None:
            return False
        pool.use(got, is_got=True)
        bought = _bought(pool, offer, buy_order, got)
        if bought is None:
            pool.give_back(got, is_got=True)
            return False
        pool.use(bought, is_got=False)
        return True
    bought = _bought(pool, offer, buy_order, [])
    if bought is None:
        return False
    pool.use(bought, is_got=False)
    got = pool.pick(get_order, offer.got)
    if got is None:
        pool.give_back(bought, is_got=False)
        return False
    pool.use(got, is_got=True)
    return True


def _bought(
    pool: Pool, offer: Offer, order: Sequence[Run], got: Sequence[tuple[Run, int]]
) -> list[tuple[Run, int]] | None:
    if offer.spend is not None:
        worth = sum(run.net * units // run.n for run, units in got)
        return pool.pick_worth(order, offer.spend - worth)
    return pool.pick(order, max(offer.units - sum(units for _run, units in got), 0))


def _settle(state: State, no: int, pool: Pool, value: Value, bounds: Bounds) -> bool:
    """Split the units of the sets off their runs, take the discount and bar them."""
    got: list[Run] = []
    used: list[Run] = []
    for run in list(pool.left):
        of_got, of_bought = pool.got.get(run, 0), pool.bought.get(run, 0)
        rest = run
        if of_got:
            if of_got < run.n:
                rest = state.split(run, of_got)
            got.append(run)
            used.append(run)
        if of_bought:
            if of_bought < rest.n:
                state.split(rest, of_bought)
            used.append(rest)
    amounts = [of_units(run, value.of_unit) for run in got]
    return take_set(state, no, (got, amounts, used), bounds, ("buy_get", value.rate))


def take_set(
    state: State,
    no: int,
    found: tuple[Sequence[Run], Sequence[int], Sequence[Run]],
    bounds: Bounds,
    words: tuple[str, str],
) -> bool:
    """Take the amounts off the discounted runs of ``found`` and bar all the units of its sets."""
    runs, amounts, used = found
    limits, guard = bounds
    if guard is not None:
        amounts = guarded(state, no, guard, runs, amounts)
    if limits is not None:
        amounts = capped(state, no, limits(state), runs, amounts)
    if not take(state, no, runs, amounts, *words):
        return False
    for run in used:
        run.is_barred = True
    state.has_barred = state.is_split = True  # from here on runs are looked at one by one
    state.consumed[no] = sum(run.n for run in used)
    return True
