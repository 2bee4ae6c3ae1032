"""Pure rules of markets: counting days on which a place works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

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
