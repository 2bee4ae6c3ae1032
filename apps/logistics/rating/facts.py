"""What is weighed and measured, and how the fields of a row are read. Nothing here is a float."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Body = Mapping[str, Any]
UM_PER_MM = 1000


class RowError(ValueError):
    """A field of a row that cannot be read; the text begins with its name."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One parcel: its mass in grams and its sides in µm, the longest first; empty when not measured.

    ``battery`` holds the kinds of batteries inside, as the catalogue names them.
    """

    weight_g: int
    sides_um: tuple[int, ...] = ()
    battery: frozenset[str] = frozenset()

    @classmethod
    def of_mm(
        cls, weight_g: int, sides_mm: tuple[int, ...] = (), battery: frozenset[str] = frozenset()
    ) -> Measured:
        """Return a parcel measured in whole millimetres."""
        sides = sorted((side * UM_PER_MM for side in sides_mm), reverse=True)
        return cls(weight_g, tuple(sides), battery)

    @property
    def longest_mm(self) -> int:
        """The longest side in mm, rounded up; 0 when not measured."""
        return -(-self.sides_um[0] // UM_PER_MM) if self.sides_um else 0

    @property
    def girth_mm(self) -> int:
        """Length plus girth in mm, rounded up: the longest side and twice each other one."""
        if not self.sides_um:
            return 0
        return -(-(self.sides_um[0] + 2 * sum(self.sides_um[1:])) // UM_PER_MM)


def whole(body: Body, name: str, *, least: int = 0, missing: int | None = None) -> int:
    """Return a whole number of a row; ``RowError`` for anything else or less than ``least``."""
    value = body.get(name, missing)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise RowError(f"{name}: a whole number from {least} on is needed")
    return value


def optional(body: Body, name: str, *, least: int = 1) -> int | None:
    """Return a whole number or nothing, where a row sets no limit."""
    return None if body.get(name) is None else whole(body, name, least=least)


def exact(body: Body, name: str, *, missing: str | None = None) -> Fraction:
    """Return a number of a row that is written as text (``"0.5"``) or as a whole number."""
    value = body.get(name, missing)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise RowError(f'{name}: a number in quotes such as "0.5" is needed')
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise RowError(f'{name}: a number in quotes such as "0.5" is needed') from error
    if found < 0:
        raise RowError(f"{name}: it cannot be negative")
    return found


def one_of(body: Body, name: str, allowed: tuple[str, ...], *, missing: str = "") -> str:
    """Return a word of a row that is one of ``allowed``."""
    value = body.get(name, missing)
    if value not in allowed:
        raise RowError(f"{name}: one of {', '.join(allowed)} is needed")
    return str(value)


def words(body: Body, name: str) -> tuple[str, ...]:
    """Return a list of words of a row; a missing list is empty."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise RowError(f"{name}: a list of words is needed")
    return tuple(value)


def text(body: Body, name: str) -> str:
    """Return a text of a row that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RowError(f"{name}: a text is needed")
    return value


def section(body: Body, name: str) -> Body:
    """Return an object of a row; a missing one is empty."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RowError(f"{name}: an object is needed")
    return value


def sections(body: Body, name: str) -> list[Body]:
    """Return a list of objects of a row; a missing one is empty."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise RowError(f"{name}: a list of objects is needed")
    return value
