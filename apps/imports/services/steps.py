"""The steps people decide on: what the columns mean, apply, undo. Each starts a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.db import upsert
from apps.common.errors import DomainError
from apps.imports import events
from apps.imports.layouts import LAYOUTS, header_key, labels_of
from apps.imports.models import ImportIssue, ImportRun, RememberedColumns
from apps.imports.selectors import suggest_columns
from apps.imports.states import ImportStatus
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal import services as journal
from apps.journal.actors import Actor

READ, CHECK = "imports.read", "imports.check"
APPLY, UNDO = "imports.apply", "imports.undo"
# Jobs of stock are steered by those who may set stock.
OF_STOCK = "_stock"
MARKS = (".", ",")
_NOTHING: Mapping[str, journal.Json] = {}


def set_columns(
    run: ImportRun,
    columns: Sequence[str],
    *,
    decimal_mark: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> ImportRun:
    """Say what each column of the sheet means (``""`` leaves it out) and start the check.

    The choice is remembered for the next sheet with this header. ``language`` is that of the file
    with the wrong rows. Raises ``imports.columns`` (422) for a needed column that is missing or one
    that is named twice, and ``imports.wrong_step`` (409) once the sheet is being applied.
    """
    _checked(run, columns, decimal_mark)
    with transaction.atomic():
        locked = _lock(run, {ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.CHECKED})
        begin_check(
            locked, columns, decimal_mark=decimal_mark, language=language, actor=actor, now=now
        )
    return locked


def begin_check(
    locked: ImportRun,
    columns: Sequence[str],
    *,
    decimal_mark: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Remember what the columns of a locked import mean and start its check.

    Raises ``imports.columns`` (422) as ``set_columns`` does.
    """
    chosen = _checked(locked, columns, decimal_mark)
    locked.columns, locked.decimal_mark, locked.refusal = chosen, decimal_mark, {}
    ImportIssue.objects.filter(run=locked).delete()
    memory = RememberedColumns(
        merchant=locked.merchant,
        kind=locked.kind,
        header_key=header_key(locked.header),
        columns=chosen,
        decimal_mark=decimal_mark,
    )
    upsert(
        RememberedColumns,
        [memory],
        unique_fields=["merchant", "kind", "header_key"],
        update_fields=["columns", "decimal_mark", "updated_at"],
    )
    begin(locked, ImportStatus.CHECKING, CHECK, language=language, actor=actor, now=now)


def choose_columns(run: ImportRun, given: Mapping[str, str]) -> list[str]:
    """Return what each column means by names of the header; without any they are recognised.

    Raises ``imports.columns`` (422) for a name that the sheet does not have.
    """
    if not given:
        return suggest_columns(run)[0]
    unknown = sorted(set(given) - set(run.header))
    if unknown:
        raise _refused(
            _("The sheet has no column “%(name)s”.") % {"name": unknown[0][:60]}, "columns"
        )
    return [given.get(name, "") for name in run.header]


def start_apply(run: ImportRun, *, language: str, actor: Actor, now: datetime) -> ImportRun:
    """Apply the good rows of a checked sheet; the wrong ones are left out.

    Goes on with a sheet whose job was stopped. Raises ``imports.wrong_step`` (409) for any other,
    and ``imports.nothing_to_apply`` (409) when no row makes or changes anything.
    """
    with transaction.atomic():
        locked = _lock(run, {ImportStatus.CHECKED, ImportStatus.APPLYING})
        if not locked.new_count and not locked.changed_count:
            raise DomainError("imports.nothing_to_apply", _("No row changes anything."))
        begin(locked, ImportStatus.APPLYING, APPLY, language=language, actor=actor, now=now)
    return locked


def start_undo(run: ImportRun, *, language: str, actor: Actor, now: datetime) -> ImportRun:
    """Undo an import, within seven days of its end: what nobody changed since is put back.

    Raises ``imports.wrong_step`` (409) for one that is not applied, ``imports.too_late`` (409).
    """
    with transaction.atomic():
        locked = _lock(run, {ImportStatus.APPLYING, ImportStatus.APPLIED, ImportStatus.UNDOING})
        is_late = locked.undo_until is not None and now > locked.undo_until
        if is_late and locked.status == ImportStatus.APPLIED:
            raise DomainError("imports.too_late", _("The time to undo this import is over."))
        begin(locked, ImportStatus.UNDOING, UNDO, language=language, actor=actor, now=now)
    return locked


_TITLES = {
    READ: gettext_lazy("Read %(file)s"),
    CHECK: gettext_lazy("Check %(file)s"),
    APPLY: gettext_lazy("Apply %(file)s"),
    UNDO: gettext_lazy("Undo %(file)s"),
}
# Reading begins with the upload, which has a fact of its own.
_EVENTS = {
    CHECK: events.IMPORT_CHECK_STARTED,
    APPLY: events.IMPORT_APPLY_STARTED,
    UNDO: events.IMPORT_UNDO_STARTED,
}


def _checked(run: ImportRun, columns: Sequence[str], decimal_mark: str) -> list[str]:
    layout = LAYOUTS[run.kind]
    known = {column.name for column in layout.columns if not column.is_info}
    chosen = [name if name in known else "" for name in columns][: len(run.header)]
    chosen += [""] * (len(run.header) - len(chosen))
    named = [name for name in chosen if name]
    if decimal_mark not in MARKS:
        raise _refused(_("Choose the decimal mark of the sheet."), "decimal_mark")
    if twice := sorted({name for name in named if named.count(name) > 1}):
        label = labels_of(layout, twice)[0]
        raise _refused(_("“%(name)s” is chosen twice. Keep one.") % {"name": label}, "columns")
    missing = [column.name for column in layout.columns if column.required]
    missing = [name for name in missing if name not in named]
    if missing:
        label = labels_of(layout, missing)[0]
        told = _("No column is “%(name)s”, but it is needed. Choose the column that holds it.")
        raise _refused(told % {"name": label}, "columns")
    return chosen


def _refused(told: str, field: str) -> DomainError:
    return DomainError("imports.columns", told, status=422, fields={field: told})


def _lock(run: ImportRun, allowed: set[ImportStatus]) -> ImportRun:
    """Return the import, locked; refuses a step that does not fit or while a job works on it."""
    locked: ImportRun = ImportRun.objects.select_for_update().get(pk=run.pk)
    is_busy = Job.objects.filter(
        public_id=locked.job_id, status__in=(Job.Status.WAITING, Job.Status.RUNNING)
    ).exists()
    if locked.status not in allowed or is_busy:
        status = ImportStatus(locked.status).label
        told = _("This import is “%(status)s”, so this is not possible now.") % {"status": status}
        raise DomainError("imports.wrong_step", told)
    return locked


def begin(
    run: ImportRun,
    status: ImportStatus,
    kind: str,
    *,
    language: str,
    actor: Actor,
    now: datetime,
    more: Mapping[str, journal.Json] = _NOTHING,
) -> None:
    """Start the job of one step of an import, and save the import as being worked on.

    ``more`` is added to what the job is told: the import and the language of its sentences.
    """
    parameters: dict[str, journal.Json] = {"import": run.public_id, "language": language, **more}
    job = jobs.start_job(
        f"{kind}{OF_STOCK}" if run.kind == ImportRun.Kind.STOCK else kind,
        title=_TITLES[kind] % {"file": run.file_name},
        parameters=parameters,
        tenant_id=run.merchant_id,
        total=run.row_count,
        actor=actor,
        now=now,
    )
    run.status, run.job_id = status, job.public_id
    run.save()
    if kind not in _EVENTS:
        return
    payload: dict[str, journal.Json] = {"job": job.public_id, "file": run.file_name}
    journal.record(
        _EVENTS[kind], merchant=run.merchant, subject=run, actor=actor, now=now, payload=payload
    )
