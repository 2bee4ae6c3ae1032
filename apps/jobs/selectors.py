"""Reads of jobs and their rows."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from apps.jobs.models import Job, JobRow
from apps.journal.services import TenantLike

OPEN = (Job.Status.WAITING, Job.Status.RUNNING)


def list_jobs(merchant: TenantLike) -> QuerySet[Job]:
    """Return the company's jobs (unordered; page by ``created_at``)."""
    return Job.objects.filter(tenant_id=merchant.pk)


def filter_jobs(jobs: QuerySet[Job], view: str) -> QuerySet[Job]:
    """Return the jobs of a view: ``open``, ``problems`` (failed or with failed rows) or ``done``."""
    if view == "open":
        return jobs.filter(status__in=OPEN)
    if view == "problems":
        return jobs.filter(Q(status=Job.Status.FAILED) | Q(failed_count__gt=0))
    return jobs.filter(status=Job.Status.DONE, failed_count=0)


def get_job(merchant: TenantLike, public_id: str) -> Job:
    """Return a job of the company; raises ``Job.DoesNotExist``."""
    return list_jobs(merchant).get(public_id=public_id)


def list_running(merchant: TenantLike, *, limit: int = 5) -> list[Job]:
    """Return the company's jobs that wait or run, the oldest first."""
    return list(list_jobs(merchant).filter(status__in=OPEN).order_by("created_at", "id")[:limit])


def list_changed(merchant: TenantLike, *, since: datetime, limit: int = 20) -> list[Job]:
    """Return jobs that changed after a moment or are open, for the live stream."""
    changed = list_jobs(merchant).filter(Q(updated_at__gt=since) | Q(status__in=OPEN))
    return list(changed.order_by("updated_at", "id")[:limit])


def list_rows(job: Job, *, only_failed: bool = False) -> QuerySet[JobRow]:
    """Return the outcomes of a job's rows (unordered; page by ``row_number``)."""
    rows = JobRow.objects.filter(job=job)
    return rows.filter(is_ok=False) if only_failed else rows
