"""From a confirmed order to shipments with numbers, parcels and postage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel, Shipment, ShipmentLine
from apps.fulfillment.rules import is_valid_s10
from apps.fulfillment.services.numbers import allocate_numbers
from apps.journal.models import JournalEntry
from apps.logistics.selectors import find_network
from apps.markets.models import FxRate
from apps.markets.selectors import convert, find_rate
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.fulfillment import make_shipment
from tests.factories.inventory import put_stock
from tests.factories.orders import make_order, order_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rates(db):
    FxRate.objects.create(
        base="EUR", quote="CNY", rate=Decimal("8.2000"), valid_on=date(2026, 11, 24), source="test"
    )
    find_rate.cache_clear()
    yield
    find_rate.cache_clear()


@pytest.fixture
def confirmed(scoped, actor, now):
    order = make_order(scoped, now=now)
    return orders.confirm_order(order, actor=actor, now=now)


def test_confirmed_order_gets_its_shipment_and_is_ready_to_ship(confirmed, actor, now):
    [shipment] = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    parcel = Parcel.objects.get(shipment=shipment)
    line = ShipmentLine.objects.get(shipment=shipment)
    confirmed.refresh_from_db()
    assert confirmed.status == "allocated"
    assert (shipment.status, shipment.service, shipment.carrier) == ("booked", "line", "portal")
    assert (shipment.origin_country, shipment.ship_to_country) == ("CN", "DE")
    assert (parcel.weight_g, parcel.status, is_valid_s10(parcel.tracking_number)) == (
        2900,
        "labelled",
        True,
    )
    assert (line.quantity, line.order_line.sku) == (2, confirmed.lines.get().sku)
    assert shipment.ship_by_at == confirmed.ship_by_at


def test_postage_is_in_the_orders_currency_with_the_quote_beside_it(confirmed, actor, now):
    [shipment] = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    # CN¥17.50 + 2.9 kg × CN¥56.00 = CN¥179.90; / 8.2 = €21.94
    assert (shipment.quote_minor, shipment.quote_currency) == (17990, "CNY")
    assert (shipment.postage_minor, shipment.currency) == (2194, "EUR")
    assert shipment.tariff == "card.line.europe@1"


def test_without_a_rate_postage_stays_in_the_tariffs_currency(confirmed, actor, now):
    FxRate.objects.all().delete()

    [shipment] = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    assert (shipment.postage_minor, shipment.currency) == (17990, "CNY")


def test_journal_holds_the_facts_and_no_personal_data(confirmed, actor, now):
    [shipment] = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    entry = JournalEntry.objects.get(event="shipment.created")
    assert (entry.subject_id, entry.tenant_id) == (shipment.public_id, confirmed.merchant_id)
    assert entry.payload == {
        "order": confirmed.public_id,
        "number": confirmed.number,
        "service": "line",
        "carrier": "portal",
        "from": "CN",
        "ship_to": "DE",
        "tracking_numbers": [Parcel.objects.get().tracking_number],
        "weight_g": 2900,
        "postage_minor": 2194,
        "currency": "EUR",
        "tariff": "card.line.europe@1",
    }


def test_routing_twice_makes_nothing_more(confirmed, actor, now):
    first = fulfillment.create_shipments(confirmed, actor=actor, now=now)
    second = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    assert [item.pk for item in first] == [item.pk for item in second]
    assert (Shipment.objects.count(), Parcel.objects.count()) == (1, 1)


def test_pending_order_gets_no_label(scoped, actor, now):
    order = make_order(scoped, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.create_shipments(order, actor=actor, now=now)

    assert caught.value.code == "orders.wrong_state"
    assert Shipment.objects.count() == 0


def test_cancelled_order_gets_no_label(confirmed, actor, now):
    orders.cancel_order(confirmed, reason="Buyer asked", actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.create_shipments(confirmed, actor=actor, now=now)

    assert caught.value.code == "orders.wrong_state"


def test_heavy_order_has_several_parcels_with_numbers_of_their_own(scoped, actor, now):
    shipment = make_shipment(scoped, now=now, quantity=30)

    parcels = list(Parcel.objects.order_by("position"))
    assert [parcel.weight_g for parcel in parcels] == [21_750, 21_750]
    assert len({parcel.tracking_number for parcel in parcels}) == 2
    assert shipment.weight_g == 43_500


def test_order_from_two_nodes_has_two_shipments(scoped, store, actor, now):
    variants = [VariantFactory(product=ProductFactory(merchant=scoped)) for _ in range(2)]
    for variant in variants:
        ListingFactory(variant=variant)
        put_stock(variant, 5, now=now)
    lines = [LineRequest(variant.sku, 1) for variant in variants]
    receipt = orders.place_order(
        order_request(*lines, now=now), merchant=scoped, store=store, actor=actor, now=now
    )
    order = Order.objects.get(public_id=receipt.public_id)
    orders.confirm_order(order, actor=actor, now=now)

    shipments = fulfillment.create_shipments(order, actor=actor, now=now)

    assert [shipment.node_id for shipment in shipments] == sorted(
        line.node_id for line in order.lines.all()
    )
    assert [shipment.lines.count() for shipment in shipments] == [1, 1]


def test_voided_label_of_a_waiting_order_is_replaced(confirmed, actor, now):
    [first] = fulfillment.create_shipments(confirmed, actor=actor, now=now)
    fulfillment.void_shipment(first, reason="Damaged label", actor=actor, now=now)

    [second] = fulfillment.create_shipments(confirmed, actor=actor, now=now)

    assert (second.attempt, second.status) == (2, "booked")
    numbers = list(Parcel.objects.values_list("tracking_number", flat=True))
    assert len(set(numbers)) == 2
    assert Order.objects.get().status == "allocated"


def test_routing_needs_eighteen_statements(confirmed, actor, now, django_assert_num_queries):
    allocate_numbers("CN", 1, lane=confirmed.pk)
    convert(Money.from_minor(1, "CNY"), "EUR", now.date())
    find_network(now.date())

    # order, lines; the network's edition, the goods' facts; range twice; shipment, parcels, lines,
    # decision, journal; then lock, update and journal of the order: 14, and two savepoints opened
    # and released
    with django_assert_num_queries(14 + 4):
        fulfillment.create_shipments(confirmed, actor=actor, now=now)
