"""Numbers on boxes, waybills and containers: built and checked. Pure.

S10, the number of a postal parcel, is with the parcels (``apps.fulfillment.rules``).
"""

from __future__ import annotations

import re
from string import ascii_uppercase, digits

from apps.common.gs1 import gs1_check_digit, is_valid_sscc

__all__ = [
    "container_check_digit",
    "gs1_check_digit",
    "is_valid_container",
    "is_valid_mawb",
    "is_valid_sscc",
    "make_mawb",
    "make_sscc",
]
_MAWB = re.compile(r"([0-9]{3})-?([0-9]{7})([0-9])")
_CONTAINER = re.compile(r"([A-Z]{3}[UJZ][0-9]{6})([0-9])")
# ISO 6346: letters count from 10 on and leave out the multiples of 11.
_LETTER_VALUES = dict(
    zip(ascii_uppercase, (value for value in range(10, 39) if value % 11), strict=True)
)
_SERIAL_DIGITS = 16


def make_sscc(extension: int, company_prefix: str, serial: int) -> str:
    """Return the 18 digits of a logistic unit: extension digit, GS1 company prefix, serial, check.

    ``make_sscc(1, "0614141", 123456789)`` is ``106141411234567897``. Raises ``ValueError`` for an
    extension beyond 0–9, a prefix that is not 4 to 12 digits (GS1: 4 to 12), or a serial that the
    prefix leaves no room for.
    """
    if not 0 <= extension <= 9:
        raise ValueError("The extension is one digit")
    if not 4 <= len(company_prefix) <= 12 or not set(company_prefix) <= set(digits):
        raise ValueError("A company prefix has 4 to 12 digits")
    room = _SERIAL_DIGITS - len(company_prefix)
    if not 0 <= serial < 10**room:
        raise ValueError(f"The serial has at most {room} digits after this prefix")
    body = f"{extension}{company_prefix}{serial:0{room}d}"
    return f"{body}{gs1_check_digit(body)}"


def make_mawb(airline_prefix: str, serial: int) -> str:
    """Return an air waybill number: airline, seven digits, and their remainder by 7 (IATA).

    ``make_mawb("160", 1234567)`` is ``160-12345675``. Raises ``ValueError`` for a prefix that is
    not three digits or a serial beyond seven.
    """
    if len(airline_prefix) != 3 or not set(airline_prefix) <= set(digits):
        raise ValueError("An airline prefix has three digits")
    if not 0 <= serial <= 9_999_999:
        raise ValueError("The serial has at most seven digits")
    return f"{airline_prefix}-{serial:07d}{serial % 7}"


def is_valid_mawb(number: str) -> bool:
    """Say whether an air waybill number, with or without the dash, has the right check digit."""
    found = _MAWB.fullmatch(number)
    return found is not None and int(found[2]) % 7 == int(found[3])


def container_check_digit(body: str) -> int:
    """Return the check digit of owner, category and serial (ISO 6346): ``CSQU305438`` gives 3.

    Values are weighted by powers of two, summed modulo 11; 10 counts as 0. Raises ``ValueError``
    for another shape.
    """
    if not _CONTAINER.fullmatch(f"{body}0"):
        raise ValueError("A container number has three letters, U, J or Z, and six digits")
    total = sum(
        (_LETTER_VALUES[sign] if sign in _LETTER_VALUES else int(sign)) << place
        for place, sign in enumerate(body)
    )
    return total % 11 % 10


def is_valid_container(number: str) -> bool:
    """Say whether a container number has the shape and check digit of ISO 6346."""
    found = _CONTAINER.fullmatch(number)
    return found is not None and container_check_digit(found[1]) == int(found[2])
