"""How old the exchange rates of the open markets are, before one of them is too old to be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Max

from apps.markets.models import FxRate, HeldRate, Market
from apps.markets.selectors.rates import MAX_AGE_DAYS, fixed_on_of

WARN_WORKING_DAYS = 4
_LOOK_BACK = timedelta(days=60)
_EURO = "EUR"


class Health(StrEnum):
    """What the age of a rate means."""

    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CurrencyHealth:
    """The newest fixing of a currency and its age in working days; nothing in the last 60 days."""

    currency: str
    fixed_on: date | None
    working_days: int
    health: Health


@dataclass(frozen=True, slots=True)
class RateHealth:
    """The age of the rates of all open markets, and how many rates wait for a person."""

    currencies: tuple[CurrencyHealth, ...]
    held_count: int

    @property
    def oldest(self) -> CurrencyHealth | None:
        """The currency with the oldest fixing among those that have any."""
        known = [one for one in self.currencies if one.fixed_on is not None]
        return max(known, key=lambda one: one.working_days, default=None)

    @property
    def is_bad(self) -> bool:
        """Whether a person must act: rates age, none is there at all, or some are held."""
        oldest = self.oldest
        if self.held_count:
            return True
        if oldest is None:
            return bool(self.currencies)
        return oldest.health is not Health.FRESH


def count_working_days(since: date, until: date) -> int:
    """Return how many Mondays to Fridays lie after ``since`` up to ``until``."""
    days = max((until - since).days, 0)
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum(
        (since + timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1)
    )


def check_rates(today: date) -> RateHealth:
    """Return the age of the rates of all open markets (three statements).

    The age counts from the fixing, not from the day for which an older fixing was repeated. A
    currency the bank does not quote has none.
    """
    wanted = Market.objects.filter(is_active=True).exclude(currency=_EURO)
    currencies = sorted(set(wanted.values_list("currency", flat=True)))
    recent = FxRate.objects.filter(
        base=_EURO, quote__in=currencies, valid_on__gte=today - _LOOK_BACK, valid_on__lte=today
    )
    newest: dict[str, date] = {}
    for quote, source, day in recent.values_list("quote", "source").annotate(Max("valid_on")):
        fixed_on = fixed_on_of(day, source)
        newest[quote] = max(fixed_on, newest.get(quote, fixed_on))
    held = HeldRate.objects.filter(status=HeldRate.Status.WAITING).count()
    return RateHealth(tuple(_judge(code, newest.get(code), today) for code in currencies), held)


def _judge(currency: str, fixed_on: date | None, today: date) -> CurrencyHealth:
    if fixed_on is None:
        return CurrencyHealth(currency, None, 0, Health.NONE)
    age = count_working_days(fixed_on, today)
    if (today - fixed_on).days > MAX_AGE_DAYS:
        health = Health.STALE
    else:
        health = Health.AGEING if age >= WARN_WORKING_DAYS else Health.FRESH
    return CurrencyHealth(currency, fixed_on, age, health)
