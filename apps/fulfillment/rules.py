"""Pure rules of fulfilment: parcel numbers, parcel planning, postage, and the tracking fold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.core import get_global

from apps.carriers.recognition import check_digits
from apps.common.money import Money, allocate

# --- Parcel numbers -----------------------------------------------------------------------------

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
LAST_SERIAL = 99_999_999


def s10_check_digit(serial: int) -> int:
    """Return the check digit of an eight-digit serial (UPU S10-12: weights 8 6 4 2 3 5 9 7).

    11 − (sum mod 11); 10 becomes 0 and 11 becomes 5. 47312482 gives 9.
    """
    return int(check_digits.s10(f"{serial:08d}"))


def make_s10(prefix: str, serial: int, country: str) -> str:
    """Return the number of a serial: ``make_s10("RR", 47312482, "GB")`` is ``RR473124829GB``."""
    return f"{prefix}{serial:08d}{s10_check_digit(serial)}{country}"


def is_valid_s10(number: str) -> bool:
    """Say whether a number has the S10 form, an existing country and the right check digit."""
    if not _S10.fullmatch(number) or number[-2:] not in countries():
        return False
    return int(number[10]) == s10_check_digit(int(number[2:10]))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Return the ISO 3166 codes of countries and territories (CLDR)."""
    return frozenset(get_global("territory_zones")) - {"ZZ"}


# --- Parcels, services and customs --------------------------------------------------------------

MAX_PARCEL_G = 30_000
MAX_PARCELS = 20
MAX_PALLET_G = 600_000
MAX_PALLETS = 99
LINE, LOCAL, PALLET = "line", "local", "pallet"
_EU_LIST = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(_EU_LIST.split())


@dataclass(frozen=True, slots=True)
class ParcelPlan:
    """How a shipment is packed: the service and the weight of each parcel in grams."""

    service: str
    weights_g: tuple[int, ...]


def plan_parcels(weight_g: int, *, origin: str, destination: str) -> ParcelPlan:
    """Split a shipment into parcels of at most 30 kg, or above 20 of them into pallets of 600 kg.

    Weights differ by at most one gram and sum exactly. Beyond 99 pallets the pallets get heavier:
    such freight is agreed by hand, but the order never gets stuck here.
    """
    count = max(1, -(-weight_g // MAX_PARCEL_G))
    service = LOCAL if origin == destination else LINE
    if count > MAX_PARCELS:
        service, count = PALLET, min(MAX_PALLETS, -(-weight_g // MAX_PALLET_G))
    return ParcelPlan(service, tuple(allocate(weight_g, [1] * count)))


def needs_customs(origin: str, destination: str) -> bool:
    """Say whether goods cross a customs border: countries differ and are not both in the EU."""
    return origin != destination and not {origin, destination} <= _EU


# --- Postage ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tariff:
    """A dated price of one service to one zone: per parcel and per kilogram, minor units of CNY."""

    version: str
    effective_from: date
    service: str
    zone: str
    handling_minor: int
    per_kg_minor: int


TARIFF_CURRENCY = "CNY"
_ZONES = {
    "asia": "AE BD BH BN CN HK ID IL IN JP KH KR KW LA LB LK MM MO MY NP OM PH PK QA SA SG TH TR TW"
    " VN",
    "europe": "AT BE BG CH CY CZ DE DK EE ES FI FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MT"
    " NL NO PL PT RO RS SE SI SK UA",
    "north_america": "US CA MX PR",
    "oceania": "AU NZ",
}
_ZONE_OF = {country: zone for zone, listed in _ZONES.items() for country in listed.split()}
# The portal's own line. A new price is a new row with a later date; old rows never change.
_TARIFF_ROWS = """
2000-01-01 local  home          450   180
2000-01-01 line   asia         1600  3900
2000-01-01 line   europe       1750  5600
2000-01-01 line   north_america 1900 6900
2000-01-01 line   oceania      1850  6400
2000-01-01 line   world        2300  8800
2000-01-01 pallet home         9000    90
2000-01-01 pallet asia        38000   850
2000-01-01 pallet europe      52000  1400
2000-01-01 pallet north_america 56000 1650
2000-01-01 pallet oceania     54000  1500
2000-01-01 pallet world       68000  2300
"""


def _tariff(row: str) -> Tariff:
    day, service, zone, handling, per_kg = row.split()
    return Tariff(
        version=f"{day}/{service}/{zone}",
        effective_from=date.fromisoformat(day),
        service=service,
        zone=zone,
        handling_minor=int(handling),
        per_kg_minor=int(per_kg),
    )


TARIFFS: tuple[Tariff, ...] = tuple(_tariff(row) for row in _TARIFF_ROWS.strip().splitlines())


def find_zone(origin: str, destination: str) -> str:
    """Return the price zone of a destination; the same country is ``home``, unlisted is ``world``."""
    if origin == destination:
        return "home"
    return _ZONE_OF.get(destination, "world")


def find_tariff(
    service: str, zone: str, on: date, tariffs: Sequence[Tariff] = TARIFFS
) -> Tariff | None:
    """Return the newest tariff of a service and zone in force on a day, or nothing."""
    valid = [
        row
        for row in tariffs
        if (row.service, row.zone) == (service, zone) and row.effective_from <= on
    ]
    return max(valid, key=lambda row: row.effective_from, default=None)


def price_postage(tariff: Tariff, weights_g: Sequence[int]) -> Money:
    """Return handling for each parcel plus the price per kilogram, to the gram, rounded once."""
    grams = Decimal(sum(weights_g))
    minor = tariff.handling_minor * len(weights_g) + tariff.per_kg_minor * grams / 1000
    return Money.rounded(minor / 100, TARIFF_CURRENCY)


# --- Tracking -----------------------------------------------------------------------------------

UNKNOWN, LABEL_CREATED, DELIVERED, CANCELLED = "unknown", "label_created", "delivered", "cancelled"
RETURNING, RETURNED, DESTROYED, LOST = "returning", "returned", "destroyed", "lost"
# In the order of a journey: decides between events of the same second.
_JOURNEY = """
    unknown label_created cancelled expired on_hold delayed picked_up at_origin_hub
    departed_origin_hub export_customs export_failed export_cleared handed_to_linehaul
    linehaul_departed linehaul_arrived import_customs customs_info_required customs_tax_due
    import_failed import_cleared handed_to_last_mile in_transit ready_for_pickup
    delivery_attempt_failed out_for_delivery damaged lost delivered returning returned destroyed
"""
_PLACE = {status: place for place, status in enumerate(_JOURNEY.split())}
# What a carrier may say without having touched the parcel.
_WITHOUT_TOUCH = frozenset({UNKNOWN, LABEL_CREATED, CANCELLED, "expired", "on_hold", "delayed"})
TOUCHED = frozenset(_PLACE) - _WITHOUT_TOUCH
_WAY_BACK = frozenset({RETURNING, RETURNED, DESTROYED})
_END_OF_WAY_BACK = frozenset({RETURNED, DESTROYED})


@dataclass(frozen=True, slots=True)
class Scan:
    """One carrier event in the portal's vocabulary and when it happened."""

    status: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ParcelState:
    """What all events of a parcel add up to."""

    status: str = ""
    delivered_at: datetime | None = None
    first_scan_at: datetime | None = None
    last_event_at: datetime | None = None


def fold(scans: Iterable[Scan]) -> ParcelState:
    """Return the state that a parcel's events add up to, whatever their order and repetition.

    The latest event by its own time counts, with four exceptions: an event that is not understood
    or only says that a label exists never hides a real one; after a delivery only the way back
    counts; after the parcel came back or was destroyed nothing else does; and a delivery on the way
    back is the return to the sender, not a delivery to the buyer.
    """
    ordered = sorted(set(scans), key=lambda scan: (scan.occurred_at, _PLACE[scan.status]))
    status, delivered_at, first_scan_at = "", None, None
    is_coming_back = False
    for scan in ordered:
        current = RETURNED if is_coming_back and scan.status == DELIVERED else scan.status
        is_coming_back = is_coming_back or current in _WAY_BACK
        if first_scan_at is None and current not in _WITHOUT_TOUCH:
            first_scan_at = scan.occurred_at
        if delivered_at is None and current == DELIVERED:
            delivered_at = scan.occurred_at
        if _counts_after(status, current, is_delivered=delivered_at is not None):
            status = current
    last = ordered[-1].occurred_at if ordered else None
    return ParcelState(status, delivered_at, first_scan_at, last)


def place_of(status: str) -> int:
    """Return a status's place in a journey: it decides between events of the same second."""
    return _PLACE[status]


def _counts_after(known: str, new: str, *, is_delivered: bool) -> bool:
    if known in _END_OF_WAY_BACK:
        return new in _END_OF_WAY_BACK
    if is_delivered:
        return (new == DELIVERED and known not in _WAY_BACK) or new in _WAY_BACK
    return _weight(new) >= _weight(known)


def _weight(status: str) -> int:
    if status in {"", UNKNOWN}:
        return 0
    return 1 if status in {LABEL_CREATED, CANCELLED} else 2


def parcel_status(state: ParcelState) -> str:
    """Return the parcel's status in our words after it was handed over."""
    ends = {DELIVERED, RETURNED, LOST, DESTROYED}
    return state.status if state.status in ends else "tendered"


def shipment_status(states: Sequence[ParcelState]) -> str:
    """Return a handed-over shipment's status from the states of its parcels (at least one)."""
    seen = {state.status for state in states}
    for status, result in ((DELIVERED, DELIVERED), (DESTROYED, "disposed")):
        if seen == {status}:
            return result
    if seen <= {DELIVERED, *_END_OF_WAY_BACK}:
        return RETURNED
    if LOST in seen and seen <= {LOST, DELIVERED, RETURNED, DESTROYED}:
        return LOST
    if seen & _WAY_BACK:
        return RETURNING
    moved = any(state.first_scan_at is not None for state in states)
    return "in_transit" if moved else "tendered"
