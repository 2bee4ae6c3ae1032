"""Unknown carrier codes: kept in the inbox, decided once, folded again by a job."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CarrierCode, CodeMapping, Shipment, TrackingEvent
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.services.codes import list_stray_codes
from apps.jobs.execution import run_job
from apps.jobs.models import Job, JobRow
from apps.journal.models import JournalEntry
from tests.factories.fulfillment import make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(scoped, now):
    return make_parcel(scoped, now=now)


def track(parcel, code, moment, actor, *, source="easypost"):
    given = TrackingInput(parcel.tracking_number, code, moment, source=source)
    return fulfillment.record_tracking(parcel.merchant, [given], actor=actor, now=moment)


def decide(actor, now, **changes):
    given = {"status": "picked_up", "note": "Carrier's manual, page 4", **changes}
    return fulfillment.map_unknown_code(CarrierCode.objects.get(), **given, actor=actor, now=now)


def test_an_unknown_code_enters_the_inbox_once(parcel, actor, now):
    for hours in (0, 1, 30):
        track(parcel, "WARP", now + timedelta(hours=hours), actor)

    code = CarrierCode.objects.get()
    assert (code.source, code.code, code.status) == ("easypost", "WARP", "")
    assert (code.first_seen_at, code.last_seen_at) == (now, now + timedelta(hours=30))


def test_codes_of_the_packaged_table_do_not_enter_it(parcel, actor, now):
    track(parcel, "delivered", now, actor, source="api")
    track(parcel, "unknown", now, actor, source="api")

    assert not CarrierCode.objects.exists()


def test_a_decision_folds_every_parcel_of_the_code_again(parcel, stranger, scoped, actor, now):
    track(parcel, "WARP", now, actor)
    with scope(merchant=stranger):
        foreign = make_parcel(stranger, now=now)
        track(foreign, "WARP", now, actor)

    decide(actor, now)
    job = Job.objects.get()
    run_job(job.pk, now=now)

    job.refresh_from_db()
    assert (job.status, job.done_count, job.failed_count, job.tenant_id) == ("done", 2, 0, 0)
    parcel.refresh_from_db()
    assert parcel.tracking_status == "picked_up"
    assert Shipment.objects.get().status == "in_transit"
    assert TrackingEvent.objects.get().status == "picked_up"
    entry = JournalEntry.objects.get(event="tracking.refolded", tenant_id=scoped.pk)
    assert (entry.subject_id, entry.payload["version"]) == (parcel.public_id, 1)
    with scope(merchant=stranger):
        foreign.refresh_from_db()
        assert foreign.tracking_status == "picked_up"


def test_a_job_that_runs_again_changes_nothing_more(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    decide(actor, now)
    run_job(Job.objects.get().pk, now=now)
    entries = JournalEntry.objects.filter(event="tracking.refolded").count()

    job = fulfillment.start_refold(CarrierCode.objects.get(), actor=actor, now=now)
    run_job(job.pk, now=now)

    assert JobRow.objects.filter(job=job, is_ok=True).count() == 1
    assert JournalEntry.objects.filter(event="tracking.refolded").count() == entries


def test_new_events_of_a_decided_code_are_understood_at_once(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    decide(actor, now, status="delivery_attempt_failed", reason="refused")

    [outcome] = track(parcel, "WARP", now + timedelta(hours=2), actor)

    assert outcome.status == "delivery_attempt_failed"
    assert TrackingEvent.objects.order_by("-id")[0].reason == "refused"


def test_a_later_decision_counts_and_the_first_stays(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    decide(actor, now)
    run_job(Job.objects.latest("pk").pk, now=now)
    decide(actor, now + timedelta(days=1), status="delivered")
    run_job(Job.objects.latest("pk").pk, now=now)

    parcel.refresh_from_db()
    assert parcel.tracking_status == "delivered"
    kept = CodeMapping.objects.order_by("version").values_list("version", "status", "decided_by")
    assert list(kept) == [(1, "picked_up", str(actor)), (2, "delivered", str(actor))]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "unknown"}, "status"),
        ({"status": "x"}, "status"),
        ({"note": " "}, "note"),
        ({"reason": "bad"}, "reason"),
    ],
)
def test_a_decision_without_sense_is_refused(parcel, actor, now, changes, field):
    track(parcel, "WARP", now, actor)

    with pytest.raises(DomainError) as caught:
        decide(actor, now, **changes)

    assert (caught.value.status, list(caught.value.fields)) == (422, [field])
    assert not CodeMapping.objects.exists()
    assert not Job.objects.exists()


def test_the_same_decision_twice_is_refused(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    decide(actor, now)

    with pytest.raises(DomainError, match="means this already"):
        decide(actor, now)


def test_a_decision_is_never_edited(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    mapping = decide(actor, now)

    for attempt in (mapping.save, mapping.delete, CodeMapping.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        CodeMapping.objects.update(status="lost")


def test_an_event_that_missed_the_decision_is_found(parcel, actor, now):
    track(parcel, "WARP", now, actor)
    decide(actor, now)

    assert [code.code for code in list_stray_codes()] == ["WARP"]
    run_job(Job.objects.get().pk, now=now)
    assert list_stray_codes() == []
