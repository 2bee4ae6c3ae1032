"""Check digits of GS1: GTIN, SSCC and their like. Pure."""

from __future__ import annotations

import re
from string import digits

_SSCC = re.compile(r"[0-9]{18}")


def gs1_check_digit(body: str) -> int:
    """Return the check digit of a GS1 number without it (GS1 General Specifications 7.9).

    Digits count 3 and 1 in turn from the right; 10614141123456789 gives 7. Raises ``ValueError``
    for anything but digits.
    """
    if not body or not set(body) <= set(digits):
        raise ValueError("Only the digits 0 to 9 have a check digit")
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))
    )
    return -weighted % 10


def is_valid_sscc(number: str) -> bool:
    """Say whether a number is 18 digits with the right check digit."""
    return bool(_SSCC.fullmatch(number)) and int(number[17]) == gs1_check_digit(number[:17])
