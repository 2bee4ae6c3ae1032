"""Worker entry points of jobs and deadlines."""

from __future__ import annotations

from celery import shared_task

from apps.common.clock import utc_now
from apps.jobs import deadlines


@shared_task(name="apps.jobs.tasks.sweep_deadlines")
def sweep_deadlines() -> int:
    """Work the deadlines that are due."""
    return deadlines.sweep(now=utc_now())
