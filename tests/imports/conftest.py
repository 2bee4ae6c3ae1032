"""A company with one product, and sheets that go the whole way."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest
from django_scopes import scope
from openpyxl import Workbook

from apps.common.clock import utc_now
from apps.imports import selectors, services
from apps.imports.models import ImportIssue, ImportRun
from apps.imports.states import ImportStatus
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

Sheet = Sequence[Sequence[object]]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def as_csv(rows: Sheet, *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Return rows as a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sheet) -> bytes:
    """Return rows as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class Desk:
    """Somebody who imports sheets for a company."""

    merchant: Merchant
    actor: Actor

    def upload(self, kind: str, sheet: Sheet | bytes, *, name: str = "sheet.csv") -> ImportRun:
        """Hand a sheet in."""
        data = sheet if isinstance(sheet, bytes) else as_csv(sheet)
        return services.upload(
            io.BytesIO(data),
            len(data),
            name,
            kind=kind,
            merchant=self.merchant,
            actor=self.actor,
            now=utc_now(),
        )

    def check(
        self, kind: str, sheet: Sheet | bytes, *, mark: str = ".", columns: Sequence[str] = ()
    ) -> ImportRun:
        """Hand a sheet in, match its columns by name, and check it."""
        run = self.upload(kind, sheet)
        if run.status == ImportStatus.READING:
            run = self.work(run)
        chosen = list(columns) or selectors.suggest_columns(run)[0]
        services.set_columns(
            run, chosen, decimal_mark=mark, language="en", actor=self.actor, now=utc_now()
        )
        return self.work(run)

    def apply(self, kind: str, sheet: Sheet | bytes, *, mark: str = ".") -> ImportRun:
        """Check a sheet and apply its good rows."""
        run = self.check(kind, sheet, mark=mark)
        self.start_apply(run)
        return self.work(run)

    def start_apply(self, run: ImportRun) -> None:
        """Ask for the good rows to be applied."""
        services.start_apply(run, language="en", actor=self.actor, now=utc_now())

    def undo(self, run: ImportRun) -> ImportRun:
        """Undo an import."""
        services.start_undo(run, language="en", actor=self.actor, now=utc_now())
        return self.work(run)

    def work(self, run: ImportRun) -> ImportRun:
        """Let a worker do the job of an import, and return the import as it is then."""
        run.refresh_from_db()
        job = Job.objects.get(public_id=run.job_id)
        execution.run_job(job.pk, now=utc_now())
        job.refresh_from_db()
        assert (job.status, job.error) == (Job.Status.DONE, "")
        return selectors.get_run(self.merchant, run.public_id)


def issues_of(run: ImportRun, phase: str = "check") -> list[tuple[int, str, str]]:
    """Return (row, column, code) of what is wrong."""
    found = ImportIssue.objects.filter(run=run, phase=phase, is_warning=False)
    return list(found.order_by("row_number", "pk").values_list("row_number", "column", "code"))


def warnings_of(run: ImportRun) -> list[tuple[int, str, str]]:
    """Return (row, column, code) of what to look at."""
    found = ImportIssue.objects.filter(run=run, is_warning=True)
    return list(found.order_by("row_number", "pk").values_list("row_number", "column", "code"))


def counts_of(run: ImportRun) -> tuple[int, int, int, int]:
    """Return new, changed, unchanged and wrong rows of the check."""
    return (run.new_count, run.changed_count, run.unchanged_count, run.wrong_count)


@pytest.fixture
def desk(merchant: Merchant, actor: Actor) -> Iterator[Desk]:
    """The desk of the merchant, with its scope open."""
    with scope(merchant=merchant):
        yield Desk(merchant, actor)


Maker = Callable[..., datetime]
