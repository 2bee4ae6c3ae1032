"""Finding what is wrong in the ledger, whatever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django_scopes import scopes_disabled

from apps.finance.models import LedgerEntry, LedgerTotal, LedgerTransaction
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One transaction that does not hold in one currency; amounts are minor units."""

    transaction: str
    reference: str
    currency: str
    problem: str
    debit_minor: int = 0
    credit_minor: int = 0
    declared_minor: int = 0

    def __str__(self) -> str:
        """Return one line for a report."""
        return (
            f"{self.transaction} {self.reference} {self.currency}: {self.problem}"
            f" (debit {self.debit_minor}, credit {self.credit_minor},"
            f" declared {self.declared_minor})"
        )


def find_unbalanced(merchant: Merchant | None = None) -> list[LedgerFault]:
    """Return every fault of one merchant's ledger, or of all ledgers.

    Each declared total is compared with the debits and credits of its entries, entries without a
    total and transactions without any are named, and so are entries on an account of another
    currency or merchant.
    """
    opened: AbstractContextManager[None] = nullcontext() if merchant else scopes_disabled()
    own = Q(merchant=merchant) if merchant else Q()
    with opened:
        return [
            *_wrong_totals(LedgerTotal.objects.filter(own)),
            *_undeclared(LedgerEntry.objects.filter(own)),
            *_misplaced(LedgerEntry.objects.filter(own)),
            *_empty(LedgerTransaction.objects.filter(own)),
        ]


def _wrong_totals(totals: QuerySet[LedgerTotal]) -> Iterator[LedgerFault]:
    amount, same = (
        "transaction__entries__amount_minor",
        Q(transaction__entries__currency=F("currency")),
    )
    debit = Coalesce(Sum(amount, filter=same & Q(**{f"{amount}__gt": 0})), 0)
    credit = Coalesce(Sum(amount, filter=same & Q(**{f"{amount}__lt": 0})), 0)
    # The columns are selected before the sums: MariaDB compares only selected ones with a sum.
    columns = ("pk", "transaction__public_id", "transaction__reference", "currency")
    grouped = totals.values_list(*columns, "debit_minor", "credit_minor")
    wrong = grouped.annotate(debit=debit, credit=credit).exclude(
        debit=F("debit_minor"), credit=-F("credit_minor")
    )
    for _pk, ident, reference, currency, declared, _same, got_debit, got_credit in wrong.order_by(
        "pk"
    ):
        problem = "entries differ from the declared total"
        if got_debit + got_credit:
            problem = "entries do not sum to zero"
        yield LedgerFault(ident, reference, currency, problem, got_debit, -got_credit, declared)


def _undeclared(entries: QuerySet[LedgerEntry]) -> Iterator[LedgerFault]:
    declared = LedgerTotal.objects.filter(
        transaction=OuterRef("transaction"), currency=OuterRef("currency")
    )
    lost = entries.filter(~Exists(declared))
    return _named(lost, "an entry without a declared total")


def _misplaced(entries: QuerySet[LedgerEntry]) -> Iterator[LedgerFault]:
    wrong = entries.filter(
        ~Q(account__currency=F("currency"))
        | ~Q(account__merchant=F("merchant"))
        | ~Q(transaction__merchant=F("merchant"))
    )
    return _named(wrong, "an entry on an account of another currency or merchant")


def _named(entries: QuerySet[LedgerEntry], problem: str) -> Iterator[LedgerFault]:
    columns = ("transaction__public_id", "transaction__reference", "currency", "amount_minor")
    for ident, reference, currency, amount in entries.order_by("pk").values_list(*columns):
        yield LedgerFault(ident, reference, currency, problem, max(amount, 0), max(-amount, 0), 0)


def _empty(transactions: QuerySet[LedgerTransaction]) -> Iterator[LedgerFault]:
    lost = transactions.filter(totals=None).order_by("pk")
    for ident, reference in lost.values_list("public_id", "reference"):
        yield LedgerFault(ident, reference, "-", "a transaction without any total")
