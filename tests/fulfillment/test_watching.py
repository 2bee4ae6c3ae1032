"""Arrival of parcels under way, and cases of silence, from history or from stated defaults."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scopes_disabled

from apps.fulfillment import eta
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import ExceptionCase, LegStatistic, Parcel
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.services.learning import learn_legs, read_learned
from apps.fulfillment.services.watching import watch_parcels
from apps.journal.models import JournalEntry
from tests.factories.fulfillment import make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)
    fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    return parcel


def track(parcel, code, moment, actor):
    event = TrackingInput(parcel.tracking_number, code, moment)
    fulfillment.record_tracking(parcel.merchant, [event], actor=actor, now=moment)


def test_a_parcel_handed_over_gets_an_arrival_from_stated_defaults(sent, actor, now):
    assert watch_parcels(actor=actor, now=now) == 1
    assert watch_parcels(actor=actor, now=now) == 0

    sent.refresh_from_db()
    assert now < sent.eta_p50_at < sent.eta_p90_at
    assert sent.promised_p90_at == sent.eta_p90_at
    assert sent.eta_basis["rules"] == eta.VERSION
    assert sent.eta_basis["legs"]["linehaul"] == {"from": "default", "parcels": 0}
    assert sent.watch_at == now + timedelta(days=1)


def test_an_event_changes_the_arrival_and_not_the_promise(sent, actor, now):
    watch_parcels(actor=actor, now=now)
    sent.refresh_from_db()
    promised = sent.promised_p90_at
    later = now + timedelta(hours=30)
    track(sent, "out_for_delivery", later, actor)
    watch_parcels(actor=actor, now=later)

    sent.refresh_from_db()
    assert sent.eta_basis["leg"] == "last_mile"
    assert sent.eta_p90_at < promised == sent.promised_p90_at


def test_silence_opens_a_case_that_the_next_event_ends(sent, actor, now):
    silent = now + timedelta(hours=49)
    watch_parcels(actor=actor, now=silent)

    case = ExceptionCase.objects.get()
    assert (case.kind, case.origin, case.owner, case.since_at) == (
        *("silence", "silence", "carrier", now),
    )
    assert case.reasons["silence_from"] == "default"
    assert case.reasons["silence_s"] == 48 * 3600
    watch_parcels(actor=actor, now=silent + timedelta(days=2))
    assert ExceptionCase.objects.count() == 1

    track(sent, "picked_up", silent + timedelta(days=3), actor)
    case.refresh_from_db()
    assert (case.status, case.resolution) == ("resolved", "moved_on")
    assert JournalEntry.objects.filter(event="exception.resolved").count() == 1


def test_a_parcel_with_another_open_case_is_not_silent(sent, actor, now):
    track(sent, "customs_info_required", now, actor)
    watch_parcels(actor=actor, now=now + timedelta(days=20))

    assert [case.kind for case in ExceptionCase.objects.all()] == ["documents"]


def test_a_parcel_at_the_pick_up_point_is_not_silent_for_a_week(sent, actor, now):
    track(sent, "ready_for_pickup", now, actor)
    watch_parcels(actor=actor, now=now + timedelta(days=7))
    assert not ExceptionCase.objects.exists()

    watch_parcels(actor=actor, now=now + timedelta(days=9))
    assert ExceptionCase.objects.count() == 1


def test_a_parcel_on_its_way_back_has_no_arrival(sent, actor, now):
    watch_parcels(actor=actor, now=now)
    track(sent, "returning", now + timedelta(hours=2), actor)
    watch_parcels(actor=actor, now=now + timedelta(hours=2))

    sent.refresh_from_db()
    assert (sent.eta_p50_at, sent.eta_p90_at) == (None, None)


def test_a_delivered_parcel_is_watched_no_more(sent, actor, now):
    track(sent, "delivered", now, actor)

    sent.refresh_from_db()
    assert sent.watch_at is None
    assert watch_parcels(actor=actor, now=now + timedelta(days=30)) == 0


def _history(merchant, actor, now, *, count):
    steps = [("picked_up", 4), ("export_customs", 10), ("linehaul_departed", 20)]
    steps += [("import_customs", 60), ("in_transit", 70), ("delivered", 100)]
    for number in range(count):
        parcel = make_parcel(merchant, now=now)
        begun = now + timedelta(minutes=number)
        fulfillment.hand_over(parcel.shipment, actor=actor, now=begun)
        for code, hours in steps:
            track(parcel, code, begun + timedelta(hours=hours), actor)


def test_history_answers_from_thirty_parcels_on(scoped, actor, now, django_assert_max_num_queries):
    _history(scoped, actor, now, count=29)
    later = now + timedelta(days=10)
    assert learn_legs(now=later) == 0

    _history(scoped, actor, now, count=1)
    with django_assert_max_num_queries(8):
        assert learn_legs(now=later) == 10  # five legs of the lane, five of the zone

    row = LegStatistic.objects.get(group__startswith="lane:", leg="import")
    assert (row.samples, row.cut_off, row.version) == (30, 0, eta.VERSION)
    assert set(row.lengths) == {10 * 3600}
    fresh = make_parcel(scoped, now=later)
    fulfillment.hand_over(fresh.shipment, actor=actor, now=later)
    watch_parcels(actor=actor, now=later)
    fresh.refresh_from_db()
    assert fresh.eta_basis["legs"]["import"] == {"from": "lane", "parcels": 30}
    assert fresh.eta_p50_at == later + timedelta(hours=100)


def test_learning_again_replaces_what_stood(scoped, actor, now):
    _history(scoped, actor, now, count=30)
    for _time in range(2):
        learn_legs(now=now + timedelta(days=10))

    assert LegStatistic.objects.count() == 10
    assert len(read_learned(now.date()).times) == 2
    assert learn_legs(now=now + timedelta(days=300)) == 0


def test_watching_many_parcels_needs_few_statements(
    scoped, actor, now, django_assert_max_num_queries
):
    for _number in range(10):
        parcel = make_parcel(scoped, now=now)
        fulfillment.hand_over(parcel.shipment, actor=actor, now=now)

    with scopes_disabled(), django_assert_max_num_queries(11):
        assert watch_parcels(actor=actor, now=now) == 10

    assert not Parcel.objects.filter(eta_p90_at=None).exists()
