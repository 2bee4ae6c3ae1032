"""Bundles: units of some parts together at one price, as often as the cart holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from apps.promotions.pricing import reasons
from apps.promotions.pricing.amounts import spread
from apps.promotions.pricing.gates import Setting
from apps.promotions.pricing.rows import Row, amount, limit, number, part, parts
from apps.promotions.pricing.set_benefits import take_set
from apps.promotions.pricing.state import Run, State, head_of
from apps.promotions.pricing.taking import Benefit, by_price, compile_guard, compile_limits
from apps.promotions.pricing.targets import Target, compile_target

Pieces = Sequence[tuple[Target, int]]


class Unit(NamedTuple):
    """A unit that a bundle may use: what it costs now, and its place in its run."""

    price: int
    run: Run
    place: int


class Queue:
    """The units one part of a bundle may use, in order, and how many a bundle needs of them."""

    def __init__(self, units: list[Unit], quantity: int) -> None:
        """Start at the first unit."""
        self.units, self.quantity, self.start = units, quantity, 0

    def next(self, taken: dict[Run, int]) -> list[Unit] | None:
        """Return the next units that no bundle has taken, or nothing when there are too few."""
        found: list[Unit] = []
        for index in range(self.start, len(self.units)):
            unit = self.units[index]
            if unit.place < taken.get(unit.run, 0):
                if not found:
                    self.start = index + 1
                continue
            found.append(unit)
            if len(found) == self.quantity:
                return found
        return None


class Plan:
    """Bundles made of the free units of a cart."""

    def __init__(self, queues: Sequence[Queue], price: int, odd_cent: str) -> None:
        """Start without a bundle."""
        self.queues, self.price, self.odd_cent = queues, price, odd_cent
        self.taken: dict[Run, int] = {}
        self.savings: dict[Run, int] = {}
        self.sets = 0
        self.has_units = False

    def fill(self, most: int | None) -> None:
        """Make bundles as long as units are left and a bundle saves something."""
        while most is None or self.sets < most:
            units = self._next()
            if units is None:
                return
            self.has_units = True
            prices = [unit.price for unit in units]
            saving = sum(prices) - self.price
            if saving > 0:
                self._add(units, spread(saving, prices, self.odd_cent))
            elif len(self.queues) == 1:
                self.queues[0].start += 1  # perhaps a bundle without the first unit saves
            else:
                return

    def _next(self) -> list[Unit] | None:
        taken = dict(self.taken) if len(self.queues) > 1 else self.taken
        found: list[Unit] = []
        for queue in self.queues:
            units = queue.next(taken)
            if units is None:
                return None
            if taken is not self.taken:
                for unit in units:
                    taken[unit.run] = taken.get(unit.run, 0) + 1
            found += units
        return found

    def _add(self, units: Sequence[Unit], shares: Sequence[int]) -> None:
        self.sets += 1
        for unit, share in zip(units, shares, strict=True):
            self.taken[unit.run] = self.taken.get(unit.run, 0) + 1
            self.savings[unit.run] = self.savings.get(unit.run, 0) + share
        if len(self.queues) == 1:
            self.queues[0].start += len(units)


def compile_bundle(row: Row, setting: Setting, no: int) -> Benefit | None:
    """Return the benefit of ``bundle``: the units of its parts together at one price, repeated.

    A bundle is never dearer than its units; the saving lies on them in proportion to their prices.
    """
    price = amount(part(row, "value"), "price", setting.currency)
    if price is None:
        return None
    pieces = [
        (compile_target(one, setting.currency), number(one, "quantity", 1))
        for one in parts(row, "bundle")
    ]
    most = limit(part(row, "limits"), "applications")
    bounds = (compile_limits(row, setting), compile_guard(row))

    def benefit(state: State, _runs: Sequence[Run]) -> bool:
        plan = _plan(state, pieces, price)
        plan.fill(most)
        if not plan.sets:
            _note(state, no, pieces, has_units=plan.has_units)
            return False
        used = list(plan.taken)
        for run in used:
            if plan.taken[run] < run.n:
                state.split(run, plan.taken[run])
        amounts = [plan.savings[run] for run in used]
        return take_set(state, no, (used, amounts, used), bounds, ("bundle", f"price {price}"))

    return benefit


def _plan(state: State, pieces: Pieces, price: int) -> Plan:
    is_dearest = state.policy.limited_units == "dearest"
    queues = []
    for target, quantity in pieces:
        runs = by_price(_free(state, target), is_dearest_first=is_dearest)
        queues.append(Queue([unit for run in runs for unit in _units(run)], quantity))
    return Plan(queues, price, state.policy.odd_cent)


def _units(run: Run) -> list[Unit]:
    """Return the single units of a run in its own order, in which ``split`` takes them."""
    price, off = run.line.unit_price, run.n * run.line.unit_price - run.net
    return [
        Unit(price - head_of(off, run.n, place + 1) + head_of(off, run.n, place), run, place)
        for place in range(run.n)
    ]


def _free(state: State, target: Target) -> list[Run]:
    return target.choose([run for run in state.all_of(state.open) if not run.is_barred])


def _note(state: State, no: int, pieces: Pieces, *, has_units: bool) -> None:
    if has_units:
        state.notes.append((no, reasons.NO_GAIN, ()))
        return
    needed = sum(quantity for _target, quantity in pieces)
    reached = sum(min(sum(run.n for run in _free(state, one)), units) for one, units in pieces)
    state.notes.append((no, reasons.SET_INCOMPLETE, (needed, reached)))
