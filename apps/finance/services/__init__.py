"""What finance does: opens fee rules, and keeps the ledger of every order up to date."""

from __future__ import annotations

from apps.finance.services.fee_rules import open_fee_rules
from apps.finance.services.ledger import post_transactions
from apps.finance.services.settling import charge_label, post_order, void_label

__all__ = ["charge_label", "open_fee_rules", "post_order", "post_transactions", "void_label"]
