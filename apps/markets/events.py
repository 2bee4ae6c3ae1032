"""Names of the facts markets record; all of them belong to the platform."""

from __future__ import annotations

RULE_BOOK_LOADED = "markets.rule_book_loaded"
RULE_PROPOSED = "markets.rule_proposed"
RULE_APPROVED = "markets.rule_approved"
RULE_REJECTED = "markets.rule_rejected"
RULE_SUPERSEDED = "markets.rule_superseded"
RATES_IMPORTED = "markets.rates_imported"
RATES_FAILED = "markets.rates_failed"
RATE_TAKEN = "markets.rate_taken"
RATE_REFUSED = "markets.rate_refused"
