"""Balances, sums and the list of money movements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet, Sum

from apps.common.money import Money
from apps.finance.models import LedgerEntry, LedgerTransaction
from apps.finance.states import MOVEMENTS, OWED_TO_MERCHANT, AccountCode, TransactionKind
from apps.merchants.models import Merchant
from apps.orders.states import OrderStatus

_OPEN = (
    OrderStatus.CONFIRMED,
    OrderStatus.ALLOCATED,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What the platform owes the merchant in one currency: free now, and not yet."""

    currency: str
    payable: Money
    pending: Money


@dataclass(frozen=True, slots=True)
class PendingCause:
    """Money that waits because its orders are in one state, in one currency."""

    status: str
    amount: Money
    order_count: int


def sum_ledger(merchant: Merchant) -> dict[str, int]:
    """Return the sum of all entries per currency in minor units; anything but 0 is a fault."""
    rows = LedgerEntry.objects.filter(merchant=merchant).values_list("currency")
    return dict(rows.annotate(total=Sum("amount_minor")).order_by("currency"))


def get_balances(merchant: Merchant) -> tuple[Balance, ...]:
    """Return payable and pending money per currency, summed from the entries."""
    owed = LedgerEntry.objects.filter(
        account__merchant=merchant, account__code__in=OWED_TO_MERCHANT
    )
    rows = owed.values_list("account__currency", "account__code").annotate(
        total=Sum("amount_minor")
    )
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    for currency, code, total in rows.order_by("account__currency"):
        sums[currency][code] = -total
    return tuple(
        Balance(
            currency,
            Money.from_minor(found.get(AccountCode.PAYABLE, 0), currency),
            Money.from_minor(found.get(AccountCode.PENDING, 0), currency),
        )
        for currency, found in sums.items()
    )


def list_pending_causes(merchant: Merchant) -> list[PendingCause]:
    """Return the pending money of orders under way by the order's state, in the order of its life."""
    waiting = LedgerEntry.objects.filter(
        merchant=merchant,
        account__code=AccountCode.PENDING,
        transaction__order__merchant=merchant,
        transaction__order__status__in=_OPEN,
    )
    rows = waiting.values_list("transaction__order__status", "currency").annotate(
        total=Sum("amount_minor"), orders=Count("transaction__order", distinct=True)
    )
    causes = [
        PendingCause(status, Money.from_minor(-total, currency), orders)
        for status, currency, total, orders in rows
        if total
    ]
    ranks = {status.value: rank for rank, status in enumerate(_OPEN)}
    return sorted(causes, key=lambda cause: (ranks[cause.status], cause.amount.currency))


def list_transactions(
    merchant: Merchant, *, kinds: tuple[str, ...] = (), order_number: str = ""
) -> QuerySet[LedgerTransaction]:
    """Return the merchant's money movements (all kinds but releases), in no particular order."""
    found: QuerySet[LedgerTransaction] = LedgerTransaction.objects.filter(
        merchant=merchant, kind__in=kinds or MOVEMENTS
    )
    if order_number:
        found = found.filter(order__number=order_number.strip())
    return found


def with_amounts(transactions: QuerySet[LedgerTransaction]) -> QuerySet[LedgerTransaction]:
    """Add order, entries owed to the merchant, and followers: two more statements for any number.

    Sets ``owed_entries`` and ``later`` (the transactions that follow each) on the rows.
    """
    owed = LedgerEntry.objects.filter(account__code__in=OWED_TO_MERCHANT).order_by("pk")
    later = LedgerTransaction.objects.filter(
        kind__in=(TransactionKind.REVERSAL, TransactionKind.RELEASE)
    )
    return (
        transactions.select_related("order__market")
        .defer("order__buyer_sealed", "order__buyer_key")
        .prefetch_related(
            Prefetch("entries", queryset=owed, to_attr="owed_entries"),
            Prefetch("followers", queryset=later, to_attr="later"),
        )
    )
