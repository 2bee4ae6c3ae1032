"""The working time of whoever packs the goods: ship-by dates, and what pauses them.

A merchant's days are the business days of their own country on their own clock: weekends and public
holidays do not count. An order placed after the cut-off hour counts as placed on the next day. The
buyer's market says how many days there are; its own clock is shown beside.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from apps.markets.places import is_business_day
from apps.markets.rules import add_business_days, add_working_time, working_time
from apps.merchants.models import Merchant

CUT_OFF = time(16)
# Working days after the ship-by date; a warning comes one working day before the end.
CANCEL_AFTER = timedelta(days=5)
WARN_BEFORE = timedelta(days=1)
# Holds the merchant did not cause: while one is open the clock stands still.
PAUSING = frozenset({"address", "customs", "party", "platform", "risk"})


def ship_by(merchant: Merchant, placed_at: datetime, days: int) -> datetime:
    """Return the end of the merchant's ``days``-th working day after an order came in."""
    zone = ZoneInfo(merchant.time_zone)
    local = placed_at.astimezone(zone)
    is_late = local.time() >= CUT_OFF
    return _ship_by(merchant.country, merchant.time_zone, local.date(), is_late, days)


@lru_cache(maxsize=1024)
def _ship_by(country: str, zone_name: str, day: date, is_late: bool, days: int) -> datetime:
    is_open = partial(is_business_day, country)
    start = add_business_days(day, 1 if is_late else 0, is_open=is_open)
    last = add_business_days(start, days, is_open=is_open)
    ends = datetime.combine(last + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone_name))
    return ends.astimezone(UTC)


def cancel_at(merchant: Merchant, ship_by_at: datetime) -> datetime:
    """Return when an order that has not left by then is cancelled by itself."""
    return later(merchant, ship_by_at, CANCEL_AFTER)


def warn_at(merchant: Merchant, ship_by_at: datetime) -> datetime:
    """Return when the company is warned of that: one working day before."""
    return later(merchant, ship_by_at, CANCEL_AFTER - WARN_BEFORE)


def later(merchant: Merchant, moment: datetime, span: timedelta) -> datetime:
    """Return the moment after a span of the merchant's working time."""
    return _later(merchant.country, merchant.time_zone, moment, span)


# All orders of a day have the same ends.
@lru_cache(maxsize=1024)
def _later(country: str, zone_name: str, moment: datetime, span: timedelta) -> datetime:
    is_open = partial(is_business_day, country)
    return add_working_time(moment, span, zone=ZoneInfo(zone_name), is_open=is_open)


def worked(merchant: Merchant, start: datetime, end: datetime) -> timedelta:
    """Return the merchant's working time in a span."""
    return working_time(
        start,
        end,
        zone=ZoneInfo(merchant.time_zone),
        is_open=partial(is_business_day, merchant.country),
    )
