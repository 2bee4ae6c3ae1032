"""Dated exchange rates for a whole list in one statement."""

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
class RateBook:
    """Euro reference rates of some currencies over some days."""

    target: str
    _days: dict[str, list[date]] = field(default_factory=dict)
    _rates: dict[str, list[Decimal]] = field(default_factory=dict)

    def convert(self, minor: int, currency: str, on: date) -> Money | None:
        """Return minor units of ``currency`` in the target at the day's rate, if one is fresh."""
        if currency == self.target:
            return Money.from_minor(minor, currency)
        base, quote = self._euro_rate(currency, on), self._euro_rate(self.target, on)
        if base is None or quote is None:
            return None
        return Money.rounded(Money.from_minor(minor, currency).amount * quote / base, self.target)

    def _euro_rate(self, currency: str, on: date) -> Decimal | None:
        if currency == _EURO:
            return Decimal(1)
        days = self._days.get(currency, [])
        index = bisect_right(days, on) - 1
        if index < 0 or (on - days[index]).days > MAX_AGE_DAYS:
            return None
        return self._rates[currency][index]


def load_rates(target: str, currencies: Iterable[str], *, since: date, until: date) -> RateBook:
    """Return the rates that turn ``currencies`` into ``target`` on any day of the span."""
    wanted = {*currencies, target} - {_EURO}
    if not wanted or {*currencies} <= {target}:
        return RateBook(target)
    rows = FxRate.objects.filter(
        base=_EURO,
        quote__in=wanted,
        valid_on__gte=since - timedelta(days=MAX_AGE_DAYS),
        valid_on__lte=until,
    )
    days: dict[str, list[date]] = defaultdict(list)
    rates: dict[str, list[Decimal]] = defaultdict(list)
    for quote, day, rate in rows.order_by("valid_on", "id").values_list(
        "quote", "valid_on", "rate"
    ):
        days[quote].append(day)
        rates[quote].append(rate)
    return RateBook(target, dict(days), dict(rates))
