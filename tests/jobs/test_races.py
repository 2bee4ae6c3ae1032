"""Several workers and one job, on real connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.common.clock import utc_now
from apps.jobs import execution
from apps.jobs.models import Job, JobRow
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
