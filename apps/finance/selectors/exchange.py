"""Dated exchange rates with the ids of their rows, a whole set in one statement."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from apps.common.money import Money
from apps.markets.models import FxRate
from apps.markets.selectors import MAX_AGE_DAYS

_EURO = "EUR"


@dataclass(frozen=True, slots=True)
class Conversion:
    """Converted money, the rate used, and the rows it was made of (none within one currency)."""

    money: Money
    rate: Decimal
    rate_ids: tuple[int, ...]
    on: date


@dataclass(frozen=True, slots=True)
class RateBook:
    """Euro reference rates of some currencies over some days."""

    _days: dict[str, list[date]] = field(default_factory=dict)
    _rows: dict[str, list[tuple[Decimal, int]]] = field(default_factory=dict)

    def convert(self, money: Money, currency: str, on: date) -> Conversion | None:
        """Return money in ``currency`` at the day's rate, or nothing without a fresh one."""
        if money.currency == currency:
            return Conversion(money, Decimal(1), (), on)
        base, quote = self._euro_rate(money.currency, on), self._euro_rate(currency, on)
        if base is None or quote is None:
            return None
        rate = quote[0] / base[0]
        ids = tuple(pk for _rate, pk in (base, quote) if pk)
        return Conversion(Money.rounded(money.amount * rate, currency), rate, ids, on)

    def _euro_rate(self, currency: str, on: date) -> tuple[Decimal, int] | None:
        if currency == _EURO:
            return Decimal(1), 0
        days = self._days.get(currency, [])
        index = bisect_right(days, on) - 1
        if index < 0 or (on - days[index]).days > MAX_AGE_DAYS:
            return None
        return self._rows[currency][index]


def load_rates(currencies: Iterable[str], *, since: date, until: date) -> RateBook:
    """Return the rates between ``currencies`` for every day of a span; none for a single one."""
    wanted = set(currencies)
    if len(wanted) < 2:
        return RateBook()
    rows = FxRate.objects.filter(
        base=_EURO,
        quote__in=wanted - {_EURO},
        valid_on__gte=since - timedelta(days=MAX_AGE_DAYS),
        valid_on__lte=until,
    )
    days: dict[str, list[date]] = defaultdict(list)
    rates: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
    columns = ("quote", "valid_on", "rate", "pk")
    for quote, day, rate, key in rows.order_by("valid_on", "id").values_list(*columns):
        days[quote].append(day)
        rates[quote].append((rate, key))
    return RateBook(dict(days), dict(rates))
