"""Handing over: once, with the order, never against a hold; and voiding."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel, Shipment
from apps.fulfillment.requests import HandOver
from apps.inventory.models import StockBalance
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from tests.factories.fulfillment import make_parcel, make_shipment
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def events_of(public_id):
    found = JournalEntry.objects.filter(subject_id=public_id).order_by("id")
    return list(found.values_list("event", flat=True))


def test_hand_over_ships_the_order_in_the_same_step(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)

    result = fulfillment.hand_over(shipment, actor=actor, now=now + timedelta(hours=5))

    order = Order.objects.get()
    shipment.refresh_from_db()
    assert (order.status, order.shipped_at) == ("shipped", now + timedelta(hours=5))
    assert (shipment.status, shipment.tendered_at) == ("tendered", now + timedelta(hours=5))
    assert result.status == "tendered"
    assert Parcel.objects.get().status == "tendered"
    assert StockBalance.objects.get().reserved == 0
    assert events_of(shipment.public_id) == ["shipment.created", "shipment.tendered"]
    assert JournalEntry.objects.get(event="shipment.tendered").payload == {
        "order": order.public_id,
        "number": order.number,
        "tendered_at": (now + timedelta(hours=5)).isoformat(),
        "parcels": 1,
    }


def test_second_hand_over_changes_nothing(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    fulfillment.hand_over(shipment, actor=actor, now=now)

    again = fulfillment.hand_over(shipment, actor=actor, now=now + timedelta(hours=1))

    assert again.tendered_at == now
    assert JournalEntry.objects.filter(event="shipment.tendered").count() == 1


def test_earlier_time_of_the_hand_over_may_be_told(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    moment = now - timedelta(hours=2)

    result = fulfillment.hand_over(shipment, actor=actor, now=now, tendered_at=moment)

    assert result.tendered_at == moment


def test_held_order_does_not_leave(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    orders.place_hold(shipment.order, kind="risk", reason="Check", actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.hand_over(shipment, actor=actor, now=now)

    shipment.refresh_from_db()
    assert caught.value.code == "orders.on_hold"
    assert (shipment.status, Order.objects.get().status) == ("booked", "allocated")
    assert StockBalance.objects.get().reserved == 2


def test_cancelled_order_does_not_leave(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    orders.cancel_order(shipment.order, reason="Buyer asked", actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.hand_over(shipment, actor=actor, now=now)

    assert caught.value.code == "orders.wrong_state"


def test_orders_are_handed_over_each_with_its_own_outcome(scoped, stranger, actor, now):
    good = make_shipment(scoped, now=now).order
    gone = make_shipment(scoped, now=now).order
    fulfillment.hand_over_orders(scoped, [gone.public_id], actor=actor, now=now)
    held = make_shipment(scoped, now=now).order
    orders.place_hold(held, kind="risk", reason="Check", actor=actor, now=now)
    unready = make_order(scoped, now=now)
    foreign = make_shipment(stranger, now=now).order

    outcomes = fulfillment.hand_over_orders(
        scoped,
        [order.public_id for order in (good, gone, held, unready, foreign)],
        actor=actor,
        now=now,
    )

    codes = [outcome.error.code if outcome.error else "" for outcome in outcomes]
    assert codes == ["", "", "orders.on_hold", "fulfillment.no_shipment", "orders.not_found"]
    assert outcomes[0] == HandOver(good.public_id, good.number, is_new=True)
    assert outcomes[1] == HandOver(gone.public_id, gone.number, is_new=False)
    statuses = dict(Order.objects.values_list("public_id", "status"))
    assert statuses == {
        good.public_id: "shipped",
        gone.public_id: "shipped",
        held.public_id: "allocated",
        unready.public_id: "pending",
    }
    with scope(merchant=stranger):
        assert Order.objects.get().status == "allocated"


def test_void_ends_the_label(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)

    fulfillment.void_shipment(parcel.shipment, reason="Label torn", actor=actor, now=now)

    shipment = Shipment.objects.get()
    parcel.refresh_from_db()
    assert (shipment.status, shipment.voided_at, shipment.void_reason) == (
        "voided",
        now,
        "Label torn",
    )
    assert parcel.status == "void"
    assert JournalEntry.objects.get(event="shipment.voided").payload["reason"] == "Label torn"


def test_second_void_changes_nothing(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    fulfillment.void_shipment(shipment, reason="Torn", actor=actor, now=now)

    fulfillment.void_shipment(shipment, reason="Again", actor=actor, now=now)

    assert JournalEntry.objects.filter(event="shipment.voided").count() == 1
    assert Shipment.objects.get().void_reason == "Torn"


def test_void_label_is_not_handed_over(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    fulfillment.void_shipment(shipment, reason="Torn", actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.hand_over(shipment, actor=actor, now=now)

    assert caught.value.code == "fulfillment.voided"


def test_what_has_left_is_not_voided(scoped, actor, now):
    shipment = make_shipment(scoped, now=now)
    fulfillment.hand_over(shipment, actor=actor, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.void_shipment(shipment, reason="Late", actor=actor, now=now)

    assert caught.value.code == "fulfillment.has_left"
    assert Shipment.objects.get().status == "tendered"
