"""The reconciliation finds a planted wrong cent."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes import scope, scopes_disabled

from apps.finance.models import LedgerEntry, LedgerTransaction
from apps.finance.selectors import find_unbalanced, sum_ledger
from tests.factories.finance import settled_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(merchant, now):
    return settled_order(merchant, "completed", now=now)


def plant(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def entry_of(reference: str, purpose: str) -> LedgerEntry:
    with scopes_disabled():
        return LedgerEntry.objects.get(
            transaction__reference=reference, purpose=purpose, account__code="pending"
        )


def run() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_sound_ledger_passes(order):
    assert run() == ("6 transactions in 1 currencies: every one sums to zero\n", "")


def test_a_wrong_cent_is_found_and_named(order, merchant):
    entry = entry_of(f"capture:{order.public_id}", "items")
    plant("UPDATE finance_ledgerentry SET amount_minor = amount_minor + 1 WHERE id = %s", entry.pk)
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("verify_ledger", stdout=out, stderr=err)

    assert caught.value.returncode == 1
    assert f"capture:{order.public_id} EUR: entries do not sum to zero" in err.getvalue()
    assert "EUR: all entries sum to 1" in err.getvalue()
    with scope(merchant=merchant):
        assert sum_ledger(merchant) == {"EUR": 1}


def test_two_wrong_cents_that_cancel_out_are_found(order):
    fees = f"fees:{order.public_id}"
    with scopes_disabled():
        entries = LedgerEntry.objects.filter(transaction__reference=fees, purpose="commission")
        keys = list(entries.order_by("amount_minor").values_list("pk", flat=True))
    for key, cents in zip(keys, (-1, 1), strict=True):
        plant(
            "UPDATE finance_ledgerentry SET amount_minor = amount_minor + %s WHERE id = %s",
            cents,
            key,
        )

    (fault,) = find_unbalanced()

    assert fault.problem == "entries differ from the declared total"
    assert (fault.debit_minor, fault.credit_minor, fault.declared_minor) == (726, 726, 725)


def test_an_entry_that_was_removed_is_found(order):
    entry = entry_of(f"capture:{order.public_id}", "items")
    plant("DELETE FROM finance_ledgerentry WHERE id = %s", entry.pk)

    assert [fault.reference for fault in find_unbalanced()] == [f"capture:{order.public_id}"]


def test_an_entry_without_a_total_is_found(order):
    entry = entry_of(f"fees:{order.public_id}", "payment")
    plant("UPDATE finance_ledgerentry SET currency = 'USD' WHERE id = %s", entry.pk)

    problems = {fault.problem for fault in find_unbalanced()}

    assert problems == {
        "entries do not sum to zero",
        "an entry without a declared total",
        "an entry on an account of another currency or merchant",
    }


def test_a_transaction_without_entries_is_found(order):
    with scopes_disabled():
        posted = LedgerTransaction.objects.get(reference=f"fees:{order.public_id}")
    plant("DELETE FROM finance_ledgerentry WHERE transaction_id = %s", posted.pk)
    plant("DELETE FROM finance_ledgertotal WHERE transaction_id = %s", posted.pk)

    (fault,) = find_unbalanced()

    assert (fault.transaction, fault.problem) == (
        posted.public_id,
        "a transaction without any total",
    )


def test_a_merchant_sees_only_its_own_faults(order, merchant, stranger):
    entry = entry_of(f"capture:{order.public_id}", "items")
    plant("UPDATE finance_ledgerentry SET amount_minor = amount_minor + 1 WHERE id = %s", entry.pk)

    with scope(merchant=stranger):
        assert find_unbalanced(stranger) == []
    with scope(merchant=merchant):
        assert len(find_unbalanced(merchant)) == 1
