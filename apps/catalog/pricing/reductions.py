"""When an earlier price may be struck through: the 30-day rule of the EU.

Directive 98/6/EC, art. 6a, as inserted by Directive (EU) 2019/2161, art. 2: an announced reduction
names the lowest price of at least the 30 days before it (1, 2). Member States may let a reduction
that grows step by step refer to the price before its first step (5); Germany does (PAngV § 11 (2)).
They may also shorten the time for goods that are younger than 30 days (4); the portal uses no
shorter time anywhere. The Court of Justice adds that the reduction itself is reckoned from that price
(C-330/23, 26 September 2024).

The directive binds sales to the EU and, by the EEA agreement, to Iceland, Liechtenstein and Norway.
Elsewhere the same test stands as the portal's own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)
_EEA_TEXT = """
    AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
EEA = frozenset(_EEA_TEXT.split())
# Markets whose law lets a growing reduction refer to the price before its first step.
PROGRESSIVE = frozenset({"DE"})
LAWFUL, NO_CUT, TOO_YOUNG, NOT_LOWER, USUAL = "lawful", "no_cut", "too_young", "not_lower", "usual"


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A price in minor units that was asked from a moment on."""

    from_at: datetime
    minor: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """What may be shown beside a price.

    ``was_minor`` is set only when showing it is lawful; ``lowest_minor`` is the lowest price of the
    30 days before the cut, where one is known. ``reason`` is one of the codes above, ``cut_at`` the
    moment of the cut.
    """

    reason: str
    was_minor: int | None = None
    lowest_minor: int | None = None
    cut_at: datetime | None = None


def is_bound(market: str) -> bool:
    """Say whether the directive binds sales to a market, not just the portal's own rule."""
    return market in EEA


def judge_reduction(history: Iterable[PricePoint], *, now: datetime, market: str) -> Reduction:
    """Return whether the newest price may stand beside an earlier one.

    ``history`` is one listing's prices in one currency, in any order; repeats of the same price count
    as one. Not lawful: the last change was no cut; the goods were on sale for less than 30 days
    before the cut; the price is not below the lowest of those 30 days (raised first, then cut); or
    the cut is 30 days old, so that it has become the usual price (the portal's own limit).
    """
    points = _changes(point for point in history if point.from_at <= now)
    if len(points) < 2 or points[-1].minor >= points[-2].minor:
        return Reduction(NO_CUT)
    price, cut_at = points[-1].minor, points[-1].from_at
    start = _first_step(points) if market in PROGRESSIVE else len(points) - 1
    began = points[start].from_at
    if began - points[0].from_at < WINDOW:
        return Reduction(TOO_YOUNG, cut_at=cut_at)
    lowest = _lowest(points, began)
    if price >= lowest:
        return Reduction(NOT_LOWER, lowest_minor=lowest, cut_at=cut_at)
    if now - cut_at >= WINDOW:
        return Reduction(USUAL, lowest_minor=lowest, cut_at=cut_at)
    return Reduction(LAWFUL, was_minor=lowest, lowest_minor=lowest, cut_at=cut_at)


def lowest_price(history: Iterable[PricePoint], *, until: datetime) -> int | None:
    """Return the lowest price that was asked in the 30 days before a moment, or nothing."""
    points = _changes(point for point in history if point.from_at < until)
    return _lowest(points, until) if points else None


def _changes(history: Iterable[PricePoint]) -> list[PricePoint]:
    """Return the prices in the order of time without those that changed nothing."""
    found: list[PricePoint] = []
    for point in sorted(history, key=lambda item: item.from_at):
        if not found or found[-1].minor != point.minor:
            found.append(point)
    return found


def _first_step(points: Sequence[PricePoint]) -> int:
    """Return the index of the first of the cuts that follow each other without a rise or a pause.

    Two cuts belong together when less than 30 days lie between them.
    """
    index = len(points) - 1
    while index > 1:
        before, step, earlier = points[index - 2], points[index - 1], points[index]
        is_cut = step.minor < before.minor
        if not is_cut or earlier.from_at - step.from_at >= WINDOW:
            break
        index -= 1
    return index


def _lowest(points: Sequence[PricePoint], until: datetime) -> int:
    """Return the lowest of the prices asked at any moment of the 30 days before ``until``."""
    since = until - WINDOW
    asked: list[int] = []
    for number, point in enumerate(points):
        ends = points[number + 1].from_at if number + 1 < len(points) else until
        if point.from_at < until and ends > since:
            asked.append(point.minor)
    return min(asked)
