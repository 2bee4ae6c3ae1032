"""The only writer of the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.bulk import Value, insert_rows, insert_rows_for_ids
from apps.common.db import in_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.finance.models import LedgerAccount, LedgerEntry, LedgerTotal, LedgerTransaction
from apps.finance.rules import Posting, find_imbalance
from apps.finance.states import AccountCode

_TRANSACTION_COLUMNS = (
    "public_id",
    "merchant",
    "kind",
    "order",
    "source",
    "reference",
    "occurred_at",
    "posted_at",
    "facts",
)
_TOTAL_COLUMNS = ("merchant", "transaction", "currency", "debit_minor", "credit_minor")
_ENTRY_COLUMNS = ("merchant", "transaction", "account", "purpose", "amount_minor", "currency")


def post_transactions(
    postings: Sequence[Posting],
    *,
    merchant_id: int,
    order_id: int | None,
    sources: Mapping[str, int],
    now: datetime,
) -> list[int]:
    """Write transactions with their totals and entries, in the caller's transaction.

    ``sources`` gives the keys of the references that postings follow. Returns the new keys in the
    same order. Raises ``finance.unbalanced`` (500) when a posting does not sum to zero in every
    currency; the unique reference refuses to post a fact twice. Three statements for any number of
    postings, one more per currency.
    """
    if not in_transaction():
        raise RuntimeError("the ledger is written inside the transaction of its cause")
    if not postings:
        return []
    _require_balance(postings)
    rows: list[tuple[Value, ...]] = [
        (
            new_public_id("txn"),
            merchant_id,
            str(posting.kind),
            order_id,
            sources[posting.source] if posting.source else None,
            posting.reference,
            posting.occurred_at,
            now,
            dict(posting.facts),
        )
        for posting in postings
    ]
    keys = insert_rows_for_ids(LedgerTransaction, _TRANSACTION_COLUMNS, rows, key="public_id")
    pairs = list(zip(keys, postings, strict=True))
    totals = [row for key, posting in pairs for row in _total_rows(merchant_id, key, posting)]
    insert_rows(LedgerTotal, _TOTAL_COLUMNS, totals)
    insert_rows(LedgerEntry, _ENTRY_COLUMNS, _entry_rows(merchant_id, pairs))
    return keys


def _require_balance(postings: Sequence[Posting]) -> None:
    for posting in postings:
        if find_imbalance(posting) or not posting.sides:
            raise DomainError(
                "finance.unbalanced",
                _("The posting %(reference)s does not balance.") % {"reference": posting.reference},
                status=500,
            )


def _total_rows(merchant_id: int, key: int, posting: Posting) -> list[tuple[Value, ...]]:
    debits: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    for side in posting.sides:
        debits[side.currency] += max(side.amount_minor, 0)
        owed[side.currency] += max(-side.amount_minor, 0)
    return [
        (merchant_id, key, currency, debit, owed[currency])
        for currency, debit in sorted(debits.items())
    ]


def _entry_rows(merchant_id: int, pairs: Sequence[tuple[int, Posting]]) -> list[tuple[Value, ...]]:
    currencies = {side.currency for _key, posting in pairs for side in posting.sides}
    accounts = {currency: _open_accounts(merchant_id, currency) for currency in sorted(currencies)}
    return [
        (
            merchant_id,
            key,
            accounts[side.currency][side.account],
            str(side.purpose),
            side.amount_minor,
            side.currency,
        )
        for key, posting in pairs
        for side in posting.sides
    ]


def _open_accounts(merchant_id: int, currency: str) -> dict[str, int]:
    """Return the keys of all accounts in a currency; the first use opens them together."""
    wanted = LedgerAccount.objects.filter(merchant_id=merchant_id, currency=currency)
    found = dict(wanted.values_list("code", "pk"))
    if len(found) < len(AccountCode):
        rows = [
            LedgerAccount(merchant_id=merchant_id, code=code.value, currency=currency)
            for code in AccountCode
        ]
        LedgerAccount.objects.bulk_create(rows, ignore_conflicts=True)
        found = dict(wanted.values_list("code", "pk"))
    return found
