"""Orders held for their declaration go on when their product is completed."""

from __future__ import annotations

import pytest

from apps.catalog import services as catalog
from apps.catalog.models import Product, Variant
from apps.compliance import selectors
from apps.journal.models import JournalEntry
from apps.orders.models import OrderHold, OrderLine
from tests.compliance.test_checks import deliver_news
from tests.factories.orders import BUYER, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(scoped, now):
    """An order whose product lacked its HS code when it was placed."""
    order = make_order(scoped, now=now, buyer=BUYER)
    OrderLine.objects.update(hs_code="", customs_name="gift")
    Product.objects.update(hs_code="", customs_name="gift")
    deliver_news(now)
    assert OrderHold.objects.get(open_kind__isnull=False).kind == "declaration"
    return order


def test_completed_product_lets_its_orders_go_on(waiting, actor, now):
    product = Product.objects.get()
    facts = {"hs_code": "940511", "customs_name": "Pendant lamp of rattan"}
    catalog.update_product(product, facts, actor=actor, now=now)
    deliver_news(now)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.open_hold_count) == ("allocated", 0)
    line = OrderLine.objects.get()
    assert (line.hs_code, line.customs_name) == ("940511", "Pendant lamp of rattan")
    asked = JournalEntry.objects.get(event="order.recheck_requested")
    assert (asked.subject_id, asked.payload) == (waiting.public_id, {"product": product.public_id})


def test_half_completed_product_says_what_is_left(waiting, actor, now):
    catalog.update_product(Product.objects.get(), {"hs_code": "940511"}, actor=actor, now=now)
    deliver_news(now)

    waiting.refresh_from_db()
    hold = OrderHold.objects.get(open_kind="declaration")
    assert waiting.status == "pending"
    assert hold.reason == "Line 1: the customs description does not say what the item is."


def test_weight_of_the_variant_counts_as_well(scoped, actor, now):
    order = make_order(scoped, now=now)
    OrderLine.objects.update(unit_weight_g=0)
    Variant.objects.update(weight_g=0)
    deliver_news(now)
    assert OrderHold.objects.get().kind == "declaration"

    catalog.update_variant(Variant.objects.get(), {"weight_g": 900}, actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    assert order.status == "allocated"


def test_orders_without_the_hold_are_left_alone(scoped, actor, now):
    make_order(scoped, now=now)
    deliver_news(now)
    catalog.update_product(Product.objects.get(), {"title": "Lamp"}, actor=actor, now=now)
    deliver_news(now)

    assert not JournalEntry.objects.filter(event="order.recheck_requested").exists()


def test_waiting_orders_are_found_in_two_statements(
    waiting, scoped, now, django_assert_num_queries
):
    other = make_order(scoped, now=now)
    product = Product.objects.get(pk=OrderLine.objects.get(order=waiting).variant.product_id)

    with django_assert_num_queries(2):
        found = selectors.list_waiting_for_facts(scoped.pk, product.public_id)

    assert found == [waiting.public_id]
    assert other.public_id not in found
