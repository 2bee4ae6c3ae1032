"""Lines that people paste from a sheet: SKU, units, cartons, lot, and the day it ends. Pure of the web."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MAX_ROWS = 1000
_SPLIT = re.compile(r"\t|;|,")


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One row as it was read; ``problem`` names what is wrong with it, empty when nothing is.

    Problems are ``quantity``, ``cartons``, ``lot`` (a code without a day, or the other way round),
    ``day`` (not written as 2027-06-01) and ``columns`` (too many).
    """

    number: int
    sku: str
    quantity: int = 0
    cartons: int = 0
    lot_code: str = ""
    expires_on: date | None = None
    problem: str = ""


def read_pasted(text: str) -> list[PastedLine]:
    """Return the rows of a pasted text, columns split by tab, semicolon or comma.

    Empty rows are left out, and a first row whose quantity is a word (a heading).
    """
    rows = []
    for number, raw in enumerate(text.splitlines()[:MAX_ROWS], 1):
        cells = [cell.strip() for cell in _SPLIT.split(raw)]
        if not any(cells):
            continue
        if number == 1 and len(cells) > 1 and not any(sign.isdigit() for sign in cells[1]):
            continue
        rows.append(_read(number, [*cells, "", "", "", ""]))
    return rows


def _read(number: int, cells: list[str]) -> PastedLine:
    sku, units, cartons, lot, day = cells[:5]
    if any(cells[5:]):
        return PastedLine(number, sku, problem="columns")
    if not _is_count(units) or int(units) == 0:
        return PastedLine(number, sku, problem="quantity")
    if cartons and not _is_count(cartons):
        return PastedLine(number, sku, problem="cartons")
    ends = None
    if day:
        try:
            ends = date.fromisoformat(day)
        except ValueError:
            return PastedLine(number, sku, problem="day")
    if bool(lot) != bool(ends):
        return PastedLine(number, sku, problem="lot")
    return PastedLine(number, sku, int(units), int(cartons or 0), lot, ends)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 7
