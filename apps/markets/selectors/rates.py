"""Reads of markets and exchange rates."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.markets.models import FxRate, Market

MAX_AGE_DAYS = 10
REMEMBERED_S = 60
# The source of a row that repeats an older fixing begins so and goes on with the fixing's day.
CARRIED = "ECB of "
_EURO = "EUR"
_ONE = Decimal(1)
_SIX = Context(prec=6)


def get_market(code: str) -> Market:
    """Return an open market; an unknown code raises ``markets.unknown`` (422)."""
    market = Market.objects.filter(code=code, is_active=True).first()
    if market is None:
        raise DomainError("markets.unknown", f"Market {code} is not open.", status=422)
    return market


def list_markets() -> list[Market]:
    """Return the open markets by code."""
    return list(Market.objects.filter(is_active=True).order_by("code"))


def fixed_on_of(valid_on: date, source: str) -> date:
    """Return the day of the fixing behind a row that is stored for ``valid_on``."""
    day = source.removeprefix(CARRIED)
    return valid_on if day == source else date.fromisoformat(day)


class EuroRate(NamedTuple):
    """One stored row: how many units of a currency a euro costs, and where that comes from."""

    row_id: int
    rate: Decimal
    valid_on: date
    source: str

    @property
    def fixed_on(self) -> date:
        """The day of the fixing itself, also of a row that repeats an older one."""
        return fixed_on_of(self.valid_on, self.source)


@dataclass(frozen=True, slots=True)
class DatedRate:
    """How many ``quote`` one ``base`` costs, and the euro rows it was worked out from.

    Two rows for a rate over the euro, one with the euro on a side, none within one currency.
    """

    base: str
    quote: str
    rate: Decimal
    rows: tuple[EuroRate, ...]

    @property
    def shown(self) -> str:
        """The rate as people read it: six digits that matter, without an exponent."""
        return f"{_SIX.create_decimal(self.rate).normalize():f}"

    @property
    def row_ids(self) -> tuple[int, ...]:
        """The keys of the rows."""
        return tuple(row.row_id for row in self.rows)

    @property
    def fixed_on(self) -> date | None:
        """The day of the oldest fixing in it, or nothing within one currency."""
        return min((row.fixed_on for row in self.rows), default=None)

    @property
    def source(self) -> str:
        """The sources of the rows, each once."""
        return ", ".join(dict.fromkeys(row.source for row in self.rows))


class RateFinder:
    """Looks rates up and remembers them for a minute, so that no process misses new ones for long.

    The process that stores rates calls ``cache_clear`` and sees them at once.
    """

    def __call__(self, base: str, quote: str, on: date) -> Decimal | None:
        """Return how many ``quote`` one ``base`` costs, from euro rates at most 10 days old."""
        found = self.dated(base, quote, on)
        return found.rate if found is not None else None

    def dated(self, base: str, quote: str, on: date) -> DatedRate | None:
        """Return the same rate with its rows, days and sources."""
        return _find(base, quote, on, int(time.monotonic() // REMEMBERED_S))

    def cache_clear(self) -> None:
        """Forget what was looked up."""
        _find.cache_clear()


find_rate = RateFinder()


@lru_cache(maxsize=4096)
def _find(base: str, quote: str, on: date, _minute: int) -> DatedRate | None:
    return combine(base, quote, {code: _euro_row(code, on) for code in {base, quote} - {_EURO}})


def list_dated_rates(bases: Iterable[str], quote: str, on: date) -> dict[str, DatedRate]:
    """Return what one unit of each of ``bases`` costs in ``quote`` on a day (one statement).

    A currency without a fresh rate is absent.
    """
    wanted = {quote, *bases}
    newest = read_newest(wanted, on)
    found = {base: combine(base, quote, newest) for base in wanted}
    return {base: rate for base, rate in found.items() if rate is not None}


def read_newest(currencies: Iterable[str], on: date) -> dict[str, EuroRate]:
    """Return currency → its newest row of a day, at most 10 days old; one statement, none for none."""
    wanted = {*currencies} - {_EURO}
    if not wanted:
        return {}
    recent = FxRate.objects.filter(
        base=_EURO,
        quote__in=wanted,
        valid_on__lte=on,
        valid_on__gte=on - timedelta(days=MAX_AGE_DAYS),
    ).order_by("valid_on", "id")
    columns = ("quote", "pk", "rate", "valid_on", "source")
    return {code: EuroRate(*row) for code, *row in recent.values_list(*columns)}


def combine(base: str, quote: str, rows: Mapping[str, EuroRate | None]) -> DatedRate | None:
    """Return how many ``quote`` one ``base`` costs by euro rows, or nothing where one is missing."""
    if base == quote:
        return DatedRate(base, quote, _ONE, ())
    used = [rows.get(code) for code in (base, quote) if code != _EURO]
    known = tuple(row for row in used if row is not None)
    if len(known) < len(used):
        return None
    of_base = known[0].rate if base != _EURO else _ONE
    of_quote = known[-1].rate if quote != _EURO else _ONE
    return DatedRate(base, quote, of_quote / of_base, known)


def _euro_row(currency: str, on: date) -> EuroRate | None:
    recent = FxRate.objects.filter(
        Q(base=_EURO, quote=currency, valid_on__lte=on),
        valid_on__gte=on - timedelta(days=MAX_AGE_DAYS),
    )
    newest = recent.order_by("-valid_on", "-id")
    row = newest.values_list("pk", "rate", "valid_on", "source").first()
    return EuroRate(*row) if row is not None else None


def convert(money: Money, currency: str, on: date) -> Money | None:
    """Return ``money`` in another currency at the day's rate, or nothing without a fresh rate."""
    rate = find_rate(money.currency, currency, on)
    if rate is None:
        find_rate.cache_clear()
        return None
    return Money.rounded(money.amount * rate, currency)
