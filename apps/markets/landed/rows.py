"""The shape of a rule row as it is stored, and which rows speak about a market on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import cast

Row = Mapping[str, object]
PENDING = "pending_confirmation"
OUT_OF_FORCE = frozenset({"proposed", "rejected", "superseded", "withdrawn"})

EU_MEMBERS = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES"),
        *("FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)


def markets_of(country: str) -> tuple[str, ...]:
    """Return the markets whose rows speak about a country: itself and the bloc it is a member of."""
    return (country, "EU") if country in EU_MEMBERS else (country,)


def countries_of(market: str) -> tuple[str, ...]:
    """Return the countries that a row of ``market`` speaks about: a bloc's members, or itself."""
    return tuple(sorted(EU_MEMBERS)) if market == "EU" else (market,)


def rows_in_force(rows: Iterable[Row], country: str, on: date) -> list[Row]:
    """Return the rows about ``country`` on a day, pending ones included, in the order they are tried.

    ``priority`` orders rows that answer the same charge: the lower one is tried first.
    """
    day, markets = on.isoformat(), markets_of(country)
    found = [
        row
        for row in rows
        if row["market"] in markets
        and row.get("status") not in OUT_OF_FORCE
        and text(row, "effective_from") <= day <= (text(row, "effective_to") or "9999-12-31")
    ]
    return sorted(found, key=lambda row: (number(row, "priority", 50), text(row, "id")))


def part(row: Row, name: str) -> Row:
    """Return an object inside a row, empty when it is absent."""
    return cast("Row", row.get(name) or {})


def parts(row: Row, name: str) -> list[Row]:
    """Return a list of objects inside a row, empty when it is absent."""
    return cast("list[Row]", row.get(name) or [])


def text(row: Row, name: str, default: str = "") -> str:
    """Return a text of a row."""
    return str(row.get(name) or default)


def number(row: Row, name: str, default: int = 0) -> int:
    """Return a whole number of a row."""
    return int(cast("int", row.get(name, default)))


def decimal(row: Row, name: str, default: str = "0") -> Decimal:
    """Return a decimal that the row holds as text."""
    return Decimal(str(row.get(name) or default))


def words(row: Row, name: str) -> tuple[str, ...]:
    """Return a list of texts of a row."""
    return tuple(cast("list[str]", row.get(name) or ()))


def countries(row: Row, name: str) -> frozenset[str]:
    """Return a set of countries of a row, with the bloc ``EU`` written out."""
    found = set(words(row, name))
    return frozenset(found | EU_MEMBERS if "EU" in found else found)
