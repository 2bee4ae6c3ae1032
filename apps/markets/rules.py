"""Pure rules of markets: counting days on which a place works, and the time in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

IsOpen = Callable[[date], bool]
_DAY = timedelta(days=1)
_LONGEST_PAUSE = 60


def add_business_days(start: date, days: int, *, is_open: IsOpen) -> date:
    """Return the day that is ``days`` business days after ``start``; the start itself never counts.

    With 0 it is the start, or the next day that is open. Raises ``ValueError`` for a negative count
    and for a place that stays closed for more than 60 days on end.
    """
    if days < 0:
        raise ValueError("days: a count of zero or more is needed")
    day = _next_open(start, is_open)
    if days and day != start:
        days -= 1  # a start on a closed day: the first open day is the first counted one
    for _count in range(days):
        day = _next_open(day + _DAY, is_open)
    return day


def _next_open(day: date, is_open: IsOpen) -> date:
    for _tried in range(_LONGEST_PAUSE):
        if is_open(day):
            return day
        day += _DAY
    raise ValueError("is_open: no open day within 60 days")


def working_time(start: datetime, end: datetime, *, zone: tzinfo, is_open: IsOpen) -> timedelta:
    """Return how much of a span lies in open days; each of them counts from midnight to midnight.

    Days are those of ``zone``; a day on which clocks change counts as long as it really is.
    """
    total = timedelta(0)
    day = start.astimezone(zone).date()
    while _midnight(day, zone) < end:
        if is_open(day):
            first = max(start, _midnight(day, zone))
            total += max(min(end, _midnight(day + _DAY, zone)) - first, timedelta(0))
        day += _DAY
    return total


def add_working_time(
    start: datetime, span: timedelta, *, zone: tzinfo, is_open: IsOpen
) -> datetime:
    """Return the first moment at which ``span`` of working time has passed since ``start``.

    ``working_time`` of the result is the span again. Raises ``ValueError`` for a negative span and
    for a place that stays closed for more than 60 days on end.
    """
    if span < timedelta(0):
        raise ValueError("span: a span of zero or more is needed")
    moment, left = start, span
    while left:
        day = _next_open(moment.astimezone(zone).date(), is_open)
        moment = max(moment, _midnight(day, zone))
        step = min(left, _midnight(day + _DAY, zone) - moment)
        moment, left = moment + step, left - step
    return moment.astimezone(UTC)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
