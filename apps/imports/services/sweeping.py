"""Letting go of what old imports kept: their files, their rows and what undoing needed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.fields.files import FieldFile

from apps.imports import events
from apps.imports.models import ImportChunk, ImportIssue, ImportRun
from apps.imports.rules import KEPT_FOR
from apps.imports.states import ImportStatus
from apps.jobs.models import Job
from apps.journal import services as journal
from apps.journal.actors import Actor

_ENDED = frozenset({ImportStatus.APPLIED, ImportStatus.UNDONE, ImportStatus.REFUSED})
BATCH = 500


def sweep_old(*, actor: Actor, now: datetime) -> int:
    """Delete what imports kept that nobody touched for 30 days; returns their number.

    Their counts and history stay. One that had not ended by then expires. The caller opens the
    scope of all companies; an import whose job waits or runs is left alone.
    """
    working = Job.objects.filter(
        public_id=OuterRef("job_id"), status__in=(Job.Status.WAITING, Job.Status.RUNNING)
    )
    old = ImportRun.objects.filter(swept_at=None, updated_at__lt=now - KEPT_FOR)
    keys = list(old.exclude(Exists(working)).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return sum(_sweep(key, actor=actor, now=now) for key in keys)


def _sweep(key: int, *, actor: Actor, now: datetime) -> bool:
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().select_related("merchant").get(pk=key)
        if locked.swept_at is not None or locked.updated_at >= now - KEPT_FOR:
            return False
        # The files go first: after a kill in between, the next sweep finds the import again.
        for file in (locked.upload_file, locked.rows_file, locked.problems_file):
            _delete(file)
        ImportIssue.objects.filter(run=locked).delete()
        ImportChunk.objects.filter(run=locked).delete()
        locked.upload_file = locked.rows_file = locked.problems_file = ""
        locked.wrong_rows, locked.samples, locked.swept_at = b"", [], now
        if locked.status not in _ENDED:
            locked.status = ImportStatus.EXPIRED
        locked.save()
        payload: dict[str, journal.Json] = {"status": locked.status}
        journal.record(
            events.IMPORT_EXPIRED,
            merchant=locked.merchant,
            subject=locked,
            actor=actor,
            now=now,
            payload=payload,
        )
    return True


def _delete(file: FieldFile) -> None:
    if file:
        file.storage.delete(str(file.name))
