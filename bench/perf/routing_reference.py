"""The plain evaluation: reads the rows anew for every shipment, looks at everything, keeps nothing.

Written without the engine, for the shipped network's kinds of rows (cards per kilogram, zones, one
cut-off): a second opinion on the service and the price, and the floor that compiling is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Rows = Sequence[Mapping[str, Any]]
IsOpen = Callable[[str, date], bool]


def evaluate(
    rows: Rows,
    *,
    origin: str,
    destination: str,
    goods: Sequence[Any],
    now: datetime,
    ship_by: datetime,
    is_open: IsOpen,
) -> tuple[str, int, date] | None:
    """Return service, price in minor units and departure day of the best way, or nothing."""
    found = [
        _one(rows, lane, origin, destination, goods, now, ship_by, is_open)
        for lane in rows
        if lane["kind"] == "lane" and _goes(rows, lane, origin, destination)
    ]
    opened = sorted(way for way in found if way is not None)
    if not opened:
        return None
    _late, minor, day, code = opened[0]
    return code, minor, day


def _named(rows: Rows, kind: str) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if row["kind"] == kind)


def _goes(rows: Rows, lane: Mapping[str, Any], origin: str, destination: str) -> bool:
    zones = next(_named(rows, "zones"))
    inside = [zone for zone, listed in zones["zones"].items() if destination in listed]
    zone = zones["home"] if origin == destination else (inside or [zones["rest"]])[0]
    return lane["zone"] == zone and ("*" in lane["origins"] or origin in lane["origins"])


def _one(
    rows: Rows,
    lane: Mapping[str, Any],
    origin: str,
    destination: str,
    goods: Sequence[Any],
    now: datetime,
    ship_by: datetime,
    is_open: IsOpen,
) -> tuple[bool, int, date, str] | None:
    service = next(row for row in _named(rows, "service") if row["code"] == lane["service"])
    weight = sum(item.weight_g * item.quantity for item in goods)
    is_home = origin == destination
    if service["scope"] == ("abroad" if is_home else "home"):
        return None
    if not service.get("min_g", 0) <= weight <= service.get("max_g", weight):
        return None
    for row in _named(rows, "restriction"):
        if service["code"] in row["services"] and any(_barred(row["bars"], item) for item in goods):
            return None
    count = min(max(1, -(-weight // service["parcel_max_g"])), service["parcels_max"])
    card = next(row for row in _named(rows, "card") if row["id"] == lane["card"])
    freight = Decimal(card["freight"]["per_kg_minor"]) * weight / 1000
    minor = int((card["handling_minor"] * count + freight).quantize(Decimal(1), ROUND_HALF_UP))
    day, at = _leaves(rows, origin, now, is_open)
    for leg in lane["legs"]:
        country = origin if leg["leg"] in {"first_mile", "export", "linehaul"} else destination
        for share in ("p50", "p90"):
            _count_days(day, leg[share], country, is_open)
    return at > ship_by, minor, day, service["code"]


def _barred(bars: Mapping[str, Any], item: Any) -> bool:
    return item.battery in bars.get("battery", ()) or (bars.get("dangerous") and item.is_dangerous)


def _leaves(rows: Rows, origin: str, now: datetime, is_open: IsOpen) -> tuple[date, datetime]:
    for cut in _named(rows, "cut_off"):
        if cut["origin"] != origin:
            continue
        zone = ZoneInfo(cut["time_zone"])
        day = now.astimezone(zone).date()
        at = datetime.combine(day, time.fromisoformat(cut["at"]), tzinfo=zone)
        while not is_open(cut["calendar"], day) or now > at:
            day += timedelta(days=1)
            at = datetime.combine(day, time.fromisoformat(cut["at"]), tzinfo=zone)
        return day, at
    return now.astimezone(UTC).date(), now


def _count_days(start: date, days: int, country: str, is_open: IsOpen) -> date:
    day = start
    while days or not is_open(country, day):
        day += timedelta(days=1)
        days -= 1 if days and is_open(country, day) else 0
    return day
