"""A carrier that answers at once: plausible journeys for demo and replay, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from babel import Locale

from apps.fulfillment.requests import TrackingInput

SOURCE = "simulator"
_GATEWAYS = {
    "AE": "Dubai", "AT": "Vienna", "AU": "Sydney", "BE": "Liège", "BR": "Curitiba",
    "CA": "Vancouver", "CH": "Zurich", "CN": "Guangzhou", "CZ": "Prague", "DE": "Leipzig",
    "DK": "Copenhagen", "ES": "Madrid", "FI": "Helsinki", "FR": "Paris", "GB": "London",
    "GR": "Athens", "HK": "Hong Kong", "IE": "Dublin", "IL": "Tel Aviv", "IT": "Milan",
    "JP": "Tokyo", "MX": "Mexico City", "MY": "Kuala Lumpur", "NL": "Amsterdam", "NO": "Oslo",
    "NZ": "Auckland", "PH": "Manila", "PL": "Warsaw", "PT": "Lisbon", "SA": "Riyadh",
    "SE": "Stockholm", "SG": "Singapore", "TH": "Bangkok", "US": "Los Angeles",
    "VN": "Ho Chi Minh City",
}  # fmt: skip
_Step = tuple[str, str, tuple[int, int]]
# Status, where it happens, and the least and most minutes since the step before.
_ABROAD: tuple[_Step, ...] = (
    ("picked_up", "origin", (0, 0)),
    ("at_origin_hub", "origin", (180, 720)),
    ("departed_origin_hub", "origin", (240, 900)),
    ("export_customs", "origin", (120, 600)),
    ("export_cleared", "origin", (60, 480)),
    ("linehaul_departed", "origin", (300, 1800)),
    ("linehaul_arrived", "gateway", (600, 1500)),
    ("import_customs", "gateway", (60, 480)),
    ("import_cleared", "gateway", (120, 1440)),
    ("handed_to_last_mile", "gateway", (240, 1200)),
    ("in_transit", "country", (480, 1800)),
    ("out_for_delivery", "country", (480, 1500)),
    ("delivered", "country", (90, 540)),
)
_AT_HOME: tuple[_Step, ...] = (
    ("picked_up", "origin", (0, 0)),
    ("in_transit", "country", (360, 1200)),
    ("out_for_delivery", "country", (480, 1500)),
    ("delivered", "country", (90, 540)),
)
_SECOND_ATTEMPT: tuple[_Step, ...] = (
    ("delivery_attempt_failed", "country", (90, 400)),
    ("out_for_delivery", "country", (900, 1300)),
)
_FAILS_ONE_IN = 12


def plan_journey(
    tracking_number: str, country: str, tendered_at: datetime, seed: int
) -> list[TrackingInput]:
    """Return the events of a parcel on its way to ``country``, from pick-up to delivery, in order.

    The same arguments give the same journey. The origin is the country in the number; one parcel
    in twelve is delivered at the second attempt.
    """
    chance = random.Random(f"{seed}:{tracking_number}:{country}")  # noqa: S311
    origin = tracking_number[-2:]
    places = {
        "origin": _place(origin),
        "gateway": _place(country),
        "country": str(Locale("en").territories.get(country, country)),
    }
    moment = tendered_at
    journey: list[TrackingInput] = []
    for number, (code, where, (least, most)) in enumerate(_steps(origin, country, chance), 1):
        moment += timedelta(minutes=chance.randint(least, most))
        journey.append(
            TrackingInput(
                tracking_number=tracking_number,
                code=code,
                occurred_at=moment,
                location=places[where],
                source=SOURCE,
                event_id=f"{seed}-{number}",
            )
        )
    return journey


def _steps(origin: str, country: str, chance: random.Random) -> Iterator[_Step]:
    planned = _AT_HOME if origin == country else _ABROAD
    yield from planned[:-1]
    if chance.randrange(_FAILS_ONE_IN) == 0:
        yield from _SECOND_ATTEMPT
    yield planned[-1]


def _place(country: str) -> str:
    gateway = _GATEWAYS.get(country)
    return f"{gateway}, {country}" if gateway else country
