"""From a cell of a sheet to a value: plain functions that refuse what is not certain.

A cell is text, a number, a truth value, or ``{"date": …}`` where a spreadsheet made a date of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.catalog.rules import is_gtin, is_hs_code
from apps.common.money import precision
from apps.common.sheets import restore

Cell = str | int | float | bool | dict[str, str] | None
Value = str | int | bool
Fact = str | int

CLEAR = ("(empty)", "（空）", "(空)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d{1,2}$")
_NUMBER = {
    ".": re.compile(r"^-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$"),
    ",": re.compile(r"^-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?$"),
}
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_YES = frozenset({"yes", "y", "true", "1", "on", "是", "上架", "启用"})
_NO = frozenset({"no", "n", "false", "0", "off", "否", "下架", "停用"})
MAX_INTEGER = 2_147_483_647
MAX_MINOR = 10**15


class CellError(Exception):
    """A cell that cannot be used: a code with facts, told in words by ``sentences``."""

    def __init__(self, code: str, **facts: Fact) -> None:
        """Keep code and facts."""
        super().__init__(code)
        self.code = code
        self.facts: dict[str, Fact] = facts


@dataclass(frozen=True, slots=True)
class Warned:
    """A value that can be used, with something the person should look at."""

    value: Value
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


Parser = Callable[[Cell], "Value | Warned"]


def is_blank(cell: Cell) -> bool:
    """Say whether a cell holds nothing."""
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def text(*, limit: int, may_clear: bool = False, lines: bool = False) -> Parser:
    """Return a parser of plain text of at most ``limit`` characters."""

    def parse(cell: Cell) -> Value | Warned:
        found = (cell if type(cell) is str else _plain(cell)).strip()
        if found[:1] == "'":
            found = restore(found)
        if len(found) > limit:
            raise CellError("too_long", limit=limit, length=len(found))
        if not found.isprintable() and (
            _CONTROL.search(found) or (not lines and re.search(r"[\r\n]", found))
        ):
            raise CellError("unreadable")
        return "" if may_clear and found in CLEAR else found

    return parse


def sku(cell: Cell) -> Value | Warned:
    """Read a SKU: text of at most 64 characters without spaces at its ends."""
    found = _SKU(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Warned(str(found), "number_as_text", {"value": str(found)})
    if isinstance(found, str) and _SCIENTIFIC.match(found):
        raise CellError("shortened", value=found)
    return found


_SKU = text(limit=64)


def gtin(cell: Cell) -> Value | Warned:
    """Read a GTIN with its check digit; zeros that a spreadsheet dropped are put back, with a word."""
    found = _digits(cell)
    if found in CLEAR:
        return ""
    if is_gtin(found):
        return found
    if found.isascii() and found.isdigit():
        for length in (8, 12, 13, 14):
            padded = found.zfill(length)
            if len(padded) == length and isinstance(cell, int | float) and is_gtin(padded):
                return Warned(padded, "zeros_added", {"value": padded})
    raise CellError("gtin", value=found[:30])


def hs_code(cell: Cell) -> Value | Warned:
    """Read an HS code of 6, 8, 10 or 12 digits, with or without dots."""
    found = _digits(cell)
    if found in CLEAR:
        return ""
    plain = re.sub(r"[.\s]", "", found)
    if is_hs_code(plain):
        return plain
    padded = "0" + plain
    if isinstance(cell, int | float) and is_hs_code(padded):
        return Warned(padded, "zeros_added", {"value": padded})
    raise CellError("hs_code", value=found[:30])


def country(cell: Cell) -> Value | Warned:
    """Read a country as two letters (ISO 3166-1)."""
    found = str(_SKU(cell))
    if found in CLEAR:
        return ""
    found = found.upper()
    if not _COUNTRY.match(found):
        raise CellError("country", value=found[:30])
    return found


def currency(cell: Cell) -> Value | Warned:
    """Read a currency as three letters (ISO 4217)."""
    found = str(_SKU(cell)).upper()
    try:
        precision(found)
    except ValueError:
        raise CellError("currency", value=found[:30]) from None
    return found


def whole(mark: str) -> Parser:
    """Return a parser of whole numbers from 0; ``mark`` is the sheet's decimal mark."""

    def parse(cell: Cell) -> Value | Warned:
        number = _decimal(cell, mark)
        if number != number.to_integral_value():
            raise CellError("not_whole", value=str(cell)[:30])
        if not 0 <= number <= MAX_INTEGER:
            raise CellError("out_of_range", value=str(cell)[:30], limit=MAX_INTEGER)
        return int(number)

    return parse


def amount(mark: str) -> Parser:
    """Return a parser of amounts as exact text, from 0 on: ``1,234.50`` or ``1.234,50``."""

    def parse(cell: Cell) -> Value | Warned:
        number = _decimal(cell, mark)
        if number < 0:
            raise CellError("below_zero", value=str(cell)[:30])
        return format(number, "f")

    return parse


def to_minor(value: str, code: str) -> int:
    """Return an amount in minor units of a currency; refuses digits the currency does not have."""
    minor = Decimal(value).scaleb(precision(code))
    if minor != minor.to_integral_value():
        raise CellError("too_fine", value=value, currency=code, digits=precision(code))
    if minor > MAX_MINOR:
        raise CellError("out_of_range", value=value, limit=MAX_MINOR)
    return int(minor)


def truth(cell: Cell) -> Value | Warned:
    """Read yes or no."""
    if isinstance(cell, bool):
        return cell
    found = str(_SKU(cell)).casefold()
    if found in _YES or found in _NO:
        return found in _YES
    raise CellError("yes_or_no", value=found[:30])


def choice(words: Mapping[str, str]) -> Parser:
    """Return a parser of one of several words; ``words`` maps each spelling to its value."""

    def parse(cell: Cell) -> Value | Warned:
        found = unicodedata.normalize("NFKC", str(_SKU(cell))).casefold()
        if found not in words:
            raise CellError("not_a_choice", value=found[:30], choices=", ".join(_values(words)))
        return words[found]

    return parse


def _values(words: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(words.values()))


def _plain(cell: Cell) -> str:
    if isinstance(cell, dict):
        raise CellError("became_date", value=cell.get("date", ""))
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return "" if cell is None else str(cell)


def _digits(cell: Cell) -> str:
    found = str(_SKU(cell))
    if _SCIENTIFIC.match(found) and not found.isdigit():
        raise CellError("shortened", value=found)
    return unicodedata.normalize("NFKC", found).strip()


def _decimal(cell: Cell, mark: str) -> Decimal:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = Decimal(repr(cell))
        if number.is_finite():
            return number
        raise CellError("number", value=str(cell)[:30], mark=mark)
    if type(cell) is str and cell.isdecimal() and cell.isascii() and len(cell) < 20:
        return Decimal(cell)
    found = _plain(cell)
    if not found.isascii():
        found = unicodedata.normalize("NFKC", found).replace("−", "-")
    found = _SPACES.sub("", found)
    if len(found) > 24 or not _NUMBER[mark].match(found):
        other = "," if mark == "." else "."
        is_other = len(found) <= 24 and _NUMBER[other].match(found)
        raise CellError("other_mark" if is_other else "number", value=found[:30], mark=mark)
    thousands = "," if mark == "." else "."
    return Decimal(found.replace(thousands, "").replace(mark, "."))
