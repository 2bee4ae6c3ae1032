"""Pure rules of the catalog: what a listing needs before it may go live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HS = re.compile(r"^\d{6}(\d{2}){0,3}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")


@dataclass(frozen=True, slots=True)
class CustomsFacts:
    """What customs asks of an item; weight in grams."""

    origin_country: str
    hs_code: str
    customs_name: str
    weight_g: int


def is_hs_code(code: str) -> bool:
    """Say whether a code has 6, 8, 10 or 12 digits (HS 2022 and its national extensions)."""
    return bool(_HS.match(code))


def is_gtin(code: str) -> bool:
    """Say whether a GTIN of 8, 12, 13 or 14 digits has the right check digit (GS1 mod 10)."""
    if not code.isascii() or not code.isdigit() or len(code) not in {8, 12, 13, 14}:
        return False
    weighted = sum(
        int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(code[:-1]))
    )
    return (10 - weighted % 10) % 10 == int(code[-1])


def find_missing(facts: CustomsFacts) -> Iterator[str]:
    """Yield the names of fields that keep a listing from going live."""
    if not _COUNTRY.match(facts.origin_country):
        yield "origin_country"
    if not is_hs_code(facts.hs_code):
        yield "hs_code"
    if len(facts.customs_name.strip()) < 3:
        yield "customs_name"
    if facts.weight_g <= 0:
        yield "weight_g"
