"""Several workers and one job, on real connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.jobs import execution, services
from apps.jobs.models import Job, JobRow
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner
from tests.jobs.conftest import EFFECTS

WORKERS = 8


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_one_of_many_workers_runs_the_job(make_job):
    if connection.vendor != "mysql":
        pytest.skip("needs MariaDB or MySQL: SQLite has one writer")
    job = make_job(*[f"row {number}" for number in range(20)])

    def work(_number: int) -> bool:
        try:
            return execution.run_job(job.pk, now=utc_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    job.refresh_from_db()
    assert (job.status, job.done_count) == (Job.Status.DONE, 20)
    assert sorted(EFFECTS) == sorted(f"row {number}" for number in range(20))
    assert JobRow.objects.filter(job=job).count() == 20


def change_rows(progress: JobProgress) -> None:
    """Change every item."""
    items = [str(item) for item in progress.parameters["items"]]  # type: ignore[union-attr]
    for number, item in progress.pending(items):
        with progress.row(number, item) as effect:
            effect.changed = item


def take_back(progress: JobProgress) -> None:
    """Note each row that is taken back."""
    for number, row in progress.undone_rows():
        with progress.row(number, row.reference):
            EFFECTS.append(row.changed)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_one_of_many_people_takes_a_job_back(make_job, merchant, actor):
    if connection.vendor != "mysql":
        pytest.skip("needs MariaDB or MySQL: SQLite has one writer")
    job_runner("tests.change", undo_kind="tests.back")(change_rows)
    job_runner("tests.back")(take_back)
    job = make_job("a", "b", "c", merchant=merchant, kind="tests.change")
    execution.run_job(job.pk, now=utc_now())

    def take(_number: int) -> str:
        try:
            undo = services.undo_job(job, actor=actor, now=utc_now())
            execution.run_job(undo.pk, now=utc_now())
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = sorted(pool.map(take, range(WORKERS)))
    assert answers == ["done"] + ["jobs.undone"] * (WORKERS - 1)
    assert sorted(EFFECTS) == ["a", "b", "c"]
    assert Job.objects.filter(undo_of=job).count() == 1
