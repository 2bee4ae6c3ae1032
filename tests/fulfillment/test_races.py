"""Workers, doors and carriers at the same moment, on real connections."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django_scopes import scope, scopes_disabled

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import (
    ExceptionCase,
    Parcel,
    RouteDecision,
    Shipment,
    TrackingEvent,
)
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.services.numbers import allocate_numbers
from apps.fulfillment.simulator import plan_journey
from apps.inventory.selectors import find_wrong_balances
from apps.journal.models import JournalEntry
from apps.logistics.models import CapacityUse
from apps.orders import services as orders
from apps.orders.models import Order
from tests.factories.fulfillment import make_parcel
from tests.factories.logistics import put_network, row
from tests.factories.merchants import MerchantFactory
from tests.factories.orders import make_order
from tests.orders.test_races import at_once

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


@retry_transaction
def take_numbers(lane: int) -> list[str]:
    with transaction.atomic():
        return allocate_numbers("CN", 5, lane=lane)


def test_no_number_is_handed_out_twice():
    taken = at_once(take_numbers, [number % 2 for number in range(64)], connections_count=32)

    numbers = [number for group in taken for number in group]
    assert len(numbers) == len(set(numbers)) == 320


def test_one_order_routed_by_many_workers_has_one_shipment(actor, now):
    merchant = MerchantFactory()
    order = make_order(merchant, now=now)
    with scope(merchant=merchant):
        orders.confirm_order(order, actor=actor, now=now)

    def route(_worker):
        with scope(merchant=merchant):
            return fulfillment.create_shipments(order, actor=actor, now=now)[0].pk

    made = at_once(route, range(16), connections_count=16)

    with scopes_disabled():
        assert len(set(made)) == 1
        assert (Shipment.objects.count(), Parcel.objects.count()) == (1, 1)


def test_scans_and_hand_overs_at_once_ship_and_deliver_once(actor, now):
    merchant = MerchantFactory()
    parcels = [make_parcel(merchant, now=now) for _ in range(4)]
    later = now + timedelta(days=20)
    jobs = []
    for parcel in parcels:
        journey = plan_journey(parcel.tracking_number, "DE", now, seed=3)
        jobs += [("track", parcel, journey[part::4]) for part in range(4)]
        jobs += [("ship", parcel, None)] * 4

    def work(job):
        kind, parcel, events = job
        with scope(merchant=merchant):
            if kind == "ship":
                return fulfillment.hand_over(parcel.shipment, actor=actor, now=later).status
            return [
                outcome.is_new
                for outcome in fulfillment.record_tracking(merchant, events, actor=actor, now=later)
            ]

    at_once(work, jobs, connections_count=32)

    with scope(merchant=merchant):
        assert set(Order.objects.values_list("status", flat=True)) == {"delivered"}
        assert set(Shipment.objects.values_list("status", flat=True)) == {"delivered"}
        for event in ("order.shipped", "order.delivered", "shipment.tendered"):
            assert JournalEntry.objects.filter(event=event).count() == 4
        expected = sum(len(events) for kind, _parcel, events in jobs if kind == "track")
        assert TrackingEvent.objects.count() == expected
        assert find_wrong_balances(merchant) == []


def test_cancel_and_hand_over_at_once_have_one_winner(actor, now):
    merchant = MerchantFactory()
    parcels = [make_parcel(merchant, now=now) for _ in range(8)]
    jobs = [(kind, parcel) for parcel in parcels for kind in ("cancel", "ship")]

    def work(job):
        kind, parcel = job
        with scope(merchant=merchant):
            try:
                if kind == "ship":
                    fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
                else:
                    order = parcel.shipment.order
                    orders.cancel_order(order, reason="Buyer", actor=actor, now=now)
            except DomainError as error:
                return error.code
            return kind

    results = at_once(work, jobs, connections_count=16)

    with scope(merchant=merchant):
        for parcel, pair in zip(
            parcels, zip(results[::2], results[1::2], strict=True), strict=True
        ):
            assert set(pair) in ({"cancel", "orders.wrong_state"}, {"ship", "orders.wrong_state"})
            status = Order.objects.get(pk=parcel.shipment.order_id).status
            assert status == ("cancelled" if pair[0] == "cancel" else "shipped")
        assert find_wrong_balances(merchant) == []


def test_the_last_places_of_a_day_are_taken_once(actor, now):
    put_network(row("capacity.line", "capacity", service="line", origin="CN", parcels_per_day=5))
    merchant = MerchantFactory()
    found = [make_order(merchant, now=now) for _ in range(12)]
    with scope(merchant=merchant):
        for order in found:
            orders.confirm_order(order, actor=actor, now=now)

    def route(order):
        with scope(merchant=merchant):
            return fulfillment.create_shipments(order, actor=actor, now=now)[0].pk

    at_once(route, found, connections_count=12)

    with scopes_disabled():
        days = Counter(RouteDecision.objects.values_list("departs_on", flat=True))
    assert sorted(days.values(), reverse=True) == [5, 5, 2]
    taken = dict(CapacityUse.objects.values_list("day", "taken"))
    assert taken == dict(days)


def test_one_exception_told_by_many_workers_is_one_case(actor, now):
    merchant = MerchantFactory()
    parcels = [make_parcel(merchant, now=now) for _ in range(3)]
    moment = now + timedelta(days=3)

    def tell(number):
        parcel = parcels[number % 3]
        told = TrackingInput(parcel.tracking_number, "lost", moment, event_id=f"e{number}")
        with scope(merchant=merchant):
            fulfillment.record_tracking(merchant, [told], actor=actor, now=moment)
            fulfillment.open_case(parcel, kind="lost", note="Gone", actor=actor, now=moment)

    at_once(tell, range(24), connections_count=24)

    with scope(merchant=merchant):
        assert ExceptionCase.objects.count() == 3
        assert JournalEntry.objects.filter(event="exception.opened").count() == 3
