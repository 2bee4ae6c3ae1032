"""Taking a job back: only what it changed, once, and from its page."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from apps.common.errors import DomainError
from apps.jobs import execution, selectors, services
from apps.jobs.models import Job, JobRow
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner
from apps.journal.models import JournalEntry
from tests.factories.jobs import JobFactory

TAKEN_BACK: list[str] = []


def run_things(progress: JobProgress) -> None:
    """Change each item but those called ``same``; ``bad`` ones fail."""
    items = [str(item) for item in progress.parameters["items"]]  # type: ignore[union-attr]
    for number, item in progress.pending(items):
        with progress.row(number, item) as effect:
            if item.startswith("bad"):
                raise DomainError("tests.bad", f"{item} cannot be done")
            effect.changed = "" if item.startswith("same") else f"thing-{item}"


def undo_things(progress: JobProgress) -> None:
    """Note what is taken back; what ends in ``moved`` changed since."""
    for number, row in progress.undone_rows():
        with progress.row(number, row.reference):
            if row.changed.endswith("moved"):
                raise DomainError("tests.moved", f"{row.reference} changed since")
            TAKEN_BACK.append(row.changed)


@pytest.fixture(autouse=True)
def _things() -> None:
    TAKEN_BACK.clear()
    permission = "shipments.manage"
    job_runner("tests.things", permission=permission, undo_kind="tests.undo")(run_things)
    job_runner("tests.undo", permission=permission)(undo_things)


@pytest.fixture
def done(make_job, merchant, now) -> Job:
    """An ended job of the company that changed two of four rows."""
    made = make_job("a", "same b", "bad c", "moved", merchant=merchant, kind="tests.things")
    execution.run_job(made.pk, now=now)
    made.refresh_from_db()
    return made


def test_only_what_the_job_changed_is_taken_back(done, actor, now):
    undo = services.undo_job(done, actor=actor, now=now)
    execution.run_job(undo.pk, now=now)
    undo.refresh_from_db()
    assert TAKEN_BACK == ["thing-a"]
    rows = JobRow.objects.filter(job=undo).order_by("row_number")
    assert list(rows.values_list("reference", "is_ok", "code")) == [
        ("a", True, ""),
        ("moved", False, "tests.moved"),
    ]
    assert (undo.title, undo.total_count, undo.failed_count) == ("Undo: Ship orders", 2, 1)
    started = JournalEntry.objects.filter(event="job.started").order_by("-id").first()
    assert started.payload["undo_of"] == done.public_id


def test_what_changed_since_can_be_tried_again_and_the_rest_is_not(done, actor, now):
    undo = services.undo_job(done, actor=actor, now=now)
    execution.run_job(undo.pk, now=now)
    services.run_again(undo, actor=actor, now=now)
    execution.run_job(undo.pk, now=now)
    assert TAKEN_BACK == ["thing-a"]
    assert JobRow.objects.filter(job=undo).count() == 2


def test_a_second_undo_is_refused_also_by_the_database(done, actor, now):
    services.undo_job(done, actor=actor, now=now)
    with pytest.raises(DomainError) as refused:
        services.undo_job(done, actor=actor, now=now)
    assert (refused.value.code, refused.value.status) == ("jobs.undone", 409)
    assert Job.objects.filter(undo_of=done).count() == 1
    with pytest.raises(IntegrityError):
        JobFactory(undo_of=done)


def test_a_job_that_was_undone_does_not_run_again(done, actor, now):
    services.undo_job(done, actor=actor, now=now)
    with pytest.raises(DomainError) as refused:
        services.run_again(done, actor=actor, now=now)
    assert refused.value.code == "jobs.undone"
    done.refresh_from_db()
    assert (done.status, done.failed_count) == (Job.Status.DONE, 1)


def test_a_job_that_runs_is_not_undone(make_job, merchant, actor, now):
    waiting = make_job("a", merchant=merchant, kind="tests.things")
    with pytest.raises(DomainError) as refused:
        services.undo_job(waiting, actor=actor, now=now)
    assert refused.value.code == "jobs.still_runs"


@pytest.mark.parametrize(("kind", "item"), [("tests.rows", "a"), ("tests.things", "same")])
def test_what_cannot_be_undone_says_so(make_job, merchant, actor, now, kind, item):
    job = make_job(item, merchant=merchant, kind=kind)
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    with pytest.raises(DomainError) as refused:
        services.undo_job(job, actor=actor, now=now)
    assert refused.value.code == "jobs.undo_impossible"
    assert not selectors.can_undo(job)
    assert Job.objects.count() == 1


def test_the_page_undoes_once_and_tells_the_way_to_the_undo(open_as, packer, done):
    browser = open_as(packer)
    address = f"/jobs/{done.public_id}/"
    assert f"{address}undo/" in browser.get(address).content.decode()
    answer = browser.post(f"{address}undo/")
    undo = Job.objects.get(undo_of=done)
    assert answer["Location"] == f"/jobs/{undo.public_id}/"
    page = browser.get(address).content.decode()
    assert f"/jobs/{undo.public_id}/" in page
    assert f"{address}undo/" not in page
    assert f"{address}run-again/" not in page
    again = browser.post(f"{address}undo/", follow=True)
    assert "This job was already undone." in again.content.decode()
    assert Job.objects.filter(undo_of=done).count() == 1


def test_a_reader_has_no_button_to_undo(open_as, reader, done):
    browser = open_as(reader)
    assert "undo/" not in browser.get(f"/jobs/{done.public_id}/").content.decode()
    assert browser.post(f"/jobs/{done.public_id}/undo/").status_code == 403
    assert not Job.objects.filter(undo_of=done).exists()
