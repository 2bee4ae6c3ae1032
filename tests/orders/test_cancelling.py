"""Who may cancel when: rules by party and state, requests, answers and what happens without one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.inventory.models import StockBalance
from apps.jobs import deadlines
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import CancelRequest, Order
from apps.orders.rules import CANCEL_CODES, way_to_cancel
from apps.orders.states import CancelCode, OrderStatus, Party
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scoped, now) -> Order:
    return make_order(scoped, now=now, quantity=2, stock=10)


@pytest.fixture
def labelled(order, actor, now) -> Order:
    orders.confirm_order(order, actor=actor, now=now)
    return orders.allocate_order(order, actor=actor, now=now)


def ask(order: Order, actor, now, *, party="buyer", code="changed_mind") -> CancelRequest:
    return orders.ask_to_cancel(order, party=party, code=code, actor=actor, now=now)


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("party", list(Party))
def test_the_table_of_parties_and_states(party, status):
    before_label = status in {"pending", "confirmed"}
    expected = "refused"
    if before_label or (status == "allocated" and party != "buyer"):
        expected = "at_once"
    elif status == "allocated":
        expected = "ask"
    assert way_to_cancel(party, status) == expected
    assert way_to_cancel(party, status, is_partly_shipped=True) == "refused"


def test_every_reason_can_be_given_by_somebody():
    assert {code for codes in CANCEL_CODES.values() for code in codes} == set(CancelCode)


def test_a_buyer_cancels_at_once_before_the_label(order, actor, now):
    request = ask(order, actor, now)

    order.refresh_from_db()
    assert (request.status, order.status) == ("accepted", "cancelled")
    assert (order.cancel_code, order.cancelled_by) == ("changed_mind", "buyer")
    assert order.cancel_reason == "The buyer changed their mind"
    assert StockBalance.objects.get().available == 10
    assert Deadline.objects.get(subject_id=request.public_id).outcome == "accepted"


def test_afterwards_the_buyer_asks_and_nothing_happens_yet(labelled, actor, now):
    request = ask(labelled, actor, now)
    again = ask(labelled, actor, now)

    labelled.refresh_from_db()
    assert (request.status, labelled.status, again.pk) == ("open", "allocated", request.pk)
    assert request.answer_by_at == now + timedelta(hours=48)


def test_the_merchant_grants_a_request(labelled, actor, now):
    request = orders.accept_request(ask(labelled, actor, now), actor=actor, now=now)

    labelled.refresh_from_db()
    assert (request.status, labelled.status, labelled.cancelled_by) == (
        "accepted",
        "cancelled",
        "buyer",
    )
    with pytest.raises(DomainError) as caught:
        orders.accept_request(request, actor=actor, now=now)
    assert caught.value.code == "orders.request_answered"


def test_the_merchant_refuses_with_a_sentence(labelled, actor, now):
    request = ask(labelled, actor, now)
    with pytest.raises(DomainError) as caught:
        orders.refuse_request(request, note=" ", actor=actor, now=now)
    assert caught.value.fields == {"note": "Say why, so that the buyer can be told."}

    orders.refuse_request(request, note="It is at the carrier.", actor=actor, now=now)

    labelled.refresh_from_db()
    request.refresh_from_db()
    assert (request.status, request.answer_note) == ("refused", "It is at the carrier.")
    assert labelled.status == "allocated"
    assert ask(labelled, actor, now).pk != request.pk


def test_a_request_nobody_answers_is_granted_at_its_end(labelled, actor, now):
    request = ask(labelled, actor, now)
    assert deadlines.sweep(now=now + timedelta(hours=47, minutes=59)) == 0

    assert deadlines.sweep(now=now + timedelta(hours=48)) == 1

    request.refresh_from_db()
    labelled.refresh_from_db()
    assert (request.status, labelled.status) == ("lapsed", "cancelled")
    answered = JournalEntry.objects.get(event="order.cancel_answered")
    assert (answered.actor, answered.payload["status"]) == ("system:deadlines", "lapsed")


def test_shipping_answers_an_open_request(labelled, actor, now):
    request = ask(labelled, actor, now)

    orders.ship_order(labelled, actor=actor, now=now)

    request.refresh_from_db()
    assert (request.status, request.open_order) == ("moot", None)
    deadlines.sweep(now=now + timedelta(hours=49))
    labelled.refresh_from_db()
    assert labelled.status == "shipped"


@pytest.mark.parametrize("party", ["buyer", "merchant", "system"])
def test_nobody_asks_once_it_has_left(labelled, actor, now, party):
    orders.ship_order(labelled, actor=actor, now=now)
    code = CANCEL_CODES[party][0]

    with pytest.raises(DomainError) as caught:
        ask(labelled, actor, now, party=party, code=code)

    assert caught.value.code == "orders.wrong_state"
    assert not CancelRequest.objects.exists()


def test_a_reason_of_another_party_is_refused(order, actor, now):
    with pytest.raises(DomainError) as caught:
        ask(order, actor, now, party="buyer", code="out_of_stock")

    assert (caught.value.code, caught.value.status) == ("orders.reason", 422)
    assert StockBalance.objects.get().available == 8


def test_the_portal_names_itself_and_its_reason(order, now):
    deadlines.sweep(now=now + timedelta(days=30))

    order.refresh_from_db()
    assert (order.status, order.cancel_code, order.cancelled_by) == ("cancelled", "late", "system")
