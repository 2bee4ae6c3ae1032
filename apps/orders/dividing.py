"""Dividing lines, discounts and fees so that the parts add up to the whole, to the minor unit. Pure.

An amount lies evenly on its units; the earlier units carry the odd minor units (the rule of
``LineDiscount``). Cutting such a run between two units gives two runs of which the same is true, so
runs may be cut again and again, in any order, and nothing is ever lost or made by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Run:
    """What one promotion took off ``unit_count`` units of a line, from ``first_unit`` on."""

    promotion_ref: str
    promotion_name: str
    code: str
    first_unit: int
    unit_count: int
    amount_minor: int
    platform_minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some units of a line, what was taken off them, and the runs that say so."""

    quantity: int
    discount_minor: int
    runs: tuple[Run, ...]

    @property
    def platform_minor(self) -> int:
        """The platform's part of the discount."""
        return sum(run.platform_minor for run in self.runs)


def share(amount_minor: int, units: int, first: int) -> int:
    """Return the part of an amount that lies on the ``first`` of its ``units``."""
    each, odd = divmod(amount_minor, units)
    return each * first + min(first, odd)


def divide(part: Part, taken: int) -> tuple[Part, Part]:
    """Take the last ``taken`` units away; returns what is kept and what is taken.

    ``taken`` is between 1 and one less than the quantity. A discount without a run (of an order
    from before promotions kept rows) lies on all units.
    """
    kept = part.quantity - taken
    if not 0 < kept < part.quantity:
        raise ValueError("taken: some units must be taken and some kept")
    pairs = [_cut(run, kept) for run in part.runs]
    runs = tuple(first for first, _second in pairs if first is not None)
    moved = tuple(second for _first, second in pairs if second is not None)
    loose = part.discount_minor - sum(run.amount_minor for run in part.runs)
    loose_kept = share(loose, part.quantity, kept)
    return (
        Part(kept, _sum(runs) + loose_kept, runs),
        Part(taken, _sum(moved) + loose - loose_kept, moved),
    )


def _sum(runs: Sequence[Run]) -> int:
    return sum(run.amount_minor for run in runs)


def _cut(run: Run, at: int) -> tuple[Run | None, Run | None]:
    """Cut a run before the line's unit ``at``; a side without an amount is nothing."""
    inside = min(max(at - run.first_unit, 0), run.unit_count)
    amount = share(run.amount_minor, run.unit_count, inside)
    platform = share(run.platform_minor, run.unit_count, inside)
    first = replace(run, unit_count=inside, amount_minor=amount, platform_minor=platform)
    second = replace(
        run,
        first_unit=max(run.first_unit - at, 0),
        unit_count=run.unit_count - inside,
        amount_minor=run.amount_minor - amount,
        platform_minor=run.platform_minor - platform,
    )
    return (
        first if first.amount_minor else None,
        second if second.amount_minor else None,
    )


def cut_amount(amount_minor: int, *, part: int, whole: int) -> int:
    """Return the share of an amount that belongs to ``part`` of ``whole``, rounded down.

    Nothing when there is nothing to share by: the rest stays where it is.
    """
    return amount_minor * part // whole if whole else 0


def cap_runs(runs: Sequence[Run], limit_minor: int) -> tuple[Run, ...]:
    """Return runs whose amounts together are not above a limit; the last ones shrink first."""
    capped: list[Run] = []
    room = limit_minor
    for run in runs:
        amount = min(run.amount_minor, room)
        room -= amount
        if amount:
            platform = run.platform_minor * amount // run.amount_minor
            capped.append(replace(run, amount_minor=amount, platform_minor=platform))
    return tuple(capped)
