"""Writes of the markets app: opening markets, importing rates, deciding on rule rows, quoting."""

from __future__ import annotations

from apps.markets.services.daily_rates import (
    DAILY_SOURCE,
    import_daily_rates,
    refuse_rate,
    store_fixing,
    take_rate,
)
from apps.markets.services.opening import (
    CARRY_EVERY_DAYS,
    SOURCE,
    carry_forward,
    days_until,
    import_newest_rates,
    import_rates,
    last_known_day,
    open_markets,
)
from apps.markets.services.quotes import quote_landed_cost, replay_quote
from apps.markets.services.rule_rows import (
    approve_row,
    load_rule_book,
    propose_row,
    reject_row,
    supersede,
)

__all__ = [
    "CARRY_EVERY_DAYS",
    "DAILY_SOURCE",
    "SOURCE",
    "approve_row",
    "carry_forward",
    "days_until",
    "import_daily_rates",
    "import_newest_rates",
    "import_rates",
    "last_known_day",
    "load_rule_book",
    "open_markets",
    "propose_row",
    "quote_landed_cost",
    "refuse_rate",
    "reject_row",
    "replay_quote",
    "store_fixing",
    "supersede",
    "take_rate",
]
