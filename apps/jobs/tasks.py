"""Worker entry points of jobs and deadlines."""

from __future__ import annotations

from celery import shared_task

from apps.common.clock import utc_now
from apps.jobs import deadlines, execution

QUEUE = "imports"
# A message that waits longer is dropped: the sweep sends a new one.
EXPIRES_S = 30


@shared_task(name="apps.jobs.tasks.sweep_deadlines")
def sweep_deadlines() -> int:
    """Work the deadlines that are due."""
    return deadlines.sweep(now=utc_now())


@shared_task(name="jobs.run")
def run(job_id: int) -> None:
    """Run one job, or go on with it; a message that comes twice finds the job taken."""
    if execution.run_job(job_id, now=utc_now()):
        send(job_id)


@shared_task(name="jobs.sweep")
def sweep() -> int:
    """Send every job that waits or lost its worker to the workers; returns their number."""
    found = execution.list_runnable(now=utc_now())
    for job_id in found:
        send(job_id)
    return len(found)


def send(job_id: int) -> None:
    """Ask the workers to run a job."""
    run.apply_async((job_id,), queue=QUEUE, expires=EXPIRES_S)
