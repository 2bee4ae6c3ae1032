"""Opening markets and importing exchange rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from currency_converter import CurrencyConverter, RateNotFoundError

from apps.common.db import upsert
from apps.markets.models import FxRate, Market
from apps.markets.reference import MARKETS
from apps.markets.selectors import find_rate
from apps.markets.selectors.rates import CARRIED
from apps.markets.services.daily_rates import DAILY_SOURCE

SOURCE = "ECB reference rates"
CARRY_EVERY_DAYS = 7
RECENT_DAYS = 45


def open_markets() -> int:
    """Create or refresh every market of the reference table; returns their number."""
    rows = [Market(**fields) for fields in MARKETS]
    upsert(
        Market,
        rows,
        unique_fields=["code"],
        update_fields=[
            "currency",
            "locale",
            "time_zone",
            "is_price_with_tax",
            "return_window_days",
        ],
    )
    return len(rows)


def import_rates(days: Iterable[date]) -> int:
    """Store the ECB euro reference rates of the given days, from the packaged history.

    Days without a fixing (weekends, holidays) store nothing; returns the number of rows. Source:
    European Central Bank, euro foreign exchange reference rates.
    """
    converter = CurrencyConverter(decimal=True)
    rows = [row for day in set(days) for row in _rates_of(converter, day)]
    upsert(
        FxRate,
        rows,
        unique_fields=["base", "quote", "valid_on", "source"],
        update_fields=["rate"],
    )
    find_rate.cache_clear()
    return len(rows)


def last_known_day() -> date:
    """Return the newest day of the packaged history."""
    last: date = max(bounds.last_date for bounds in CurrencyConverter().bounds.values())
    return last


def days_until(last: date, count: int) -> list[date]:
    """Return ``count`` days that end with ``last``."""
    return [last - timedelta(days=back) for back in range(count)]


def import_newest_rates(today: date) -> int:
    """Store the last ``RECENT_DAYS`` of the packaged history, and its newest rates again for today.

    Returns the number of rows that are there.
    """
    last = last_known_day()
    count = import_rates(days_until(min(last, today), RECENT_DAYS))
    return count + carry_forward(last, today) if last < today else count


def _rates_of(converter: CurrencyConverter, day: date) -> list[FxRate]:
    found: list[FxRate] = []
    for currency in sorted(converter.currencies or ()):
        if currency == "EUR":
            continue
        try:
            rate = converter.convert(Decimal(1), "EUR", currency, date=day)
        except (RateNotFoundError, ValueError):
            continue
        found.append(
            FxRate(
                base="EUR",
                quote=currency,
                rate=Decimal(rate).quantize(Decimal("0.0000000001")),
                valid_on=day,
                source=SOURCE,
            )
        )
    return found


def carry_forward(last: date, today: date) -> int:
    """Repeat the rates of ``last`` on ``today`` when the packaged history is older than today.

    The rows name their age as their source, so that nobody takes them for a fixing of today. Where
    the daily import has brought newer fixings nothing is repeated.
    """
    if FxRate.objects.filter(source=DAILY_SOURCE, valid_on__gt=last).exists():
        return 0
    rows = [
        FxRate(
            base=rate.base,
            quote=rate.quote,
            rate=rate.rate,
            valid_on=today - timedelta(days=back),
            source=f"{CARRIED}{last.isoformat()}",
        )
        for rate in FxRate.objects.filter(valid_on=last, source=SOURCE)
        for back in range((today - last).days)
        if back % CARRY_EVERY_DAYS == 0
    ]
    upsert(
        FxRate,
        rows,
        unique_fields=["base", "quote", "valid_on", "source"],
        update_fields=["rate"],
    )
    find_rate.cache_clear()
    return len(rows)
