"""Check of the ledger."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum
from django_scopes import scopes_disabled

from apps.finance.models import LedgerEntry, LedgerTransaction
from apps.finance.selectors import find_unbalanced


class Command(BaseCommand):
    """Recompute every transaction and every currency from the entries and name what does not hold."""

    help = "Verify the double-entry ledger; exits 1 with the rows when a cent is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the faults and a summary."""
        faults = find_unbalanced()
        for fault in faults:
            self.stderr.write(str(fault))
        with scopes_disabled():
            count = LedgerTransaction.objects.count()
            rows = LedgerEntry.objects.values_list("currency").annotate(total=Sum("amount_minor"))
            sums = dict(rows.order_by("currency"))
        for currency, total in sums.items():
            if total:
                self.stderr.write(f"{currency}: all entries sum to {total}")
        if faults or any(sums.values()):
            raise CommandError(f"{len(faults)} faults in {count} transactions")
        self.stdout.write(f"{count} transactions in {len(sums)} currencies: every one sums to zero")
