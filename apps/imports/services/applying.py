"""Applying the good rows, a chunk per transaction, each exactly once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.imports import events
from apps.imports.layouts import LAYOUTS
from apps.imports.models import ImportChunk, ImportIssue, ImportRun
from apps.imports.planning import Parsed, Plan, Planner, Problem, SheetReader, planner_of
from apps.imports.reading import Row, read_chunks
from apps.imports.rules import UNDO_LIFE, RowMarks
from apps.imports.selectors import open_rows
from apps.imports.services.checking import issue_of
from apps.imports.states import ImportStatus
from apps.jobs.progress import JobProgress, LeaseLost
from apps.journal import services as journal
from apps.journal.actors import Actor

# Somebody made one of the SKUs between our look and our insert: the next look sees it.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Work:
    """What applying one sheet needs at hand."""

    run: ImportRun
    reader: SheetReader
    planner: Planner
    marks: RowMarks
    actor: Actor


def apply_rows(run: ImportRun, progress: JobProgress) -> None:
    """Apply the rows that the check found good, from where an earlier run ended.

    A chunk's effects, its undo record and the new place commit together: a worker that is killed
    leaves whole chunks, and the next one goes on behind them. A chunk that a service refuses is
    halved until the refused row is found; it is kept with its reason, the others are applied.
    """
    reader = SheetReader(LAYOUTS[run.kind], run.columns, run.decimal_mark)
    planner = planner_of(run.kind, run.merchant)
    work = _Work(run, reader, planner, RowMarks(bytes(run.wrong_rows)), progress.actor)
    progress.advance(max(0, run.applied_rows - progress.done_count))
    with open_rows(run) as rows:
        chunks = read_chunks(
            rows,
            group_of=lambda cells: reader.cell(cells, "product"),
            index=run.applied_rows,
            offset=run.applied_offset,
        )
        for chunk in chunks:
            _apply(work, chunk.rows, progress)
            progress.advance(max(0, chunk.rows[-1].index + 1 - progress.done_count))
    _finish(run, progress)


def _apply(work: _Work, rows: list[Row], progress: JobProgress) -> None:
    try:
        _apply_again(work, rows, now=progress.now)
    except (DomainError, IntegrityError) as error:
        middle = _middle(work, rows)
        if middle:
            _apply(work, rows[:middle], progress)
            _apply(work, rows[middle:], progress)
        else:
            _refuse(work, rows, error, now=progress.now)


def _middle(work: _Work, rows: list[Row]) -> int:
    """Return where rows may be parted without parting a product, nearest the middle; 0 if nowhere."""
    words = [work.reader.cell(row.cells, "product") for row in rows]
    places = [at for at in range(1, len(rows)) if not words[at] or words[at] != words[at - 1]]
    return min(places, key=lambda at: abs(at - len(rows) // 2), default=0)


def _apply_again(work: _Work, rows: list[Row], *, now: datetime) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _apply_once(work, rows, now=now)
        except IntegrityError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return


@retry_transaction
def _apply_once(work: _Work, rows: list[Row], *, now: datetime) -> None:
    with transaction.atomic():
        _move_on(work.run, rows, now)
        good, problems = _read(work, rows)
        plan = work.planner.plan(good, lock=True)
        plan.problems[:0] = problems
        reference = work.run.public_id
        undo = work.planner.write(plan, reference=reference, actor=work.actor, now=now)
        ImportChunk.objects.create(
            run=work.run,
            first_row=rows[0].index,
            row_count=len(rows),
            undo=zlib.compress(orjson.dumps(undo), 1),
            applied_at=now,
        )
        _count(work.run, plan)


def _move_on(run: ImportRun, rows: Sequence[Row], now: datetime) -> None:
    """Claim the rows: whoever moved the place first applies them."""
    own = ImportRun.objects.filter(
        pk=run.pk, status=ImportStatus.APPLYING, applied_rows=rows[0].index
    )
    last = rows[-1]
    moved = own.update(applied_rows=last.index + 1, applied_offset=last.end, updated_at=now)
    if not moved:
        raise LeaseLost


def _read(work: _Work, rows: Sequence[Row]) -> tuple[list[Parsed], list[Problem]]:
    good: list[Parsed] = []
    problems: list[Problem] = []
    for row in rows:
        if work.marks.has(row.index):
            continue
        parsed, found = work.reader.parse(row)
        if parsed is None:
            problems += found
        else:
            good.append(parsed)
    return good, problems


def _count(run: ImportRun, plan: Plan) -> None:
    wrong = [problem for problem in plan.problems if not problem.is_warning]
    ImportIssue.objects.bulk_create(issue_of(run, "apply", problem) for problem in wrong)
    ImportRun.objects.filter(pk=run.pk).update(
        made_count=F("made_count") + len(plan.new),
        updated_count=F("updated_count") + len(plan.changed),
        kept_count=F("kept_count") + len(plan.unchanged),
        refused_count=F("refused_count") + len({problem.row.index for problem in wrong}),
    )


def _refuse(work: _Work, rows: list[Row], error: Exception, *, now: datetime) -> None:
    told = (
        error.message if isinstance(error, DomainError) else _("Another record has this already.")
    )
    wrong = [row for row in rows if not work.marks.has(row.index)]
    with transaction.atomic():
        _move_on(work.run, rows, now)
        ImportIssue.objects.bulk_create(
            issue_of(work.run, "apply", Problem(row, "", "refused", {"message": told}))
            for row in wrong
        )
        refused = F("refused_count") + len(wrong)
        ImportRun.objects.filter(pk=work.run.pk).update(refused_count=refused)


def _finish(run: ImportRun, progress: JobProgress) -> None:
    now = progress.now
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.status != ImportStatus.APPLYING:
            return
        locked.status = ImportStatus.APPLIED
        locked.undo_until = now + UNDO_LIFE
        locked.save(update_fields=["status", "undo_until", "updated_at"])
        journal.record(
            events.IMPORT_APPLIED,
            merchant=locked.merchant,
            subject=locked,
            actor=progress.actor,
            now=now,
            payload={
                "made": locked.made_count,
                "changed": locked.updated_count,
                "refused": locked.refused_count,
            },
        )
    progress.set_result(made=locked.made_count, changed=locked.updated_count)
