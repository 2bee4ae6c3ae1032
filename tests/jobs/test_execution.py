"""Running jobs: one effect per row, whatever happens to the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from apps.common.errors import DomainError
from apps.jobs import execution, services
from apps.jobs.models import Job, JobRow
from apps.jobs.progress import JobProgress, LeaseLost, RowOutcome
from apps.jobs.registry import job_runner
from apps.journal.models import JournalEntry
from tests.jobs.conftest import EFFECTS


def outcomes(job: Job) -> list[tuple[int, str, bool]]:
    rows = JobRow.objects.filter(job=job).order_by("row_number")
    return list(rows.values_list("row_number", "reference", "is_ok"))


def test_a_started_job_waits_and_is_in_the_journal(make_job):
    job = make_job("a", "b")
    assert job.status == Job.Status.WAITING
    entry = JournalEntry.objects.get(event="job.started")
    assert (entry.subject_id, entry.payload["kind"]) == (job.public_id, "tests.rows")


def test_a_kind_nobody_runs_is_refused(make_job):
    with pytest.raises(DomainError) as refused:
        make_job(kind="tests.nobody")
    assert refused.value.code == "jobs.unknown_kind"


def test_rows_have_their_effect_and_outcome(make_job, now):
    job = make_job("a", "bad b", "c")
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert EFFECTS == ["a", "c"]
    assert outcomes(job) == [(1, "a", True), (2, "bad b", False), (3, "c", True)]
    assert (job.status, job.look) == (Job.Status.DONE, "partial")
    assert (job.total_count, job.done_count, job.failed_count) == (3, 3, 1)
    assert JobRow.objects.get(job=job, row_number=2).message == "bad b cannot be done"


def test_a_finished_job_keeps_its_file(make_job, now):
    job = make_job("a")
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert job.result == {"file_name": "result.csv", "file_bytes": 5}
    with job.result_file.open("rb") as file:
        assert file.read() == b"a,b\r\n"


def test_a_message_that_comes_twice_does_nothing(make_job, now):
    job = make_job("a")
    execution.run_job(job.pk, now=now)
    execution.run_job(job.pk, now=now)
    assert EFFECTS == ["a"]
    assert JournalEntry.objects.filter(event="job.finished").count() == 1


def test_a_running_job_is_left_to_its_worker(make_job, now):
    job = make_job("a")
    Job.objects.filter(pk=job.pk).update(status="running", lease="x", heartbeat_at=now)
    assert execution.list_runnable(now=now + timedelta(seconds=59)) == []
    execution.run_job(job.pk, now=now + timedelta(seconds=59))
    assert EFFECTS == []


def test_a_killed_workers_job_goes_on_after_the_rows_that_are_done(make_job, now):
    job = make_job("a", "b", "c")
    Job.objects.filter(pk=job.pk).update(
        status="running", lease="dead", heartbeat_at=now, total_count=3, done_count=1
    )
    JobRow.objects.create(job=job, row_number=1, reference="a", is_ok=True)
    later = now + timedelta(seconds=60)
    assert execution.list_runnable(now=later) == [job.pk]
    execution.run_job(job.pk, now=later)
    job.refresh_from_db()
    assert EFFECTS == ["b", "c"]
    assert (job.status, job.done_count, job.restart_count) == (Job.Status.DONE, 3, 1)


def test_a_job_that_kills_its_worker_again_and_again_ends(make_job, now):
    job = make_job("a")
    Job.objects.filter(pk=job.pk).update(
        status="running", lease="dead", heartbeat_at=now, restart_count=execution.MAX_RESTARTS
    )
    execution.run_job(job.pk, now=now + timedelta(minutes=2))
    job.refresh_from_db()
    assert (job.status, EFFECTS) == (Job.Status.FAILED, [])


def test_a_worker_that_lost_its_lease_stops_without_a_second_effect(make_job, now):
    job = make_job("a", "b")
    Job.objects.filter(pk=job.pk).update(status="running", lease="mine", heartbeat_at=now)
    job.refresh_from_db()
    progress = JobProgress(job)
    Job.objects.filter(pk=job.pk).update(lease="other")
    with pytest.raises(LeaseLost):
        progress.flush()


def test_a_row_another_worker_finished_is_undone_here(make_job, now):
    job = make_job("a")
    Job.objects.filter(pk=job.pk).update(status="running", lease="mine", heartbeat_at=now)
    job.refresh_from_db()
    progress = JobProgress(job)
    JobRow.objects.create(job=job, row_number=1, reference="a", is_ok=True)
    with progress.row(1, "a"):
        Job.objects.filter(pk=job.pk).update(title="effect of the slow worker")
    job.refresh_from_db()
    assert job.title == "Ship orders"
    assert outcomes(job) == [(1, "a", True)]


def test_a_batch_is_written_once(make_job, now):
    job = make_job("a", "b")
    Job.objects.filter(pk=job.pk).update(status="running", lease="mine", heartbeat_at=now)
    job.refresh_from_db()
    progress = JobProgress(job)
    progress.record([RowOutcome(1, "a"), RowOutcome(2, "b", is_ok=False, code="x", message="no")])
    with pytest.raises(IntegrityError):
        progress.record([RowOutcome(2, "b"), RowOutcome(3, "c")])
    assert outcomes(job) == [(1, "a", True), (2, "b", False)]
    progress.set_total(2)
    job.refresh_from_db()
    assert (job.done_count, job.failed_count) == (2, 1)


def test_a_slice_that_is_over_is_continued_by_another_task(make_job, now):
    job = make_job("a", "b", "c")
    assert execution.run_job(job.pk, now=now, slice_s=0.0) is True
    job.refresh_from_db()
    assert (job.status, job.lease) == (Job.Status.RUNNING, "")
    assert execution.run_job(job.pk, now=now) is False
    assert EFFECTS == ["a", "b", "c"]


def test_an_error_of_the_runner_ends_the_job_and_is_shown(make_job, now):
    def explode(progress: JobProgress) -> None:
        raise ValueError("a column is missing")

    job_runner("tests.explode")(explode)
    job = make_job(kind="tests.explode")
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, job.error) == (Job.Status.FAILED, "ValueError: a column is missing")
    assert JournalEntry.objects.filter(event="job.failed").count() == 1


def test_a_waiting_job_is_cancelled_at_once(make_job, actor, now):
    job = make_job("a")
    services.request_cancel(job, actor=actor, now=now)
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, EFFECTS) == (Job.Status.CANCELLED, [])


def test_a_running_job_stops_after_the_row_in_hand(make_job, actor, now):
    def slow(progress: JobProgress) -> None:
        for number, item in progress.pending(["a", "b", "c"]):
            with progress.row(number, item):
                EFFECTS.append(item)
            services.request_cancel(progress.job, actor=actor, now=now)
            progress.flush()

    job_runner("tests.slow")(slow)
    job = make_job(kind="tests.slow")
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert (job.status, EFFECTS, job.done_count) == (Job.Status.CANCELLED, ["a"], 1)


def test_only_failed_rows_run_again(make_job, actor, now):
    job = make_job("a", "bad b")
    execution.run_job(job.pk, now=now)
    Job.objects.filter(pk=job.pk).update(parameters={"items": ["a", "now good"]})
    services.run_again(job, actor=actor, now=now)
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert EFFECTS == ["a", "now good"]
    assert (job.status, job.done_count, job.failed_count) == (Job.Status.DONE, 2, 0)


@pytest.mark.parametrize("status", ["waiting", "running", "done"])
def test_nothing_else_runs_again(make_job, actor, now, status):
    job = make_job("a")
    Job.objects.filter(pk=job.pk).update(status=status)
    with pytest.raises(DomainError) as refused:
        services.run_again(job, actor=actor, now=now)
    assert refused.value.code == "jobs.nothing_to_repeat"


def test_counting_steps_without_rows(make_job, now):
    def steps(progress: JobProgress) -> None:
        progress.set_total(10)
        progress.advance(4)
        progress.advance(6)
        progress.set_result(orders=10)

    job_runner("tests.steps")(steps)
    job = make_job(kind="tests.steps")
    execution.run_job(job.pk, now=now)
    job.refresh_from_db()
    assert (job.done_count, job.total_count, job.result) == (10, 10, {"orders": 10})


def test_a_runner_works_inside_its_tenants_scope(make_job, merchant, stranger, now):
    from apps.merchants.models import Store
    from tests.factories.merchants import StoreFactory

    StoreFactory(merchant=merchant, name="Own")
    StoreFactory(merchant=stranger, name="Foreign")
    seen: list[str] = []

    def look(progress: JobProgress) -> None:
        seen.extend(Store.objects.values_list("name", flat=True))

    job_runner("tests.look")(look)
    execution.run_job(make_job(kind="tests.look", merchant=merchant).pk, now=now)
    assert seen == ["Own"]
