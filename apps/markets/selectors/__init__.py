"""Reads of markets, exchange rates, the rule book and its quotes."""

from __future__ import annotations

from apps.markets.selectors.rate_health import (
    Health,
    RateHealth,
    check_rates,
    count_working_days,
)
from apps.markets.selectors.rates import (
    MAX_AGE_DAYS,
    DatedRate,
    convert,
    find_rate,
    get_market,
    list_dated_rates,
    list_markets,
)
from apps.markets.selectors.rule_books import (
    BookPair,
    DatedBook,
    compare,
    compare_books,
    digest_decisions,
    get_quote,
    list_rows_in_force,
    rates_for,
    rules_for,
)

__all__ = [
    "MAX_AGE_DAYS",
    "BookPair",
    "DatedBook",
    "DatedRate",
    "Health",
    "RateHealth",
    "check_rates",
    "compare",
    "compare_books",
    "convert",
    "count_working_days",
    "digest_decisions",
    "find_rate",
    "get_market",
    "get_quote",
    "list_dated_rates",
    "list_markets",
    "list_rows_in_force",
    "rates_for",
    "rules_for",
]
