"""Names of the facts markets record; all of them belong to the platform."""

from __future__ import annotations

RULE_BOOK_LOADED = "markets.rule_book_loaded"
RULE_PROPOSED = "markets.rule_proposed"
RULE_APPROVED = "markets.rule_approved"
RULE_REJECTED = "markets.rule_rejected"
RULE_SUPERSEDED = "markets.rule_superseded"
