"""G10: no label is bought twice and no carrier call is lost, whatever goes wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
import zxingcpp
from django.db import connection
from django_scopes import scopes_disabled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.carriers import events, rules, services
from apps.carriers.models import Booking, CarrierCall
from apps.carriers.services import working
from apps.carriers.states import BookingStatus, CallOutcome
from apps.common.clock import clock_at, utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.sandbox.carrier.faults import KINDS
from tests.carriers.carrier import connect, drive, fresh, running_carrier, want
from tests.factories.merchants import MerchantFactory

pytestmark = pytest.mark.django_db
S = BookingStatus


def alive(carrier, reference: str) -> list[str]:
    """Return the ids of the bookings that the carrier has of a reference and that are not void."""
    return [item.id for item in carrier.book.of(reference) if item.status != "void"]


def told(booking: Booking) -> list[str]:
    """Return the events of a booking, in their order."""
    entries = JournalEntry.objects.filter(subject_id=booking.public_id).order_by("id")
    return list(entries.values_list("event", flat=True))


def test_a_wish_becomes_a_booking_with_its_label(account, carrier, actor, merchant):
    booking = want(account, "ref-1", actor, boxes=2)
    assert booking.status == S.WANTED
    assert carrier[0].book.entries == {}

    drive(merchant)

    booking = fresh(booking)
    assert (booking.status, booking.next_at) == (S.BOOKED, None)
    assert len(booking.tracking_numbers) == 2
    assert (booking.amount_minor, booking.currency) == (12400, "CNY")
    assert alive(carrier[0], "ref-1") == [booking.carrier_id]
    assert told(booking) == [events.BOOKING_WANTED, events.BOOKING_BOOKED]
    assert services.read_label(booking).startswith(b"%PDF-")
    calls = CarrierCall.objects.filter(booking=booking).order_by("id")
    assert [(call.operation, call.outcome) for call in calls] == [("book", "ok"), ("label", "ok")]


def test_the_carriers_own_label_scans():
    import pypdfium2

    from apps.sandbox.carrier.papers import draw_label

    page = pypdfium2.PdfDocument(draw_label(["SM100000012CN"], "Erika"))[0]
    found = zxingcpp.read_barcodes(page.render(scale=4).to_pil())
    assert [code.text for code in found] == ["SM100000012CN"]


def test_the_same_reference_is_one_booking(account, carrier, actor, merchant):
    first, second = want(account, "ref-1", actor), want(account, "ref-1", actor)
    drive(merchant)

    assert first.pk == second.pk
    assert len(carrier[0].book.entries) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [1, 4])
def test_whatever_goes_wrong_one_booking_is_alive(
    forgetful_account, forgetful, actor, merchant, kind, times
):
    forgetful[0].faults.slow_s = 0
    forgetful[0].faults.plan("book", kind, times)
    booking = want(forgetful_account, "ref-1", actor)

    drive(merchant)

    booking = fresh(booking)
    assert booking.status == S.BOOKED
    if kind == "twice":  # the answer came, so nothing tells that there are two
        assert booking.carrier_id in alive(forgetful[0], "ref-1")
    else:
        assert alive(forgetful[0], "ref-1") == [booking.carrier_id]
    assert told(booking).count(events.BOOKING_BOOKED) == 1


def test_a_double_behind_a_lost_answer_is_voided(forgetful_account, forgetful, actor, merchant):
    forgetful[0].faults.plan("book", "lost", 1)
    booking = want(forgetful_account, "ref-1", actor)
    services.work(booking.pk)
    # The carrier's own machine repeated the lost call.
    known = forgetful[0].book.of("ref-1")[0]
    forgetful[0].book.add("ref-1", known.service, [640], known.recipient)

    drive(merchant)

    assert len(forgetful[0].book.of("ref-1")) == 2
    assert alive(forgetful[0], "ref-1") == [fresh(booking).carrier_id]


def test_a_double_that_shows_up_late_is_voided(forgetful_account, forgetful, actor, merchant):
    forgetful[0].faults.plan("book", "lost", 1)
    booking = want(forgetful_account, "ref-1", actor)
    for _step in ("book", "find", "label"):
        services.work(booking.pk)
    booking = fresh(booking)
    assert (booking.status, booking.next_at) == (S.BOOKED, booking.unsure_since + rules.LOOK_LATE)
    forgetful[0].book.add("ref-1", "standard", [640], "late")

    drive(merchant)

    assert alive(forgetful[0], "ref-1") == [booking.carrier_id]
    assert fresh(booking).unsure_since is None


def test_a_lost_answer_is_looked_up_and_never_asked_again(
    forgetful_account, forgetful, actor, merchant
):
    forgetful[0].faults.plan("book", "lost", 1)
    booking = want(forgetful_account, "ref-1", actor)
    assert services.work(booking.pk) == S.UNSURE
    assert services.work(booking.pk) == S.BOOKED

    asked = CarrierCall.objects.filter(booking=booking).order_by("id")
    assert [(call.operation, call.outcome) for call in asked] == [
        ("book", CallOutcome.LOST),
        ("find", CallOutcome.OK),
    ]


def test_nothing_found_is_asked_again_only_after_the_grace(account, carrier, actor):
    carrier[0].faults.plan("book", "error", 1)
    booking = want(account, "ref-1", actor)
    began = utc_now()
    assert services.work(booking.pk) == S.UNSURE
    assert services.work(booking.pk) == S.UNSURE
    waits = fresh(booking)
    assert waits.next_at > began

    with clock_at(began + working.GRACE + timedelta(seconds=5)):
        assert services.work(booking.pk) == S.WANTED
        assert services.work(booking.pk) == S.BOOKED


class Died(BaseException):
    """What a worker feels when it is killed: nothing after it runs."""


def test_a_worker_that_dies_after_the_call_buys_nothing_twice(
    forgetful_account, forgetful, actor, merchant, monkeypatch
):
    booking = want(forgetful_account, "ref-1", actor)

    def die(*_args):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(working, "_finish", die)
        with pytest.raises(Died):
            services.work(booking.pk)
    assert len(alive(forgetful[0], "ref-1")) == 1
    assert fresh(booking).status == S.SENDING
    assert services.work(booking.pk) == ""  # the lease still runs

    drive(merchant)

    assert fresh(booking).status == S.BOOKED
    assert alive(forgetful[0], "ref-1") == [fresh(booking).carrier_id]


def test_a_worker_that_dies_before_the_call_loses_nothing(
    forgetful_account, forgetful, actor, merchant, monkeypatch
):
    booking = want(forgetful_account, "ref-1", actor)

    def die(*_args, **_more):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(working, "call", die)
        with pytest.raises(Died):
            services.work(booking.pk)
    assert forgetful[0].book.entries == {}

    drive(merchant)

    assert fresh(booking).status == S.BOOKED
    assert len(forgetful[0].book.entries) == 1


def test_a_worker_that_comes_back_after_its_lease_writes_nothing(account, actor, monkeypatch):
    booking = want(account, "ref-1", actor)
    claimed = working._claim(booking.pk, utc_now())
    late = utc_now() + working.LEASE + timedelta(seconds=1)
    with clock_at(late):
        assert services.work(booking.pk) == S.UNSURE

    assert working._finish(claimed, working.Step(S.WANTED), late) is None
    assert fresh(booking).status == S.UNSURE


def test_a_refusal_ends_until_somebody_asks_again(account, carrier, actor, merchant):
    booking = want(account, "ref-1", actor, subject="no-street")
    drive(merchant)
    refused = fresh(booking)
    assert (refused.status, refused.detail) == (S.REFUSED, "The recipient has no street")
    assert carrier[0].book.entries == {}

    Booking.objects.filter(pk=booking.pk).update(subject="shp_1")
    services.reopen(booking, actor=actor, now=utc_now())
    drive(merchant)
    assert fresh(booking).status == S.BOOKED
    with pytest.raises(DomainError) as caught:
        services.reopen(booking, actor=actor, now=utc_now())
    assert (caught.value.code, caught.value.status) == ("carriers.not_refused", 409)


def test_released_before_it_was_sent_the_carrier_never_hears_of_it(
    account, carrier, actor, merchant
):
    booking = want(account, "ref-1", actor)
    services.release(booking, actor=actor, now=utc_now())
    services.release(booking, actor=actor, now=utc_now())
    drive(merchant)

    assert fresh(booking).status == S.VOIDED
    assert carrier[0].book.entries == {}
    assert told(booking) == [events.BOOKING_WANTED, events.BOOKING_VOIDED]


@pytest.mark.parametrize("fault", ["", "lost", "busy", "error", "garbage"])
def test_released_after_it_was_booked_it_is_voided(account, carrier, actor, merchant, fault):
    booking = want(account, "ref-1", actor)
    drive(merchant)
    if fault:
        carrier[0].faults.plan("void", fault, 2)
    services.release(fresh(booking), actor=actor, now=utc_now())
    drive(merchant)

    assert fresh(booking).status == S.VOIDED
    assert alive(carrier[0], "ref-1") == []


@pytest.mark.parametrize("fault", ["lost", "error", "busy"])
def test_released_while_nobody_knows_it_ends_void_at_the_carrier(
    forgetful_account, forgetful, actor, merchant, fault
):
    forgetful[0].faults.plan("book", fault, 1)
    booking = want(forgetful_account, "ref-1", actor)
    services.work(booking.pk)
    services.release(fresh(booking), actor=actor, now=utc_now())
    drive(merchant)

    assert fresh(booking).status == S.VOIDED
    assert alive(forgetful[0], "ref-1") == []


@pytest.mark.parametrize("is_refused_then", [False, True])
def test_released_and_shown_late_by_the_carrier_it_is_voided(
    account, carrier, actor, merchant, is_refused_then
):
    carrier[0].faults.plan("book", "error", 1)
    booking = want(account, "ref-1", actor)
    assert services.work(booking.pk) == S.UNSURE
    began = utc_now()
    if is_refused_then:  # by then the order is wrong in the carrier's eyes
        Booking.objects.filter(pk=booking.pk).update(subject="no-street")
        with clock_at(began + working.GRACE + timedelta(seconds=5)):
            assert services.work(booking.pk) == S.WANTED
            assert services.work(booking.pk) == S.REFUSED
    services.release(fresh(booking), actor=actor, now=utc_now())
    with clock_at(began + timedelta(minutes=4)):
        services.work(booking.pk)
    assert fresh(booking).status == S.UNSURE
    carrier[0].book.add("ref-1", "standard", [640], "late")

    drive(merchant)

    assert fresh(booking).status == S.VOIDED
    assert [item.status for item in carrier[0].book.of("ref-1")] == ["void"]


def test_what_the_carrier_will_not_void_stays_and_is_shown(account, carrier, actor, merchant):
    booking = want(account, "ref-1", actor)
    drive(merchant)
    del carrier[0].book.entries[fresh(booking).carrier_id]
    services.release(fresh(booking), actor=actor, now=utc_now())
    drive(merchant)

    stuck = fresh(booking)
    assert (stuck.status, stuck.detail) == (S.BOOKED, "This booking does not exist")
    assert told(booking)[-1] == events.BOOKING_VOID_REFUSED


def test_an_answer_about_another_booking_is_not_believed(account, carrier, actor, monkeypatch):
    booking = want(account, "ref-1", actor, boxes=2)
    monkeypatch.setattr("apps.sandbox.carrier.server._weights", lambda _message: [640])
    assert services.work(booking.pk) == S.UNSURE
    assert fresh(booking).detail == "The answer has another number of parcels"


def test_statements_of_one_booking(account, actor, django_assert_num_queries):
    booking = want(account, "ref-1", actor)
    # The claim 3, before the call 3, after it 3, the result 3, and a savepoint around each.
    with django_assert_num_queries(20):
        services.work(booking.pk)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    book=st.lists(st.sampled_from([k for k in KINDS if k not in {"twice", "slow"}]), max_size=5),
    find=st.lists(st.sampled_from(["error", "busy", "lost", "garbage"]), max_size=3),
    void=st.lists(st.sampled_from(["error", "busy", "lost", "garbage"]), max_size=3),
    release_after=st.integers(-1, 4),
)
def test_any_history_of_faults_ends_with_what_was_wanted(
    db, settings, book, find, void, release_after
):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    actor = Actor("system", "test")
    with running_carrier(is_forgetful=True) as (carrier, url), scopes_disabled():
        merchant = MerchantFactory()
        account = connect(merchant, url, actor)
        for operation, faults in (("book", book), ("find", find), ("void", void)):
            for fault in faults:
                carrier.faults.plan(operation, fault, 1)
        booking = want(account, "ref-1", actor)
        for _step in range(max(release_after, 0)):
            services.work(booking.pk)
        if release_after >= 0:
            services.release(fresh(booking), actor=actor, now=utc_now())
        drive(merchant, steps=200)

        ended = fresh(booking)
        wanted = [ended.carrier_id] if release_after < 0 else []
        assert ended.status == (S.BOOKED if wanted else S.VOIDED)
        assert alive(carrier, "ref-1") == wanted


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_book_once(forgetful_account, forgetful, actor):
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")
    from tests.orders.test_races import at_once

    booking = want(forgetful_account, "ref-1", actor)

    def work(_place):
        with scopes_disabled():
            return services.work(booking.pk)

    outcomes = at_once(work, list(range(16)), 16)

    # One books; one that came after it may have fetched the label already.
    assert len(forgetful[0].book.entries) == 1
    assert outcomes.count("") >= 14
    assert fresh(booking).status == S.BOOKED
