"""Starting, stopping and repeating long work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.jobs import events
from apps.jobs.models import Job, JobRow
from apps.jobs.registry import find_kind
from apps.jobs.selectors import find_undo, forget_idle, list_undoable
from apps.journal.actors import Actor
from apps.journal.services import Fact, Json, record_many


def start_job(
    kind: str,
    *,
    title: str,
    parameters: Mapping[str, Json],
    tenant_id: int,
    total: int = 0,
    actor: Actor,
    now: datetime,
) -> Job:
    """Write down long work; a worker picks it up after the commit, within a second or two.

    ``parameters`` is JSON without personal data; ``tenant_id`` the merchant's key or 0 for the
    platform. Raises ``jobs.unknown_kind`` when no app runs this kind.
    """
    if find_kind(kind) is None:
        raise DomainError("jobs.unknown_kind", f"No runner does {kind}.", status=422)
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            title=title[:200],
            parameters=dict(parameters),
            tenant_id=tenant_id,
            total_count=total,
            started_by=str(actor),
        )
        record_about(job, events.JOB_STARTED, actor=actor, now=now)
        forget_idle(tenant_id)
    return job


def undo_job(job: Job, *, actor: Actor, now: datetime) -> Job:
    """Start the job that takes back what an ended job changed, row by row; a job is undone once.

    Raises ``jobs.undo_impossible`` when its kind cannot be taken back or no row changed anything,
    ``jobs.still_runs`` before its end, and ``jobs.undone`` for a second undo (all 409).
    """
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.is_open:
            raise DomainError(
                "jobs.still_runs", _("This job has not ended. Stop it first, then undo it.")
            )
        if find_undo(locked) is not None:
            raise DomainError("jobs.undone", _("This job was already undone."))
        kind, count = find_kind(locked.kind), list_undoable(locked).count()
        if kind is None or not kind.undo_kind or not count:
            raise DomainError(
                "jobs.undo_impossible", _("This job changed nothing that can be undone.")
            )
        undo = Job.objects.create(
            kind=kind.undo_kind,
            title=(_("Undo: %(title)s") % {"title": locked.title})[:200],
            undo_of=locked,
            tenant_id=locked.tenant_id,
            total_count=count,
            started_by=str(actor),
        )
        about: dict[str, Json] = {"undo_of": locked.public_id}
        record_about(undo, events.JOB_STARTED, actor=actor, now=now, facts=about)
        forget_idle(locked.tenant_id)
    return undo


def request_cancel(job: Job, *, actor: Actor, now: datetime) -> Job:
    """Stop a job: at once while it waits, after the row in hand while it runs.

    What is done stays done. A job that has ended raises ``jobs.ended`` (409).
    """
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if not locked.is_open:
            raise DomainError("jobs.ended", _("This job has already ended."))
        locked.is_cancel_requested = True
        if locked.status == Job.Status.WAITING:
            locked.status = Job.Status.CANCELLED
            locked.finished_at = now
        locked.save()
        record_about(locked, events.JOB_CANCEL_REQUESTED, actor=actor, now=now)
    return locked


def run_again(job: Job, *, actor: Actor, now: datetime) -> Job:
    """Run what failed or was not reached; rows that are done are not touched.

    Raises ``jobs.nothing_to_repeat`` (409) for a job that runs or ended without a failure, and
    ``jobs.undone`` (409) for one that was taken back.
    """
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        is_complete = locked.status == Job.Status.DONE and not locked.failed_count
        if locked.is_open or is_complete or find_kind(locked.kind) is None:
            raise DomainError("jobs.nothing_to_repeat", _("There is nothing to run again."))
        if find_undo(locked) is not None:
            raise DomainError("jobs.undone", _("This job was already undone."))
        failed = JobRow.objects.filter(job=locked, is_ok=False)
        numbers = list(failed.order_by("row_number").values_list("row_number", flat=True)[:200])
        repeated, _models = failed.delete()
        locked.status = Job.Status.WAITING
        locked.is_cancel_requested = False
        locked.done_count -= min(repeated, locked.done_count)
        locked.failed_count = 0
        locked.restart_count = 0
        locked.error, locked.lease, locked.finished_at = "", "", None
        locked.save()
        rows: dict[str, Json] = {"rows": repeated, "first_rows": list(numbers)}
        record_about(locked, events.JOB_RUN_AGAIN, actor=actor, now=now, facts=rows)
        forget_idle(locked.tenant_id)
    return locked


def record_about(
    job: Job, event: str, *, actor: Actor, now: datetime, facts: Mapping[str, Json] | None = None
) -> None:
    """Write a fact about a job into its tenant's journal."""
    payload: dict[str, Json] = {
        "kind": job.kind,
        "title": job.title,
        "total": job.total_count,
        "done": job.done_count,
        "failed": job.failed_count,
        **(facts or {}),
    }
    fact = Fact(event, "job", job.public_id, payload)
    record_many([fact], tenant_id=job.tenant_id, actor=actor, now=now)
