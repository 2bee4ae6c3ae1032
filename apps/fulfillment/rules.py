"""Pure rules of fulfilment: parcel numbers, customs borders, and the tracking fold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel.core import get_global

from apps.carriers.recognition import check_digits

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


# --- Customs -------------------------------------------------------------------------------------

_EU_LIST = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU = frozenset(_EU_LIST.split())


def needs_customs(origin: str, destination: str) -> bool:
    """Say whether goods cross a customs border: countries differ and are not both in the EU."""
    return origin != destination and not {origin, destination} <= _EU


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
