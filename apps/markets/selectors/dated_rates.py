"""The exchange rates of one day for many currencies, in one statement, with the rows they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from apps.common.money import Money
from apps.markets.selectors.rates import DatedRate, EuroRate, combine, read_newest


@dataclass(frozen=True, slots=True)
class DayRates:
    """Euro reference rates of some currencies as they stand on a day."""

    on: date
    euro: Mapping[str, EuroRate] = field(default_factory=dict)

    def find(self, base: str, quote: str) -> DatedRate | None:
        """Return how many ``quote`` one ``base`` costs, as ``find_rate`` does, or nothing."""
        return combine(base, quote, self.euro)

    def convert(self, money: Money, currency: str) -> Money | None:
        """Return money in another currency, or nothing without a fresh rate."""
        found = self.find(money.currency, currency)
        return Money.rounded(money.amount * found.rate, currency) if found is not None else None


def load_day_rates(currencies: Iterable[str], on: date) -> DayRates:
    """Return the newest rates that are at most 10 days old on a day; one statement."""
    return DayRates(on, read_newest(currencies, on))
