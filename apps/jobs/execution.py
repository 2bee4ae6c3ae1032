"""Running a job in a worker: claimed with a lease, resumed after a kill, ended once."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.jobs import events, services
from apps.jobs.models import Job
from apps.jobs.progress import SLICE_S, JobCancelled, JobPaused, JobProgress, LeaseLost
from apps.jobs.registry import Runner, find_kind
from apps.journal.actors import system_actor
from apps.journal.delivery import tenant_scope

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MAX_RESTARTS = 5
_ACTOR = system_actor("jobs")


def list_runnable(*, now: datetime, limit: int = 50) -> list[int]:
    """Return keys of jobs that wait, were paused, or whose worker fell silent."""
    silent = Q(lease="") | Q(heartbeat_at__lte=now - LEASE)
    runnable = Job.objects.filter(
        Q(status=Job.Status.WAITING) | (Q(status=Job.Status.RUNNING) & silent)
    )
    return list(runnable.order_by("id").values_list("pk", flat=True)[:limit])


def run_job(job_id: int, *, now: datetime, slice_s: float = SLICE_S) -> bool:
    """Run a job if nobody else does; returns whether it must go on in another task."""
    job = _claim(job_id, now=now)
    if job is None:
        return False
    try:
        with tenant_scope(job.tenant_id):
            progress = JobProgress(job, slice_s=slice_s)
            _runner_of(job)(progress)
            progress.flush()
    except JobPaused:
        return _release(job)
    except JobCancelled:
        _end(job, Job.Status.CANCELLED)
    except LeaseLost:
        logger.warning("job.lease_lost %s", job.public_id)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the sweep starts the job again when its lease has run out
    except DomainError as error:
        _end(job, Job.Status.FAILED, error=error.message)
    except Exception as error:  # the task's edge
        logger.exception("job.failed %s", job.public_id)
        _end(job, Job.Status.FAILED, error=f"{type(error).__name__}: {error}")
    else:
        _end(job, Job.Status.DONE)
    return False


def _runner_of(job: Job) -> Runner:
    kind = find_kind(job.kind)
    if kind is None:
        raise DomainError("jobs.unknown_kind", f"No runner does {job.kind}.")
    if job.restart_count > MAX_RESTARTS:
        raise DomainError("jobs.worker_lost", "The worker was lost too often on this job.")
    return kind.runner


def _claim(job_id: int, *, now: datetime) -> Job | None:
    """Take the job with one guarded update per way it can be free; the first worker wins."""
    mark = secrets.token_hex(16)
    own = Job.objects.filter(pk=job_id)
    fresh = {"lease": mark, "heartbeat_at": now, "updated_at": now}
    waiting = own.filter(status=Job.Status.WAITING)
    running = own.filter(status=Job.Status.RUNNING)
    taken = (
        waiting.update(status=Job.Status.RUNNING, started_at=now, **fresh)
        or running.filter(lease="").update(**fresh)
        or running.filter(heartbeat_at__lte=now - LEASE).update(
            restart_count=F("restart_count") + 1, **fresh
        )
    )
    return own.get() if taken else None


def _release(job: Job) -> bool:
    own = Job.objects.filter(pk=job.pk, lease=job.lease, status=Job.Status.RUNNING)
    return bool(own.update(lease="", updated_at=utc_now()))


def _end(job: Job, status: Job.Status, *, error: str = "") -> None:
    names = {
        Job.Status.DONE: events.JOB_FINISHED,
        Job.Status.FAILED: events.JOB_FAILED,
        Job.Status.CANCELLED: events.JOB_CANCELLED,
    }
    now = utc_now()
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, lease=job.lease).first()
        if locked is None or locked.status != Job.Status.RUNNING:
            return
        locked.status, locked.error = status, error
        locked.finished_at, locked.lease = now, ""
        locked.save(update_fields=["status", "error", "finished_at", "lease", "updated_at"])
        services.record_about(locked, names[status], actor=_ACTOR, now=now)
