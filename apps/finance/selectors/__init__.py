"""Reads of the ledger and of what the merchant keeps."""

from __future__ import annotations

from apps.finance.selectors.economics import Economics, EconomicsLine, get_economics
from apps.finance.selectors.exchange import load_rates
from apps.finance.selectors.ledger import (
    Balance,
    PendingCause,
    get_balances,
    list_pending_causes,
    list_transactions,
    sum_ledger,
    with_amounts,
)
from apps.finance.selectors.periods import Period, PeriodLine, list_kept, sum_kept, sum_period
from apps.finance.selectors.reconciliation import LedgerFault, find_unbalanced

__all__ = [
    "Balance",
    "Economics",
    "EconomicsLine",
    "LedgerFault",
    "PendingCause",
    "Period",
    "PeriodLine",
    "find_unbalanced",
    "get_balances",
    "get_economics",
    "list_kept",
    "list_pending_causes",
    "list_transactions",
    "load_rates",
    "sum_kept",
    "sum_ledger",
    "sum_period",
    "with_amounts",
]
