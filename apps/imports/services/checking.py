"""The dry run: what every row would do, without doing it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.formatting import join_sentences
from apps.common.ids import new_public_id
from apps.common.sheets import CsvWriter
from apps.imports import events
from apps.imports.layouts import LAYOUTS
from apps.imports.models import ImportIssue, ImportRun
from apps.imports.planning import Parsed, Problem, SheetReader, planner_of
from apps.imports.planning.common import SAMPLES, Plan, Planner, Sample
from apps.imports.reading import Chunk, read_chunks
from apps.imports.reading.rows import MAX_GROUP, Row
from apps.imports.rules import RowMarks, Seen
from apps.imports.selectors import open_rows
from apps.imports.sentences import column_label, explain
from apps.imports.states import ImportStatus
from apps.jobs.progress import JobPaused, JobProgress
from apps.journal import services as journal

MAX_ISSUES, MAX_WARNINGS = 5_000, 1_000


@dataclass(slots=True)
class _Tally:
    """What the check has found so far."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    warnings: int = 0
    marks: RowMarks = field(default_factory=RowMarks)
    issues: list[Problem] = field(default_factory=list)
    hints: list[Problem] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, plan: Plan) -> dict[int, list[Problem]]:
        """Count a chunk; returns its wrong rows with their problems, by index."""
        wrong: dict[int, list[Problem]] = {}
        for problem in plan.problems:
            if problem.is_warning:
                self.warnings += 1
                self.hints += [problem] if len(self.hints) < MAX_WARNINGS else []
            else:
                wrong.setdefault(problem.row.index, []).append(problem)
                self.issues += [problem] if len(self.issues) < MAX_ISSUES else []
        for index in wrong:
            self.marks.mark(index)
        self.new += len(plan.new)
        self.changed += len(plan.changed)
        self.unchanged += len(plan.unchanged)
        self.wrong += len(wrong)
        self.samples += plan.samples[: SAMPLES - len(self.samples)]
        return wrong


def check_rows(run: ImportRun, progress: JobProgress) -> None:
    """Read every row, work out what it would do, and keep counts, problems and samples.

    Nothing else is changed, so a check that was killed starts anew. The wrong rows are kept as they
    came in a CSV file, with a column that says what is wrong.
    """
    layout = LAYOUTS[run.kind]
    reader = SheetReader(layout, run.columns, run.decimal_mark)
    planner = planner_of(run.kind, run.merchant)
    tally, seen, done = _Tally(), Seen(max_group=MAX_GROUP), 0
    with open_rows(run) as rows, tempfile.TemporaryFile() as problems:
        writer = CsvWriter(problems, [*run.header, _("What is wrong")])
        for chunk in read_chunks(rows, group_of=lambda cells: reader.cell(cells, "product")):
            plan = _plan(chunk, reader, planner, seen)
            wrong = tally.add(plan)
            _write_wrong(writer, run, chunk.rows, wrong)
            done += len(chunk.rows)
            # The slice of time may end in the middle: a check has no place to go on from, and is
            # far shorter than a task may be.
            with suppress(JobPaused):
                progress.advance(max(0, done - progress.done_count))
        _finish(run, tally, problems, progress)


def _plan(chunk: Chunk, reader: SheetReader, planner: Planner, seen: Seen) -> Plan:
    good: list[Parsed] = []
    problems: list[Problem] = []
    for row in chunk.rows:
        parsed, found = reader.parse(row)
        problems += found
        code, about = seen.follow(reader.cell(row.cells, "product"), row.number)
        if code:
            word = reader.cell(row.cells, "product")[:40]
            facts: dict[str, str | int] = {"value": word, "row": about, "limit": about}
            problems.append(Problem(row, "product", code, facts))
            continue
        if parsed is None:
            continue
        key = planner.key_of(parsed)
        if first := seen.find_duplicate(key, row.number):
            problems.append(Problem(row, "sku", "duplicate", {"key": key, "row": first}))
        else:
            good.append(parsed)
    plan = planner.plan(good, lock=False)
    plan.problems[:0] = problems
    return plan


def _write_wrong(
    writer: CsvWriter, run: ImportRun, rows: Sequence[Row], wrong: dict[int, list[Problem]]
) -> None:
    width = len(run.header)
    lines = []
    for row in rows:
        found = wrong.get(row.index)
        if found is None:
            continue
        cells = ["" if cell is None else _as_text(cell) for cell in row.cells[:width]]
        cells += [""] * (width - len(cells))
        told = ""
        for problem in found:
            told = join_sentences(told, describe(run.kind, problem))
        lines.append([*cells, told])
    if lines:
        writer.write(lines)


def describe(kind: str, problem: Problem) -> str:
    """Return a problem as one sentence with its row and column."""
    told = explain(problem.code, problem.facts)
    if not problem.column:
        return _("Row %(row)s: %(what)s") % {"row": problem.row.number, "what": told}
    return _("Row %(row)s, %(column)s: %(what)s") % {
        "row": problem.row.number,
        "column": column_label(kind, problem.column),
        "what": told,
    }


def _as_text(cell: object) -> str:
    return str(cell.get("date", "")) if isinstance(cell, dict) else str(cell)


def _finish(run: ImportRun, tally: _Tally, problems: IO[bytes], progress: JobProgress) -> None:
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.status != ImportStatus.CHECKING or locked.job_id != progress.job.public_id:
            return
        locked.status = ImportStatus.CHECKED
        locked.new_count, locked.changed_count = tally.new, tally.changed
        locked.unchanged_count, locked.wrong_count = tally.unchanged, tally.wrong
        locked.warning_count = tally.warnings
        locked.wrong_rows = tally.marks.pack()
        locked.samples = [asdict(sample) for sample in tally.samples]
        _drop_problems(locked)
        if tally.wrong:
            problems.seek(0)
            name = f"{new_public_id('wrong')}.csv"
            locked.problems_file.save(name, File(problems), save=False)
        locked.save()
        ImportIssue.objects.filter(run=locked).delete()
        ImportIssue.objects.bulk_create(
            issue_of(locked, "check", problem) for problem in (*tally.issues, *tally.hints)
        )
        journal.record(
            events.IMPORT_CHECKED,
            merchant=locked.merchant,
            subject=locked,
            actor=progress.actor,
            now=progress.now,
            payload={"new": tally.new, "changed": tally.changed, "wrong": tally.wrong},
        )
    progress.set_result(wrong=tally.wrong, new=tally.new, changed=tally.changed)


def _drop_problems(run: ImportRun) -> None:
    """Let go of the wrong rows of an earlier check, once this one is committed."""
    if run.problems_file:
        storage, name = run.problems_file.storage, str(run.problems_file.name)
        transaction.on_commit(lambda: storage.delete(name))
    run.problems_file = ""


def issue_of(run: ImportRun, phase: str, problem: Problem) -> ImportIssue:
    """Return a problem as it is kept."""
    return ImportIssue(
        run=run,
        phase=phase,
        row_number=problem.row.number,
        column=problem.column,
        code=problem.code,
        facts=dict(problem.facts),
        is_warning=problem.is_warning,
    )
