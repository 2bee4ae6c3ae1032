"""The exchange rates of one day for many currencies, in one statement, with the rows they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from apps.common.money import Money
from apps.markets.models import FxRate
from apps.markets.selectors.rates import MAX_AGE_DAYS

_EURO = "EUR"


@dataclass(frozen=True, slots=True)
class EuroRate:
    """What one euro costs: the rate, its row's key (0 for the euro itself) and its day."""

    rate: Decimal
    row_id: int
    valid_on: date


@dataclass(frozen=True, slots=True)
class DatedRate:
    """How many of one currency another costs, with the keys of its rows and the older one's day."""

    rate: Decimal
    row_ids: tuple[int, ...]
    valid_on: date


@dataclass(frozen=True, slots=True)
class DayRates:
    """Euro reference rates of some currencies as they stand on a day."""

    on: date
    euro: Mapping[str, EuroRate] = field(default_factory=dict)

    def find(self, base: str, quote: str) -> DatedRate | None:
        """Return how many ``quote`` one ``base`` costs, as ``find_rate`` does, or nothing."""
        if base == quote:
            return DatedRate(Decimal(1), (), self.on)
        one, other = self.euro.get(base), self.euro.get(quote)
        if one is None or other is None:
            return None
        used = [found for found in (one, other) if found.row_id]
        return DatedRate(
            other.rate / one.rate,
            tuple(found.row_id for found in used),
            min(found.valid_on for found in used),
        )

    def convert(self, money: Money, currency: str) -> Money | None:
        """Return money in another currency, or nothing without a fresh rate."""
        found = self.find(money.currency, currency)
        return Money.rounded(money.amount * found.rate, currency) if found is not None else None


def load_day_rates(currencies: Iterable[str], on: date) -> DayRates:
    """Return the newest rates that are at most 10 days old on a day; one statement."""
    wanted = {*currencies} - {_EURO}
    rows = FxRate.objects.filter(
        base=_EURO,
        quote__in=wanted,
        valid_on__lte=on,
        valid_on__gte=on - timedelta(days=MAX_AGE_DAYS),
    )
    euro = {_EURO: EuroRate(Decimal(1), 0, on)}
    if wanted:
        columns = ("quote", "rate", "pk", "valid_on")
        for quote, rate, key, day in rows.order_by("valid_on", "pk").values_list(*columns):
            euro[quote] = EuroRate(rate, key, day)
    return DayRates(on, euro)
