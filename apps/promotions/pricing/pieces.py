"""Discounts cut into pieces: units of a line that carry the same of a promotion, to the minor unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from apps.promotions.pricing.amounts import round_ratio
from apps.promotions.pricing.state import Run, head_of

Ratio = tuple[int, int]


class Piece(NamedTuple):
    """What a promotion took off each of some units: ``amount`` is a multiple of ``units``.

    ``first_unit`` counts the units of the line from 0. Position 0 is the shipping fee.
    ``platform`` is the platform's part of the amount.
    """

    promotion: str
    position: int
    first_unit: int
    units: int
    amount: int
    platform: int


def platform_part(amount: int, ratio: Ratio) -> int:
    """Return the platform's part of an amount."""
    numerator, denominator = ratio
    return round_ratio(amount * numerator, denominator) if numerator else 0


def cut_runs(
    runs: Iterable[Run], idents: Sequence[str], ratio_of: Callable[[int], Ratio]
) -> Iterator[Piece]:
    """Yield the pieces of the runs of a cart, given in the order of its lines.

    The sum of a run's discounts lies evenly on its units, so what one of them took of a unit follows
    from those before it: three different amounts at most. The platform's part follows a promotion's
    running total, so that it is right to the minor unit in the end.
    """
    offsets: dict[int, int] = defaultdict(int)
    given: dict[int, int] = defaultdict(int)
    for run in runs:
        position = run.line.position
        start = offsets[position]
        offsets[position] += run.n
        taken = 0
        for number, amount in _merged(run.shares):
            for first, units, each in _steps(taken, amount, run.n):
                before, ratio = given[number], ratio_of(number)
                given[number] += units * each
                platform = platform_part(given[number], ratio) - platform_part(before, ratio)
                yield Piece(idents[number], position, start + first, units, units * each, platform)
            taken += amount


def _merged(shares: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Return one share per promotion, in the order they applied first."""
    if len(shares) < 2:
        return shares
    sums: dict[int, int] = {}
    for number, amount in shares:
        sums[number] = sums.get(number, 0) + amount
    return sums.items()


def _steps(taken: int, amount: int, units: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first unit, units, amount of each) of a share that lies on top of ``taken``."""
    marks = sorted({0, taken % units, (taken + amount) % units, units})
    for first, end in zip(marks, marks[1:], strict=False):
        each = (
            head_of(taken + amount, units, first + 1)
            - head_of(taken + amount, units, first)
            - head_of(taken, units, first + 1)
            + head_of(taken, units, first)
        )
        if each:
            yield first, end - first, each


def cut_fee(
    shares: Iterable[tuple[int, int]], idents: Sequence[str], ratio_of: Callable[[int], Ratio]
) -> Iterator[Piece]:
    """Yield what each promotion took off the shipping fee."""
    sums: dict[int, int] = defaultdict(int)
    for number, amount in shares:
        sums[number] += amount
    for number, amount in sums.items():
        if amount:
            yield Piece(idents[number], 0, 0, 1, amount, platform_part(amount, ratio_of(number)))
