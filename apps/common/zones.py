"""Time zones as people choose them: city, country and offset in the language of the page."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache

from babel.core import Locale, get_global
from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.formatting import MINUS, current_locale, zone_city

_NOWHERE = {"001", "ZZ"}


def list_zone_choices() -> list[tuple[str, str]]:
    """Return (IANA name, label) of the zones that have a country, by today's offset and then name.

    The label begins with the city, so that typing it finds the zone in the browser's own list:
    ``Shanghai, China (UTC+08:00)``. Names are those of CLDR.
    """
    return list(_choices(str(current_locale()), utc_now().date()))


@lru_cache(maxsize=8)
def _choices(language: str, today: dt.date) -> tuple[tuple[str, str], ...]:
    noon = dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC)
    locale = Locale.parse(language)
    countries = get_global("zone_territories")
    rows = []
    for name in zoneinfo.available_timezones():
        country = countries.get(name, "ZZ")
        if country in _NOWHERE:
            continue
        offset = noon.astimezone(zoneinfo.ZoneInfo(name)).utcoffset() or dt.timedelta(0)
        place = _("%(city)s, %(country)s") % {
            "city": zone_city(name),
            "country": locale.territories.get(country, country),
        }
        rows.append((offset, place, name))
    return (
        ("UTC", "UTC"),
        *((name, f"{place} ({_written(offset)})") for offset, place, name in sorted(rows)),
    )


def _written(offset: dt.timedelta) -> str:
    minutes = abs(int(offset.total_seconds())) // 60
    sign = MINUS if offset < dt.timedelta(0) else "+"
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"


def with_own_zone(choices: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """Return the choices, and at the end a zone that is in use but not among them."""
    if not name or any(known == name for known, _label in choices):
        return choices
    return [*choices, (name, name)]
