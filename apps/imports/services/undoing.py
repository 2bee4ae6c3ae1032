"""Undoing an import: what nobody changed since is put back, the rest is listed with why."""

from __future__ import annotations

import zlib

import orjson
from django.db import transaction
from django.db.models import F

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.imports import events
from apps.imports.models import ImportChunk, ImportIssue, ImportRun
from apps.imports.planning import Planner, Undone, planner_of
from apps.imports.states import ImportStatus
from apps.jobs.progress import JobProgress
from apps.journal import services as journal


def undo_rows(run: ImportRun, progress: JobProgress) -> None:
    """Undo the chunks of an import from the last to the first, each in one transaction, once."""
    planner = planner_of(run.kind, run.merchant)
    chunks = ImportChunk.objects.filter(run=run).order_by("-first_row")
    progress.set_total(run.applied_rows)
    done = 0
    for key, count, undone_at in list(chunks.values_list("pk", "row_count", "undone_at")):
        if undone_at is None:
            _undo(run, planner, key, progress)
        done += count
        progress.advance(max(0, done - progress.done_count))
    _finish(run, progress)


def _undo(run: ImportRun, planner: Planner, key: int, progress: JobProgress) -> None:
    try:
        _undo_once(run, planner, key, progress)
    except DomainError as error:
        # A rule forbids it by now, as a whole: nothing of this chunk is touched.
        undone = Undone()
        with transaction.atomic():
            chunk = ImportChunk.objects.select_for_update().get(pk=key)
            undone.refuse(chunk.first_row + 2, "refused", message=error.message)
            _keep(run, chunk, undone, progress)


@retry_transaction
def _undo_once(run: ImportRun, planner: Planner, key: int, progress: JobProgress) -> None:
    with transaction.atomic():
        chunk = ImportChunk.objects.select_for_update().get(pk=key)
        if chunk.undone_at is not None:
            return
        undone = planner.undo(
            orjson.loads(zlib.decompress(bytes(chunk.undo))),
            made_at=chunk.applied_at,
            reference=run.public_id,
            actor=progress.actor,
            now=progress.now,
        )
        _keep(run, chunk, undone, progress)


def _keep(run: ImportRun, chunk: ImportChunk, undone: Undone, progress: JobProgress) -> None:
    ImportChunk.objects.filter(pk=chunk.pk).update(undone_at=progress.now)
    ImportIssue.objects.bulk_create(
        ImportIssue(run=run, phase="undo", row_number=row, code=code, facts=facts)
        for row, code, facts in undone.problems
    )
    ImportRun.objects.filter(pk=run.pk).update(
        restored_count=F("restored_count") + undone.restored,
        not_restored_count=F("not_restored_count") + len(undone.problems),
    )


def _finish(run: ImportRun, progress: JobProgress) -> None:
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.status != ImportStatus.UNDOING:
            return
        locked.status = ImportStatus.UNDONE
        locked.save(update_fields=["status", "updated_at"])
        journal.record(
            events.IMPORT_UNDONE,
            merchant=locked.merchant,
            subject=locked,
            actor=progress.actor,
            now=progress.now,
            payload={"restored": locked.restored_count, "kept": locked.not_restored_count},
        )
    progress.set_result(restored=locked.restored_count, kept=locked.not_restored_count)
