"""Reads of jobs and their rows."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.jobs.models import Job, JobRow
from apps.jobs.registry import find_kind
from apps.journal.services import TenantLike

_IDLE_S = 10
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
    """Return the company's jobs that wait or run, the newest first.

    That nothing runs is remembered for ten seconds, or until a job starts: most pages of most
    companies ask in vain.
    """
    if cache.get(_idle(merchant.pk)):
        return []
    found = list(list_jobs(merchant).filter(status__in=OPEN).order_by("-created_at", "-id")[:limit])
    if not found:
        cache.set(_idle(merchant.pk), 1, _IDLE_S)
    return found


def forget_idle(tenant_id: int) -> None:
    """Note that something may run now: at once, and when the transaction is visible to others."""
    cache.delete(_idle(tenant_id))
    transaction.on_commit(lambda: cache.delete(_idle(tenant_id)))


def _idle(tenant_id: int) -> str:
    return f"jobs.idle.{tenant_id}"


def can_undo(job: Job) -> bool:
    """Whether an ended job that nobody took back yet changed something that can be taken back.

    One statement, none for kinds that cannot.
    """
    kind = find_kind(job.kind)
    if job.is_open or kind is None or not kind.undo_kind:
        return False
    return list_undoable(job).exists()


def find_undo(job: Job) -> Job | None:
    """Return the job that takes this one back, if somebody started one."""
    return Job.objects.filter(undo_of=job).first()


def list_undoable(job: Job) -> QuerySet[JobRow]:
    """Return the rows of a job that changed something an undo can take back (unordered)."""
    return JobRow.objects.filter(job=job).exclude(changed="")


def list_changed(merchant: TenantLike, *, since: datetime, limit: int = 20) -> list[Job]:
    """Return jobs that changed after a moment or are open, for the live stream."""
    changed = list_jobs(merchant).filter(Q(updated_at__gt=since) | Q(status__in=OPEN))
    return list(changed.order_by("updated_at", "id")[:limit])


def list_rows(job: Job, *, only_failed: bool = False) -> QuerySet[JobRow]:
    """Return the outcomes of a job's rows (unordered; page by ``row_number``)."""
    rows = JobRow.objects.filter(job=job)
    return rows.filter(is_ok=False) if only_failed else rows
