"""Pure estimates of arrival: each leg's times, put together, with what the wait so far says.

Each leg is a list of ``GRID`` equally likely lengths. They come from the lane's own history, else
from that of the zone, else from the defaults stated here. Legs are taken as independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from apps.fulfillment.legs import EXPORT, FIRST, IMPORT, LAST, LINEHAUL

VERSION = "2026-11.1"
GRID = 20
# The shares of the grid's points: 2.5 %, 7.5 %, … 97.5 %.
SHARES = tuple((2 * place + 1) / (2 * GRID) for place in range(GRID))
_HOUR = 3600
Lengths = tuple[int, ...]
LANE, ZONE, DEFAULT = "lane", "zone", "default"


@dataclass(frozen=True, slots=True)
class LegTimes:
    """How long a leg takes: equally likely lengths in seconds, and the P95 of silence in it.

    ``source`` is ``lane``, ``zone`` or ``default``, ``samples`` how many parcels it rests on.
    """

    lengths: Lengths
    silence_s: int
    source: str = DEFAULT
    samples: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds from now until the delivery: one half, and nine of ten parcels, arrive by then."""

    p50_s: int
    p90_s: int


@lru_cache(maxsize=64)
def spread(p50_h: int, p90_h: int) -> Lengths:
    """Return a grid of log-normal lengths with these two quantiles, given in hours."""
    sigma = math.log(p90_h / p50_h) / NormalDist().inv_cdf(0.9)
    return tuple(
        round(p50_h * _HOUR * math.exp(sigma * NormalDist().inv_cdf(share))) for share in SHARES
    )


# Hours: half of the parcels, nine of ten, and the silence that only one in twenty exceeds. Stated by
# the portal for lanes nobody has used yet; history replaces them from 30 parcels on.
_STATED: dict[str, tuple[int, int, int]] = {
    FIRST: (20, 48, 48),
    EXPORT: (14, 48, 72),
    LINEHAUL: (48, 120, 120),
    IMPORT: (20, 84, 96),
    LAST: (48, 120, 72),
}
DEFAULTS: dict[str, LegTimes] = {
    leg: LegTimes(spread(half, most), silence * _HOUR)
    for leg, (half, most, silence) in _STATED.items()
}


def choose_times(leg: str, lane: Mapping[str, LegTimes], zone: Mapping[str, LegTimes]) -> LegTimes:
    """Return a leg's times from the narrowest group that has enough parcels."""
    return lane.get(leg) or zone.get(leg) or DEFAULTS[leg]


@lru_cache(maxsize=4096)
def join_lengths(legs: tuple[Lengths, ...]) -> Lengths:
    """Return the grid of the sum of independent legs."""
    whole: Lengths = (0,) * GRID
    for lengths in legs:
        whole = _shrink(sorted(a + b for a in whole for b in lengths))
    return whole


def _shrink(ordered: Sequence[int]) -> Lengths:
    """Return the grid of many equally likely lengths."""
    return tuple(ordered[int(share * len(ordered))] for share in SHARES)


def remaining(lengths: Lengths, waited_s: int) -> list[int]:
    """Return what is left of a leg after a wait: only lengths that exceed the wait count.

    A parcel that waited longer than any known length needs as long again as the last step of the
    grid: the estimate moves on instead of lying in the past.
    """
    left = [length - waited_s for length in lengths if length > waited_s]
    return left or [max(lengths[-1] - lengths[-2], _HOUR)]


def estimate(current: LegTimes, waited_s: int, following: Sequence[LegTimes]) -> Estimate:
    """Return when a parcel arrives that has been in its current leg for ``waited_s`` seconds."""
    rest = join_lengths(tuple(item.lengths for item in following))
    sums = sorted(a + b for a in remaining(current.lengths, max(0, waited_s)) for b in rest)
    return Estimate(_quantile(sums, 0.5), _quantile(sums, 0.9))


def _quantile(ordered: Sequence[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
