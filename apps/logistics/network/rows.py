"""The kinds of network rows, each read from its body; ``RowError`` names what cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.logistics.packing import Box
from apps.logistics.rating import compile_card
from apps.logistics.rating.facts import (
    Body,
    RowError,
    one_of,
    optional,
    section,
    sections,
    text,
    whole,
    words,
)

ANY = "*"
LEGS = ("first_mile", "export", "linehaul", "import", "last_mile")
# Legs whose business days are those of the country the goods leave.
AT_ORIGIN = frozenset({"first_mile", "export", "linehaul"})


@dataclass(frozen=True, slots=True)
class Versioned:
    """A row version: ``ref`` is ``lane.line.europe@1``."""

    ref: str
    body: Body


@dataclass(frozen=True, slots=True)
class Service:
    """How goods travel and what it takes.

    ``scope`` is ``home``, ``abroad`` or ``any``. A service that ``takes_heavier`` gets parcels above
    its limit once it has ``parcels_max`` of them: such freight is agreed by hand.
    """

    ref: str
    code: str
    name: str
    mode: str
    carrier: str
    scope: str
    min_g: int
    max_g: int | None
    parcel_max_g: int
    parcels_max: int
    takes_heavier: bool
    max_side_mm: int | None
    max_girth_mm: int | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a lane with its stated business days: half of the parcels, nine in ten."""

    leg: str
    p50: int
    p90: int


@dataclass(frozen=True, slots=True)
class Lane:
    """From where to where a service goes, with its legs and its card (a rule's name)."""

    ref: str
    service: str
    origins: frozenset[str]
    zone: str
    countries: frozenset[str]
    card: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Zones:
    """Named groups of destinations: ``home`` for the same country, ``rest`` for unlisted ones."""

    ref: str
    zone_of: Mapping[str, str]
    home: str
    rest: str

    def find(self, origin: str, destination: str) -> str:
        """Return the zone of a destination."""
        return self.home if origin == destination else self.zone_of.get(destination, self.rest)


@dataclass(frozen=True, slots=True)
class CutOff:
    """Until when a parcel leaves the same day: a local time, on the working days of a calendar."""

    ref: str
    service: str
    origin: str
    time_zone: str
    at: time
    calendar: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many parcels a service takes in a country on one departure day."""

    ref: str
    rule: str
    service: str
    origin: str
    parcels_per_day: int


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a service does not take on some lanes. Empty parts do not restrict."""

    ref: str
    services: frozenset[str]
    origins: frozenset[str]
    destinations: frozenset[str]
    battery: frozenset[str]
    dangerous: bool
    hs_prefixes: tuple[str, ...]
    parcel_max_g: int | None
    max_side_mm: int | None
    max_girth_mm: int | None
    reason: str

    def covers(self, service: str, origin: str, destination: str) -> bool:
        """Say whether the restriction is about a service between two countries."""
        return all(
            ANY in group or word in group
            for group, word in (
                (self.services, service),
                (self.origins, origin),
                (self.destinations, destination),
            )
        )


def read_service(body: Body, ref: str) -> Service:
    """Read a row of kind ``service``."""
    return Service(
        ref=ref,
        code=text(body, "code"),
        name=text(body, "name"),
        mode=one_of(body, "mode", ("line", "local", "pallet")),
        carrier=text(body, "carrier"),
        scope=one_of(body, "scope", ("home", "abroad", "any"), missing="any"),
        min_g=whole(body, "min_g", missing=0),
        max_g=optional(body, "max_g"),
        parcel_max_g=whole(body, "parcel_max_g", least=1),
        parcels_max=whole(body, "parcels_max", least=1),
        takes_heavier=bool(body.get("takes_heavier", False)),
        max_side_mm=optional(body, "max_side_mm"),
        max_girth_mm=optional(body, "max_girth_mm"),
    )


def read_lane(body: Body, ref: str) -> Lane:
    """Read a row of kind ``lane``; it goes to a zone or to a list of countries."""
    zone, countries = body.get("zone") or "", words(body, "countries")
    if bool(zone) == bool(countries):
        raise RowError("zone: name a zone or a list of countries, one of both")
    legs = []
    for part in sections(body, "legs"):
        leg = Leg(one_of(part, "leg", LEGS), whole(part, "p50"), whole(part, "p90"))
        if leg.p90 < leg.p50:
            raise RowError("legs: p90 is at least p50")
        legs.append(leg)
    if not legs:
        raise RowError("legs: at least one is needed")
    origins = words(body, "origins")
    if not origins:
        raise RowError('origins: countries are needed, or "*" for all')
    return Lane(
        ref=ref,
        service=text(body, "service"),
        origins=frozenset(origins),
        zone=str(zone),
        countries=frozenset(countries),
        card=text(body, "card"),
        legs=tuple(legs),
    )


def read_zones(body: Body, ref: str) -> Zones:
    """Read a row of kind ``zones``; a country is in one zone."""
    zone_of: dict[str, str] = {}
    listed = section(body, "zones")
    for zone in listed:
        for country in words(listed, zone):
            if zone_of.setdefault(country, zone) != zone:
                raise RowError(f"zones: {country} is in two of them")
    return Zones(ref, zone_of, text(body, "home"), text(body, "rest"))


def read_cut_off(body: Body, ref: str) -> CutOff:
    """Read a row of kind ``cut_off``."""
    zone = text(body, "time_zone")
    try:
        clock = ZoneInfo(zone)
        at = time.fromisoformat(text(body, "at"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RowError(f"at, time_zone: {error}") from error
    calendar = text(body, "calendar")
    return CutOff(ref, text(body, "service"), text(body, "origin"), zone, at, calendar, clock)


def read_capacity(body: Body, ref: str) -> Capacity:
    """Read a row of kind ``capacity``."""
    rule = ref.partition("@")[0]
    count = whole(body, "parcels_per_day")
    return Capacity(ref, rule, text(body, "service"), text(body, "origin"), count)


def read_restriction(body: Body, ref: str) -> Restriction:
    """Read a row of kind ``restriction``; it bars at least one thing, and says why."""
    bars = section(body, "bars")
    made = Restriction(
        ref=ref,
        services=frozenset(words(body, "services") or (ANY,)),
        origins=frozenset(words(body, "origins") or (ANY,)),
        destinations=frozenset(words(body, "destinations") or (ANY,)),
        battery=frozenset(words(bars, "battery")),
        dangerous=bool(bars.get("dangerous", False)),
        hs_prefixes=words(bars, "hs_prefixes"),
        parcel_max_g=optional(bars, "parcel_max_g"),
        max_side_mm=optional(bars, "max_side_mm"),
        max_girth_mm=optional(bars, "max_girth_mm"),
        reason=text(body, "reason"),
    )
    limits = (made.parcel_max_g, made.max_side_mm, made.max_girth_mm)
    if not (made.battery or made.dangerous or made.hs_prefixes or any(limits)):
        raise RowError("bars: say what is not taken")
    return made


def read_box(body: Body, ref: str) -> Box:
    """Read a row of kind ``box``: inner and outer sides in mm, its own mass and its limit."""
    inner, outer = body.get("inner_mm"), body.get("outer_mm")
    sides = [*(inner or ()), *(outer or ())]
    if len(sides) != 6 or not all(isinstance(side, int) and side > 0 for side in sides):
        raise RowError("inner_mm, outer_mm: three sides in mm each are needed")
    if any(out < within for within, out in zip(sides[:3], sides[3:], strict=True)):
        raise RowError("outer_mm: no side can be shorter than inside")
    tare_g, gross_g = whole(body, "tare_g"), whole(body, "max_gross_g", least=1)
    if tare_g >= gross_g:
        raise RowError("tare_g: the box alone reaches its limit")
    a, b, c, d, e, f = sides
    return Box(ref, a, b, c, d, e, f, tare_g, gross_g)


_READERS: dict[str, Callable[[Body, str], object]] = {
    "service": read_service,
    "lane": read_lane,
    "zones": read_zones,
    "card": compile_card,
    "cut_off": read_cut_off,
    "capacity": read_capacity,
    "restriction": read_restriction,
    "box": read_box,
}
KINDS = tuple(_READERS)


def check_row(body: Body) -> None:
    """Raise ``RowError`` for a row that the engine cannot read."""
    _READERS[one_of(body, "kind", KINDS)](body, f"{body.get('id')}@0")
