"""Registrations and duties of platforms and traders that decide whether a product may be offered.

The dated rows are ``data/platform_obligations.json``, each with its sources and how sure they are; the
table here says which of them a listing can be measured by, for which goods, and whether the row
demands to block the offer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from apps.markets.landed.rows import EU_MEMBERS

_FILE = Path(__file__).parent.parent / "data" / "platform_obligations.json"


@dataclass(frozen=True, slots=True)
class Demand:
    """How an obligation is measured: where, for which HS headings, and whether it blocks.

    ``countries`` empty means the whole EU, ``headings`` empty all goods. ``is_number`` means that the
    merchant can meet it by a register number.
    """

    obligation: str
    countries: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    is_number: bool = True
    is_blocking: bool = True

    def concerns(self, country: str, hs6: str) -> bool:
        """Say whether the obligation speaks about goods of a heading sold to a country."""
        is_there = country in self.countries if self.countries else country in EU_MEMBERS
        return is_there and (not self.headings or hs6.startswith(self.headings))


# Electrical goods by heading: machines and apparatus of chapter 85, lamps, electric toys and clocks.
_ELECTRICAL = ("85", "940511", "940519", "940521", "940529", "940531", "940539", "940541", "940542")
DEMANDS = (
    Demand("EPR-DE-PKG", ("DE",)),
    Demand("EPR-DE-WEEE", ("DE",), _ELECTRICAL),
    Demand("EPR-EU-BATT", (), ("8506", "8507")),
    Demand("EPR-FR", ("FR",), is_blocking=False),
    Demand("EPR-EU-PPWR", is_number=False, is_blocking=False),
    Demand(
        "UFLPA", ("US",), ("50", "51", "52", "61", "62", "63"), is_number=False, is_blocking=False
    ),
    Demand("CPSC-EFILE", ("US",), ("9503",), is_number=False, is_blocking=False),
)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One dated row: its duty in plain English, its trigger, and how sure the sources are."""

    ident: str
    effective_from: date
    trigger: str
    duty: str
    confidence: str
    sources: tuple[str, ...]


@lru_cache(maxsize=1)
def list_obligations() -> dict[str, Obligation]:
    """Return the rows by id."""
    rows = json.loads(_FILE.read_text())["rows"]
    return {
        row["id"]: Obligation(
            ident=row["id"],
            effective_from=date.fromisoformat(row["effective_from"]),
            trigger=row["trigger"],
            duty=row["duty"],
            confidence=row["confidence"],
            sources=tuple(row["sources"]),
        )
        for row in rows
    }


def demands_for(country: str, hs6: str) -> list[tuple[Demand, Obligation]]:
    """Return what is demanded of goods of a heading sold to a country, whatever the day."""
    rows = list_obligations()
    return [
        (demand, rows[demand.obligation]) for demand in DEMANDS if demand.concerns(country, hs6)
    ]


def find_demand(obligation: str) -> Demand | None:
    """Return the demand of an obligation that a number can meet, or nothing."""
    return next(
        (item for item in DEMANDS if item.obligation == obligation and item.is_number), None
    )
