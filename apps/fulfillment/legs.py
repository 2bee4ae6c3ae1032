"""Pure reading of a journey by its legs: how long each took, how long carriers are silent in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.fulfillment.case_rules import Signal, sort_signals

FIRST, EXPORT, LINEHAUL, IMPORT, LAST = "first_mile", "export", "linehaul", "import", "last_mile"
ABROAD = (FIRST, EXPORT, LINEHAUL, IMPORT, LAST)
AT_HOME = (FIRST, LAST)
# The leg a status belongs to; every other status leaves a parcel in the leg where it was.
LEG_OF: dict[str, str] = {
    **dict.fromkeys(("picked_up", "at_origin_hub", "departed_origin_hub"), FIRST),
    **dict.fromkeys(("export_customs", "export_cleared", "export_failed"), EXPORT),
    **dict.fromkeys(("handed_to_linehaul", "linehaul_departed"), LINEHAUL),
    **dict.fromkeys(
        ("linehaul_arrived", "import_customs", "customs_info_required", "customs_tax_due"), IMPORT
    ),
    **dict.fromkeys(("import_failed", "import_cleared"), IMPORT),
    **dict.fromkeys(("handed_to_last_mile", "in_transit", "out_for_delivery"), LAST),
    **dict.fromkeys(("ready_for_pickup", "delivery_attempt_failed"), LAST),
}
_END = "delivered"
_OFF_THE_WAY = frozenset({"returning", "returned", "destroyed", "lost"})
# The fewest parcels from which a quantile is told; below it the next wider group answers.
MIN_SAMPLES = 30


@dataclass(frozen=True, slots=True)
class Stretch:
    """A leg as one parcel went through it; without an end it is still in it, or left the way."""

    leg: str
    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A length in seconds; ``is_whole`` is false when it was cut off by the moment of looking."""

    seconds: int
    is_whole: bool


def route_legs(origin: str, destination: str) -> tuple[str, ...]:
    """Return the legs of a journey between two countries, in order."""
    return AT_HOME if origin == destination else ABROAD


def split_legs(
    signals: Iterable[Signal], route: Sequence[str], began_at: datetime
) -> list[Stretch]:
    """Return the legs a parcel entered, in order; the first begins with the hand-over.

    A leg ends where a later one begins; an event of an earlier leg changes nothing. The delivery
    ends the last one, the way back and a loss leave it without an end.
    """
    place, began = 0, began_at
    done: list[Stretch] = []
    for signal in sort_signals(signals):
        if signal.status in _OFF_THE_WAY:
            break
        if signal.status == _END:
            ended = max(signal.occurred_at, began)
            return [*done, Stretch(route[place], began, ended)]
        leg = LEG_OF.get(signal.status)
        if leg not in route:
            continue
        entered = route.index(leg)
        if entered > place:
            moment = max(signal.occurred_at, began)
            done.append(Stretch(route[place], began, moment))
            place, began = entered, moment
    return [*done, Stretch(route[place], began)]


def measure_legs(stretches: Iterable[Stretch], until: datetime) -> list[tuple[str, Span]]:
    """Return how long each leg took; one without an end is cut off at ``until``."""
    return [
        (item.leg, _span(item.began, item.ended or until, is_whole=item.ended is not None))
        for item in stretches
    ]


def measure_gaps(
    signals: Iterable[Signal], stretches: Sequence[Stretch], until: datetime, *, is_over: bool
) -> list[tuple[str, Span]]:
    """Return the times between reports, each in the leg where it began.

    The first one begins with the hand-over, the last one is cut off at ``until``.
    """
    began = stretches[0].began
    times = sorted({began, *(item.occurred_at for item in signals if item.occurred_at > began)})
    gaps = [
        (_leg_at(stretches, first), _span(first, second, is_whole=True))
        for first, second in zip(times, times[1:], strict=False)
    ]
    if not is_over:
        gaps.append((_leg_at(stretches, times[-1]), _span(times[-1], until, is_whole=False)))
    return gaps


def _span(began: datetime, ended: datetime, *, is_whole: bool) -> Span:
    return Span(max(0, int((ended - began).total_seconds())), is_whole)


def _leg_at(stretches: Sequence[Stretch], moment: datetime) -> str:
    starts = [item.began for item in stretches]
    return stretches[max(0, bisect_right(starts, moment) - 1)].leg


def find_quantiles(spans: Iterable[Span], wanted: Sequence[float]) -> list[int | None]:
    """Return quantiles in seconds by Kaplan and Meier's estimate (1958).

    Spans that were cut off count as "at least this long": leaving them out would make delays look
    rare. A quantile that the spans do not reach is None.
    """
    ordered = sorted(spans, key=lambda span: (span.seconds, not span.is_whole))
    left, alive = len(ordered), 1.0
    found: list[int | None] = []
    steps: list[tuple[float, int]] = []
    for span in ordered:
        if span.is_whole:
            alive *= (left - 1) / left
            steps.append((1.0 - alive, span.seconds))
        left -= 1
    for share in wanted:
        reached = (seconds for gone, seconds in steps if gone >= share - 1e-9)
        found.append(next(reached, None))
    return found
