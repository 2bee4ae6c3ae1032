"""Carrier events: kept once, folded in any order, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django_scopes import scope

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel, Shipment, TrackingEvent
from apps.fulfillment.requests import TrackingInput, TrackingOutcome
from apps.fulfillment.selectors import list_events, list_unmapped
from apps.fulfillment.services.tracking import MAX_EVENTS
from apps.fulfillment.simulator import plan_journey
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from tests.factories.fulfillment import make_parcel, make_shipment

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(scoped, now):
    return make_parcel(scoped, now=now)


@pytest.fixture
def sent(parcel, actor, now):
    fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    return parcel


def event(parcel, code, moment, **changes):
    return TrackingInput(parcel.tracking_number, code, moment, **changes)


def track(merchant, events, actor, now):
    return fulfillment.record_tracking(merchant, events, actor=actor, now=now)


def test_delivery_reaches_parcel_shipment_and_order(sent, scoped, actor, now):
    moment = now + timedelta(days=6)

    outcomes = track(scoped, [event(sent, "delivered", moment)], actor, moment + timedelta(hours=1))

    sent.refresh_from_db()
    shipment, order = Shipment.objects.get(), Order.objects.get()
    assert outcomes == [TrackingOutcome(sent.tracking_number, "delivered", is_new=True)]
    assert (sent.status, sent.tracking_status, sent.delivered_at) == (
        "delivered",
        "delivered",
        moment,
    )
    assert (shipment.status, shipment.delivered_at) == ("delivered", moment)
    assert (order.status, order.delivered_at) == ("delivered", moment)


def test_event_is_kept_as_it_came(sent, scoped, actor, now):
    given = event(
        sent,
        "GTMS_DELIVERING",
        now,
        source="cainiao_action_code",
        location="Berlin, DE",
        description="包裹正在派送中",
        event_id="e-7",
        raw={"code": "GTMS_DELIVERING", "站点": 12},
    )

    track(scoped, [given], actor, now)

    [kept] = list_events(sent)
    assert (kept.code, kept.status, kept.source) == (
        "GTMS_DELIVERING",
        "out_for_delivery",
        "cainiao_action_code",
    )
    assert (kept.location, kept.description) == ("Berlin, DE", "包裹正在派送中")
    assert kept.raw == {"code": "GTMS_DELIVERING", "站点": 12}


def test_repeats_change_nothing(sent, scoped, actor, now):
    by_id = event(sent, "picked_up", now, event_id="e-1")
    by_facts = event(sent, "in_transit", now + timedelta(hours=1), location="Leipzig, DE")
    first = track(scoped, [by_id, by_facts, by_id], actor, now + timedelta(hours=2))
    entries = JournalEntry.objects.count()

    second = track(
        scoped, [by_facts, replace(by_id, code="delivered")], actor, now + timedelta(hours=3)
    )

    assert [outcome.is_new for outcome in first] == [True, True, False]
    assert [outcome.is_new for outcome in second] == [False, False]
    assert TrackingEvent.objects.count() == 2
    assert JournalEntry.objects.count() == entries
    assert Order.objects.get().status == "shipped"


def test_any_order_of_a_journey_ends_the_same(scoped, actor, now):
    ends = set()
    steps = [("picked_up", 0), ("import_cleared", 50), ("delivered", 90), ("in_transit", 95)]
    for order in permutations(steps):
        parcel = make_parcel(scoped, now=now)
        for code, hours in order:
            moment = now - timedelta(days=5) + timedelta(hours=hours)
            track(scoped, [event(parcel, code, moment)], actor, now)
        parcel.refresh_from_db()
        shipment = Shipment.objects.get(pk=parcel.shipment_id)
        ends.add(
            (
                parcel.status,
                parcel.tracking_status,
                parcel.delivered_at,
                shipment.status,
                Order.objects.get(pk=shipment.order_id).status,
            )
        )

    at = now - timedelta(days=5) + timedelta(hours=90)
    assert ends == {("delivered", "delivered", at, "delivered", "delivered")}


def test_late_events_leave_a_delivered_order_alone(sent, scoped, actor, now):
    moment = now + timedelta(days=6)
    later = moment + timedelta(days=1)
    track(scoped, [event(sent, "delivered", moment)], actor, later)

    track(
        scoped,
        [event(sent, "in_transit", moment - timedelta(days=1)), event(sent, "delayed", later)],
        actor,
        later,
    )

    sent.refresh_from_db()
    assert (sent.tracking_status, sent.last_event_at) == ("delivered", later)
    assert JournalEntry.objects.filter(event="order.delivered").count() == 1
    assert JournalEntry.objects.filter(event="shipment.delivered").count() == 1


def test_first_scan_hands_the_shipment_over(parcel, scoped, actor, now):
    scanned = now - timedelta(hours=3)

    track(scoped, [event(parcel, "picked_up", scanned)], actor, now)

    shipment = Shipment.objects.get()
    assert (shipment.status, shipment.tendered_at) == ("in_transit", scanned)
    assert Order.objects.get().status == "shipped"
    assert JournalEntry.objects.filter(event="shipment.tendered").count() == 1


def test_label_event_is_no_hand_over(parcel, scoped, actor, now):
    track(scoped, [event(parcel, "label_created", now)], actor, now)

    parcel.refresh_from_db()
    assert (parcel.tracking_status, parcel.status) == ("label_created", "labelled")
    assert Order.objects.get().status == "allocated"


def test_scan_of_a_held_order_is_kept_and_counts_when_the_hold_is_gone(parcel, scoped, actor, now):
    order = parcel.shipment.order
    hold = orders.place_hold(order, kind="risk", reason="Check", actor=actor, now=now)
    moment = now + timedelta(days=3)

    [outcome] = track(scoped, [event(parcel, "delivered", moment)], actor, moment)

    parcel.refresh_from_db()
    assert (outcome.is_new, outcome.error) == (True, None)
    assert (parcel.tracking_status, parcel.status) == ("delivered", "labelled")
    assert Order.objects.get().status == "allocated"
    payload = JournalEntry.objects.get(event="tracking.recorded").payload
    assert payload["refused"] == "orders.on_hold"

    orders.release_hold(hold, actor=actor, now=moment)
    fulfillment.hand_over(parcel.shipment, actor=actor, now=moment)

    assert (Shipment.objects.get().status, Order.objects.get().status) == ("delivered", "delivered")


def test_scan_of_a_voided_label_is_kept_and_changes_nothing(parcel, scoped, actor, now):
    fulfillment.void_shipment(parcel.shipment, reason="Torn", actor=actor, now=now)

    [outcome] = track(scoped, [event(parcel, "picked_up", now)], actor, now)

    parcel.refresh_from_db()
    assert (outcome.is_new, parcel.status) == (True, "void")
    assert (Shipment.objects.get().status, Order.objects.get().status) == ("voided", "allocated")


def test_unmapped_code_waits_for_the_operator(sent, scoped, actor, now):
    track(scoped, [event(sent, "WARP_DRIVE", now, source="easypost")], actor, now)

    [waiting] = list_unmapped(scoped)
    assert (waiting.code, waiting.status) == ("WARP_DRIVE", "unknown")
    assert JournalEntry.objects.get(event="tracking.recorded").payload == {
        "tracking_number": sent.tracking_number,
        "events": 1,
        "codes": ["WARP_DRIVE"],
        "unmapped": 1,
        "tracking_status": "unknown",
        "refused": "",
    }


def test_bad_events_have_their_own_errors_and_the_good_one_counts(sent, scoped, actor, now):
    given = [
        TrackingInput("RR473124829GB", "delivered", now),
        event(sent, "delivered", now + timedelta(days=3)),
        event(sent, "delivered", now.replace(tzinfo=None)),
        event(sent, " ", now),
        event(sent, "x" * 65, now),
        event(sent, "picked_up", now),
    ]

    outcomes = track(scoped, given, actor, now)

    assert [outcome.error.code if outcome.error else "" for outcome in outcomes] == [
        "fulfillment.unknown_number",
        "fulfillment.bad_time",
        "fulfillment.bad_time",
        "fulfillment.bad_event",
        "fulfillment.bad_event",
        "",
    ]
    assert TrackingEvent.objects.get().code == "picked_up"


def test_number_may_have_spaces_and_small_letters(sent, scoped, actor, now):
    number = f"{sent.tracking_number[:2].lower()} {sent.tracking_number[2:]} "

    [outcome] = track(scoped, [TrackingInput(number, "picked_up", now)], actor, now)

    assert (outcome.tracking_number, outcome.is_new) == (number, True)


def test_strangers_parcel_is_an_unknown_number(sent, stranger, actor, now):
    with scope(merchant=stranger):
        [outcome] = track(stranger, [event(sent, "delivered", now)], actor, now)

    assert outcome.error.code == "fulfillment.unknown_number"
    assert TrackingEvent.objects.count() == 0


def test_an_unknown_number_tells_whose_it_is_by_its_form(sent, scoped, actor, now):
    given = [
        TrackingInput("1Z 999 AA1 01 2345 6784", "delivered", now),
        TrackingInput("1Z 999 AA1 01 2345 6785", "delivered", now),
    ]

    right, mistyped = track(scoped, given, actor, now)

    assert right.error.message == (
        "No parcel of yours has the number 1Z 999 AA1 01 2345 6784. By its form it can be from UPS."
    )
    assert mistyped.error.message == "No parcel of yours has the number 1Z 999 AA1 01 2345 6785."


def test_too_many_events_are_refused_as_a_whole(sent, scoped, actor, now):
    with pytest.raises(DomainError) as caught:
        track(scoped, [event(sent, "in_transit", now)] * (MAX_EVENTS + 1), actor, now)

    assert (caught.value.code, caught.value.status) == ("fulfillment.too_many_events", 413)


def test_order_is_delivered_with_its_last_parcel(scoped, actor, now):
    shipment = make_shipment(scoped, now=now, quantity=30)
    first, second = Parcel.objects.order_by("position")
    fulfillment.hand_over(shipment, actor=actor, now=now)
    days = [now + timedelta(days=number) for number in (4, 5)]

    track(scoped, [event(first, "delivered", days[0])], actor, days[1])
    assert Order.objects.get().status == "shipped"
    track(scoped, [event(second, "delivered", days[1])], actor, days[1])

    assert Order.objects.get().delivered_at == days[1]
    assert Shipment.objects.get().delivered_at == days[1]


def test_lost_parcel_leaves_the_order_on_its_way(sent, scoped, actor, now):
    track(scoped, [event(sent, "lost", now)], actor, now)

    sent.refresh_from_db()
    assert (sent.status, Shipment.objects.get().status) == ("lost", "lost")
    assert Order.objects.get().status == "shipped"


def test_batch_of_fifty_scans_needs_few_statements(
    scoped, actor, now, django_assert_max_num_queries
):
    parcels = [make_parcel(scoped, now=now) for _ in range(10)]
    for parcel in parcels:
        fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    moments = [now + timedelta(minutes=minute) for minute in range(5)]
    given = [event(parcel, "in_transit", moment) for parcel in parcels for moment in moments]

    with django_assert_max_num_queries(13):
        outcomes = track(scoped, given, actor, now)

    assert sum(outcome.is_new for outcome in outcomes) == 50


def test_simulated_journey_delivers_a_parcel_that_nobody_handed_over(parcel, scoped, actor, now):
    tendered = now - timedelta(days=30)
    journey = plan_journey(parcel.tracking_number, "DE", tendered, seed=7)

    track(scoped, journey[::-1], actor, now)

    order = Order.objects.get()
    assert (order.status, order.delivered_at) == ("delivered", journey[-1].occurred_at)
    assert Shipment.objects.get().tendered_at == tendered
