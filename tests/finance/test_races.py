"""Many workers on the same orders at once, on real connections: posted once, never half."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django_scopes import scope

from apps.finance.models import LedgerTransaction
from apps.finance.selectors import find_unbalanced, get_balances
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from tests.factories.finance import ACTOR, advance, entries_of, handle, label_entry
from tests.factories.merchants import MerchantFactory
from tests.factories.orders import make_order

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
WORKERS = 16


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


def at_once(function, arguments) -> None:
    """Run ``function`` on every argument at the same moment, each thread on its own connection."""
    barrier = threading.Barrier(len(arguments))

    def work(argument):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            function(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(arguments)) as pool:
        list(pool.map(work, arguments))


def kinds_of(order) -> Counter[str]:
    with scope(merchant=order.merchant_id):
        return Counter(LedgerTransaction.objects.filter(order=order).values_list("kind", flat=True))


def test_one_order_on_many_workers_is_posted_once(now):
    merchant = MerchantFactory()
    order = advance(make_order(merchant, now=now), "completed", now=now)
    news = [*entries_of(order), label_entry(order, "shipment.created", now=now)]

    at_once(lambda entry: handle(order, entry), (news * WORKERS)[:WORKERS])

    assert kinds_of(order) == {"capture": 1, "fees": 1, "postage": 1, "release": 3}
    with scope(merchant=merchant):
        assert [item.payable.minor for item in get_balances(merchant)] == [8090]
        assert find_unbalanced(merchant) == []
    released = JournalEntry.objects.filter(event="finance.payable_released")
    assert sum(entry.payload["amounts"][0]["amount_minor"] for entry in released) == 8090


def test_a_sale_and_its_cancellation_never_miss_each_other(now):
    merchant = MerchantFactory()
    made = []
    for _ in range(WORKERS // 2):
        order = advance(make_order(merchant, now=now), "confirmed", now=now)
        with scope(merchant=merchant):
            orders.cancel_order(order, reason="Test", actor=ACTOR, now=now)
        made.append(order)
    pairs = [(order, entry) for order in made for entry in entries_of(order)]

    at_once(lambda pair: handle(*pair), pairs)

    assert [kinds_of(order) for order in made] == [{"capture": 1, "reversal": 1}] * len(made)


def test_first_orders_of_a_company_open_its_accounts_together(now):
    merchant = MerchantFactory()
    made = [advance(make_order(merchant, now=now), "confirmed", now=now) for _ in range(WORKERS)]
    news = [(order, entries_of(order)[0]) for order in made]

    at_once(lambda pair: handle(*pair), news)

    assert [kinds_of(order) for order in made] == [{"capture": 1}] * WORKERS
    with scope(merchant=merchant):
        assert [item.pending.minor for item in get_balances(merchant)] == [9800 * WORKERS]
