"""Pure rules of campaigns: which entries meet the criteria, and the highest price that does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

PRICE, UNITS, CATEGORY, COUNT = "price", "units", "category", "count"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a campaign asks of an entry; ``categories`` empty is every category."""

    min_percent: Decimal
    min_units: int
    max_entries: int
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offered:
    """What a merchant submits; amounts in minor units of one currency.

    ``lowest_minor`` is the lowest price of the 30 days before, ``lineage`` the codes of the
    product's category and all above it, ``entered`` how many entries the merchant has already.
    """

    price_minor: int
    units: int
    lowest_minor: int
    lineage: Sequence[str] = ()
    entered: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """How an entry met one criterion: what was needed and what there is."""

    criterion: str
    is_met: bool
    needed: str
    given: str


def highest_price(lowest_minor: int, criteria: Criteria) -> int:
    """Return the highest price in minor units that is ``min_percent`` below the lowest one.

    Rounded down, so that the promise holds to the cent; at least one below the lowest price.
    """
    share = (100 - criteria.min_percent) / 100
    exact = (Decimal(lowest_minor) * share).to_integral_value(ROUND_FLOOR)
    return min(int(exact), lowest_minor - 1)


def judge_entry(offered: Offered, criteria: Criteria) -> tuple[Check, ...]:
    """Return how an entry meets each criterion, in a fixed order; all must be met."""
    highest = highest_price(offered.lowest_minor, criteria)
    checks = [
        Check(
            PRICE,
            0 < offered.price_minor <= highest,
            str(highest),
            str(offered.price_minor),
        ),
        Check(
            UNITS, offered.units >= criteria.min_units, str(criteria.min_units), str(offered.units)
        ),
        Check(
            COUNT,
            offered.entered < criteria.max_entries,
            str(criteria.max_entries),
            str(offered.entered + 1),
        ),
    ]
    if criteria.categories:
        fits = not criteria.categories.isdisjoint(offered.lineage)
        needed = ", ".join(sorted(criteria.categories))
        given = offered.lineage[-1] if offered.lineage else ""
        checks.append(Check(CATEGORY, fits, needed, given))
    return tuple(checks)
