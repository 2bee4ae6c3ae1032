"""Checks of orders: confirm, hold, accept, correct – and what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from apps.common.errors import DomainError
from apps.compliance import selectors, sentences
from apps.compliance import services as compliance
from apps.compliance.models import CheckRun
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel
from apps.fulfillment.simulator import plan_journey
from apps.journal import delivery
from apps.journal.models import JournalEntry, Receipt
from apps.journal.registry import receivers_of
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, OrderLine
from apps.orders.services.buyers import correct_buyer, erase_buyer
from tests.factories.orders import BUYER, make_order

pytestmark = pytest.mark.django_db


def deliver_news(now) -> None:
    """Hand every journal entry to the receivers of checks and routing, until nothing is left."""
    done: set[int] = set()
    while waiting := set(JournalEntry.objects.values_list("pk", flat=True)) - done:
        for entry in JournalEntry.objects.filter(pk__in=waiting).order_by("pk"):
            for receiver in receivers_of(entry.event):
                if receiver.queue in {"checks", "route"}:
                    delivery.deliver(receiver, entry, now=now)
        done |= waiting
    assert list(Receipt.objects.exclude(state=Receipt.State.DONE)) == []


def run(order, now, **extra):
    return compliance.run_order_checks(order, now=now, **extra)


def verdicts(order):
    runs = selectors.list_checks(order).order_by("id")
    return list(runs.values_list("kind", "verdict"))


def test_good_order_is_confirmed(scoped, now):
    order = make_order(scoped, now=now)

    runs = run(order, now)

    order.refresh_from_db()
    assert (order.status, order.confirmed_at) == ("confirmed", now)
    assert [(item.kind, item.verdict, item.reasons) for item in runs] == [
        ("address", "pass", []),
        ("declaration", "pass", []),
    ]
    assert [item.rule_version for item in runs] == ["address/2026-11", "declaration/2026-11"]


def test_nothing_personal_is_written_down(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, street="Sonnenallee"))

    run(order, now)

    hold, check = OrderHold.objects.get(), CheckRun.objects.filter(kind="address").get()
    written = f"{check.reasons} {check.inputs_digest} {hold.reason} {hold.fix} {hold.details}"
    assert "Sonnenallee" not in written
    assert "Weber" not in written
    assert check.reasons == [
        {"code": "no_house_number", "field": "street", "severity": "hold", "line": 0}
    ]


def test_missing_house_number_holds_with_cause_and_fix(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, street="Sonnenallee"))

    run(order, now)

    order.refresh_from_db()
    hold = OrderHold.objects.get()
    assert (order.status, order.open_hold_count) == ("pending", 1)
    assert (hold.kind, hold.placed_by) == ("address", "system:compliance")
    assert hold.reason == ("House number missing. Carriers in Germany return parcels without one.")
    assert hold.fix == "Correct the address, or release the hold if it is right."


def test_missing_fields_are_named(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city="", postal_code="1"))

    run(order, now)

    hold = OrderHold.objects.get()
    assert hold.reason == (
        "City missing. Addresses in Germany need it. Postal code does not fit Germany."
    )
    assert hold.fix == "Correct the address."


def test_incomplete_declaration_holds(scoped, now):
    order = make_order(scoped, now=now)
    OrderLine.objects.update(hs_code="", customs_name="gift")

    run(order, now)

    hold = OrderHold.objects.get()
    assert hold.kind == "declaration"
    assert hold.reason == (
        "Line 1: HS code missing. Line 1: the customs description does not say what the item is."
    )
    assert verdicts(order) == [("address", "pass"), ("declaration", "fail")]


def test_hold_reads_in_the_language_of_the_reader(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    run(order, now)
    hold = OrderHold.objects.get()

    with translation.override("zh-hans"):
        told = sentences.explain_hold(hold.kind, hold.details, order.ship_to_country)

    assert "德国" in told.reason
    english = sentences.explain_hold(hold.kind, hold.details, order.ship_to_country)
    assert (english.reason, english.fix) == (hold.reason, hold.fix)


def test_both_checks_may_hold_at_once(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    OrderLine.objects.update(unit_weight_g=0)

    run(order, now)

    order.refresh_from_db()
    assert (order.status, order.open_hold_count) == ("pending", 2)


def test_second_run_leaves_an_unchanged_hold_alone(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    run(order, now)

    run(order, now + timedelta(minutes=1))

    assert OrderHold.objects.count() == 1
    assert len(verdicts(order)) == 4


def test_order_with_another_hold_is_not_confirmed(scoped, actor, now):
    order = make_order(scoped, now=now)
    orders.place_hold(order, kind="risk", reason="Check", actor=actor, now=now)

    run(order, now)

    order.refresh_from_db()
    assert order.status == "pending"
    assert verdicts(order) == [("address", "pass"), ("declaration", "pass")]


def test_ended_order_is_not_checked(scoped, actor, now):
    order = make_order(scoped, now=now)
    orders.cancel_order(order, reason="Buyer asked", actor=actor, now=now)

    assert run(order, now) == []
    assert CheckRun.objects.count() == 0


def test_erased_buyer_fails(scoped, actor, now):
    order = make_order(scoped, now=now)
    erase_buyer(scoped, order.buyer_index, actor=actor, now=now)

    run(order, now)

    assert OrderHold.objects.get().reason == "The buyer’s data was erased."


# --- The newest valid check


def test_valid_check_is_the_newest_that_passed(scoped, now):
    order = make_order(scoped, now=now)
    runs = run(order, now)

    found = selectors.find_valid_check(order, "address", now=now + timedelta(days=30))

    assert found == runs[0]


@pytest.mark.parametrize("kind", ["address", "declaration"])
def test_gate_is_closed_without_a_check_and_when_it_is_old(scoped, now, kind):
    order = make_order(scoped, now=now)
    assert selectors.find_valid_check(order, kind, now=now) is None

    run(order, now)

    later = now + timedelta(days=30, seconds=1)
    assert selectors.find_valid_check(order, kind, now=now) is not None
    assert selectors.find_valid_check(order, kind, now=later) is None


def test_gate_is_closed_by_a_failed_check_and_by_an_older_rule(scoped, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    run(order, now)
    assert selectors.find_valid_check(order, "address", now=now) is None
    assert selectors.find_valid_check(order, "declaration", now=now) is not None

    CheckRun.objects.update(rule_version="declaration/2025-01")

    assert selectors.find_valid_check(order, "declaration", now=now) is None


def test_gate_is_closed_when_the_order_changed_since(scoped, actor, now):
    order = make_order(scoped, now=now)
    run(order, now)

    correct_buyer(order, replace(BUYER, street="Sonnenallee 1"), actor=actor, now=now)
    OrderLine.objects.update(customs_name="Table lamp of rattan")

    order.refresh_from_db()
    assert selectors.find_valid_check(order, "address", now=now) is None
    assert selectors.find_valid_check(order, "declaration", now=now) is None


# --- Through the journal


def test_placed_order_comes_out_ready_to_ship(scoped, now):
    order = make_order(scoped, now=now)

    deliver_news(now)

    order.refresh_from_db()
    assert order.status == "allocated"
    assert Parcel.objects.count() == 1
    assert verdicts(order) == [("address", "pass"), ("declaration", "pass")]


def test_order_goes_all_the_way(scoped, actor, now):
    order = make_order(scoped, now=now)
    deliver_news(now)
    fulfillment.hand_over_orders(scoped, [order.public_id], actor=actor, now=now)
    journey = plan_journey(Parcel.objects.get().tracking_number, "DE", now, seed=1)
    arrived = journey[-1].occurred_at
    fulfillment.record_tracking(scoped, journey, actor=actor, now=arrived)
    deliver_news(now)

    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("delivered", arrived)
    told = JournalEntry.objects.filter(subject_id=order.public_id).order_by("id")
    assert list(told.values_list("event", flat=True)) == [
        "order.placed",
        "order.confirmed",
        "order.allocated",
        "order.shipped",
        "order.delivered",
    ]


def test_entries_delivered_twice_do_nothing_more(scoped, now):
    make_order(scoped, now=now)
    deliver_news(now)
    entries = JournalEntry.objects.count()

    deliver_news(now)

    assert (JournalEntry.objects.count(), CheckRun.objects.count()) == (entries, 2)


def test_no_label_while_a_check_holds(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, street="Sonnenallee"))
    deliver_news(now)

    with pytest.raises(DomainError) as caught:
        fulfillment.create_shipments(order, actor=actor, now=now)

    assert caught.value.code == "orders.wrong_state"
    assert Parcel.objects.count() == 0


def test_person_may_accept_what_needs_a_look(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, street="Sonnenallee"))
    deliver_news(now)

    orders.release_hold(OrderHold.objects.get(), note="Farm", actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    assert order.status == "allocated"
    newest = selectors.list_checks(order).filter(kind="address").first()
    assert newest.verdict == "pass"
    assert newest.reasons[-1] == {"code": "accepted", "by": "user:usr_TEST"}
    assert selectors.find_valid_check(order, "address", now=now) == newest


def test_accepted_address_stays_accepted_at_later_runs(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, street="Sonnenallee"))
    risk = orders.place_hold(order, kind="risk", reason="Check", actor=actor, now=now)
    deliver_news(now)
    orders.release_hold(OrderHold.objects.get(kind="address"), actor=actor, now=now)
    deliver_news(now)

    orders.release_hold(risk, actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    assert order.status == "allocated"


def test_releasing_what_must_be_corrected_holds_again(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    deliver_news(now)

    orders.release_hold(OrderHold.objects.get(), note="Ship it", actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    assert (order.status, order.open_hold_count) == ("pending", 1)
    assert OrderHold.objects.count() == 2


def test_corrected_address_releases_its_hold_and_goes_on(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city=""))
    deliver_news(now)

    correct_buyer(order, BUYER, actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    hold = OrderHold.objects.get()
    assert (order.status, order.open_hold_count) == ("allocated", 0)
    assert (hold.released_by, hold.release_note) == ("system:compliance", "The check passes now")
    assert verdicts(order)[-2:] == [("address", "pass"), ("declaration", "pass")]


def test_half_corrected_address_says_what_is_left(scoped, actor, now):
    order = make_order(scoped, now=now, buyer=replace(BUYER, city="", postal_code=""))
    deliver_news(now)

    correct_buyer(order, replace(BUYER, city=""), actor=actor, now=now)
    deliver_news(now)

    old, new = OrderHold.objects.order_by("id")
    order.refresh_from_db()
    assert (order.status, order.open_hold_count) == ("pending", 1)
    assert old.release_note == "Replaced by a newer check"
    assert new.reason == "City missing. Addresses in Germany need it."


def test_wrong_correction_of_a_labelled_order_holds_it(scoped, actor, now):
    order = make_order(scoped, now=now)
    deliver_news(now)

    correct_buyer(order, replace(BUYER, postal_code="1"), actor=actor, now=now)
    deliver_news(now)
    [outcome] = fulfillment.hand_over_orders(scoped, [order.public_id], actor=actor, now=now)

    assert outcome.error.code == "orders.on_hold"
    assert Order.objects.get().status == "allocated"


def test_completed_product_completes_its_waiting_order(scoped, actor, now):
    order = make_order(scoped, now=now)
    OrderLine.objects.update(hs_code="", customs_name="gift")
    deliver_news(now)
    assert OrderHold.objects.get().kind == "declaration"

    orders.release_hold(OrderHold.objects.get(), actor=actor, now=now)
    deliver_news(now)

    order.refresh_from_db()
    line = OrderLine.objects.get()
    assert order.status == "allocated"
    assert (line.hs_code, line.customs_name) == ("940511", "Pendant lamp of rattan, electric")
    refreshed = JournalEntry.objects.get(event="order.declaration_refreshed")
    assert refreshed.payload == {"number": order.number, "lines": [1]}


def test_cancelled_order_loses_its_label(scoped, actor, now):
    order = make_order(scoped, now=now)
    deliver_news(now)

    orders.cancel_order(order, reason="Buyer asked", actor=actor, now=now)
    deliver_news(now)

    parcel = Parcel.objects.select_related("shipment").get()
    assert (parcel.status, parcel.shipment.status) == ("void", "voided")
    assert parcel.shipment.void_reason == "Order cancelled"


def test_order_cancelled_before_routing_gets_no_shipment(scoped, actor, now):
    order = make_order(scoped, now=now)
    run(order, now)
    orders.cancel_order(order, reason="Buyer asked", actor=actor, now=now)

    deliver_news(now)

    assert Parcel.objects.count() == 0


def test_checks_of_a_good_order_need_few_statements(scoped, now, django_assert_num_queries):
    order = make_order(scoped, now=now)

    # order, lines, runs; lock, change and journal of the order; two savepoints
    with django_assert_num_queries(6 + 4):
        run(order, now)
