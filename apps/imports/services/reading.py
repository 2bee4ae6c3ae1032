"""Reading a large sheet in a job: its rows are staged, and checked if it is known what they mean."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from django.db import transaction

from apps.common.errors import DomainError
from apps.imports import events
from apps.imports.models import ImportRun
from apps.imports.reading import SheetError, stage
from apps.imports.selectors import open_upload
from apps.imports.services.steps import MARKS, begin_check, choose_columns
from apps.imports.services.uploads import keep_rows
from apps.imports.states import ImportStatus
from apps.jobs.progress import JobPaused, JobProgress
from apps.journal import services as journal

_PARTS = 100


def read_rows(run: ImportRun, progress: JobProgress) -> None:
    """Read the sheet as it came into rows; nothing is kept before all of it could be read.

    A worker that was killed is followed by one that reads from the start. A sheet that cannot be
    read becomes ``refused``, with the code of why. When the job knows what the columns mean, the
    check is started at once; if they do not fit, the sheet waits to be matched and tells why.
    """
    if run.status != ImportStatus.READING:
        return
    progress.set_total(_PARTS)

    def watch(part: int) -> None:
        # The slice of time may end in the middle: reading has no place to go on from, and is far
        # shorter than a task may be.
        with suppress(JobPaused):
            progress.advance(max(0, min(part, _PARTS - 1) - progress.done_count))

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows"
        try:
            with open_upload(run) as file:
                staged = stage(file, run.upload_file.size, target, watch=watch)
        except SheetError as error:
            _refuse(run, error, progress)
        else:
            with target.open("rb") as rows, transaction.atomic():
                locked = _lock(run, progress)
                if locked is not None:
                    keep_rows(locked, staged, rows)
                    _record(locked, events.IMPORT_READ, {"rows": locked.row_count}, progress)
                    _match(locked, progress)
    _forget_upload(run)
    progress.advance(max(0, _PARTS - progress.done_count))
    progress.set_result(rows=run.row_count)


def _lock(run: ImportRun, progress: JobProgress) -> ImportRun | None:
    """Return the import, locked, if this job is still the one that reads it."""
    locked: ImportRun = ImportRun.objects.select_for_update().get(pk=run.pk)
    is_ours = locked.job_id == progress.job.public_id
    return locked if is_ours and locked.status == ImportStatus.READING else None


def _match(run: ImportRun, progress: JobProgress) -> None:
    """Start the check if the job was told to; columns that do not fit are told with the import."""
    given = progress.parameters.get("columns")
    if not isinstance(given, dict):
        return
    try:
        chosen = choose_columns(run, given)
        begin_check(
            run,
            chosen,
            decimal_mark=str(progress.parameters.get("decimal_mark", MARKS[0])),
            language=str(progress.parameters.get("language", "en")),
            actor=progress.actor,
            now=progress.now,
        )
    except DomainError as error:
        run.refusal = {"code": "columns", "facts": {"message": error.message}}
        run.save(update_fields=["refusal", "updated_at"])


def _refuse(run: ImportRun, error: SheetError, progress: JobProgress) -> None:
    with transaction.atomic():
        locked = _lock(run, progress)
        if locked is None:
            return
        locked.status = ImportStatus.REFUSED
        locked.refusal = {"code": error.code, "facts": error.facts}
        locked.save(update_fields=["status", "refusal", "updated_at"])
        _record(locked, events.IMPORT_REFUSED, {"code": error.code}, progress)


def _record(
    run: ImportRun, event: str, payload: dict[str, journal.Json], progress: JobProgress
) -> None:
    journal.record(
        event,
        merchant=run.merchant,
        subject=run,
        actor=progress.actor,
        now=progress.now,
        payload=payload,
    )


def _forget_upload(run: ImportRun) -> None:
    """Delete the sheet as it came; the name goes last, so that a kill between leaves it to the sweep."""
    run.refresh_from_db()
    if run.status != ImportStatus.READING and run.upload_file:
        run.upload_file.storage.delete(str(run.upload_file.name))
        ImportRun.objects.filter(pk=run.pk).update(upload_file="")
