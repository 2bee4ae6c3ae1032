"""The webhook that tells every change of stock, by SKU and node."""

from __future__ import annotations

import pytest
from django_scopes import scope

from apps.inventory import services as inventory
from apps.inventory.models import Node, StockBalance
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.partners.receivers import tell_stock_changes, wants_stock
from tests.factories.orders import make_order
from tests.factories.partners import make_endpoint

pytestmark = pytest.mark.django_db


def changes_of(merchant, event):
    """Tell what an entry changed and return it."""
    with scope(merchant=merchant):
        tell_stock_changes(JournalEntry.objects.filter(event=event).latest("id"))
    entry = JournalEntry.objects.filter(event="stock.changed").latest("id")
    assert entry.payload["cause"] == event
    return entry.payload["changes"]


def test_only_merchants_that_listen_are_asked(merchant, stranger):
    make_endpoint(merchant, events=["stock.changed"])
    make_endpoint(stranger, events=["order.placed"])

    assert wants_stock(merchant.pk)
    assert not wants_stock(stranger.pk)


def test_the_life_of_an_order_is_told_by_sku_and_node(merchant, actor, now):
    order = make_order(merchant, now=now, quantity=2)
    with scope(merchant=merchant):
        line = order.lines.select_related("node").get()
        one = {"sku": line.sku, "node": line.node.public_id}

        received = changes_of(merchant, "stock.received")
        placed = changes_of(merchant, "order.placed")
        orders.cancel_order(order, reason="Changed", actor=actor, now=now)
        cancelled = changes_of(merchant, "order.cancelled")

    assert received == [{**one, "deltas": {"available": 100}}]
    assert placed == [{**one, "deltas": {"available": -2, "reserved": 2}}]
    assert cancelled == [{**one, "deltas": {"available": 2, "reserved": -2}}]


def test_a_transfer_is_told_at_both_places(merchant, actor, now):
    make_order(merchant, now=now)
    with scope(merchant=merchant):
        balance = StockBalance.objects.select_related("variant", "node").get()
        there = Node.objects.create(
            merchant=merchant,
            code="LAX",
            name="LA",
            kind=Node.Kind.OVERSEAS_WAREHOUSE,
            country="US",
        )
        inventory.transfer_stock(
            merchant,
            source=balance.node,
            target=there,
            quantities={balance.variant: 5},
            reference="truck-1",
            actor=actor,
            now=now,
        )

        told = changes_of(merchant, "stock.transferred")

    assert {item["node"]: item["deltas"] for item in told} == {
        balance.node.public_id: {"available": -5},
        there.public_id: {"in_transit": 5},
    }


def test_a_count_is_told(merchant, actor, now):
    make_order(merchant, now=now)
    with scope(merchant=merchant):
        balance = StockBalance.objects.select_related("variant", "node").get()
        inventory.set_available(
            merchant,
            node=balance.node,
            variant=balance.variant,
            quantity=90,
            reason="count",
            actor=actor,
            now=now,
        )

        [told] = changes_of(merchant, "stock.counted")

    assert told["deltas"] == {"available": -8}
