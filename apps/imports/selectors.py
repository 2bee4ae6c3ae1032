"""Reads of imports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO

from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile

from apps.imports.layouts import LAYOUTS, header_key, match_header
from apps.imports.models import ImportIssue, ImportRun, RememberedColumns
from apps.merchants.models import Merchant


def list_runs(merchant: Merchant, kinds: Collection[str]) -> QuerySet[ImportRun]:
    """Return the merchant's imports of some kinds without their marks (unordered)."""
    runs: QuerySet[ImportRun] = ImportRun.objects.filter(merchant=merchant, kind__in=kinds)
    return runs.defer("wrong_rows", "samples", "source", "header", "columns")


def list_whole_runs(merchant: Merchant, kinds: Collection[str]) -> QuerySet[ImportRun]:
    """Return the merchant's imports of some kinds with their columns (unordered)."""
    runs: QuerySet[ImportRun] = ImportRun.objects.filter(merchant=merchant, kind__in=kinds)
    return runs.defer("wrong_rows", "samples", "source")


def get_run(merchant: Merchant, public_id: str) -> ImportRun:
    """Return one import of the merchant; raises ``ImportRun.DoesNotExist``."""
    run: ImportRun = ImportRun.objects.select_related("merchant").get(
        merchant=merchant, public_id=public_id
    )
    return run


def list_issues(run: ImportRun, phases: Collection[str], *, limit: int) -> list[ImportIssue]:
    """Return the first problems of some phases, the wrong rows before the warnings."""
    found = ImportIssue.objects.filter(run=run, phase__in=phases)
    return list(found.order_by("is_warning", "row_number", "pk")[:limit])


def list_issues_of(run: ImportRun, phase: str) -> QuerySet[ImportIssue]:
    """Return the problems of one phase (unordered; an index has them by row)."""
    return ImportIssue.objects.filter(run=run, phase=phase)


def suggest_columns(run: ImportRun) -> tuple[list[str], str, bool]:
    """Return what the columns mean, the decimal mark, and whether it is remembered.

    What was chosen for this sheet counts first, then what the company chose for the same header the
    last time, then the names of the columns.
    """
    if run.columns:
        return list(run.columns), run.decimal_mark, True
    known = RememberedColumns.objects.filter(
        merchant=run.merchant_id, kind=run.kind, header_key=header_key(run.header)
    ).first()
    if known is not None:
        return list(known.columns), known.decimal_mark, True
    return match_header(LAYOUTS[run.kind], run.header), run.decimal_mark, False


@contextmanager
def open_rows(run: ImportRun) -> Iterator[IO[bytes]]:
    """Open the staged rows of an import; raises ``FileNotFoundError`` when they are gone."""
    with _open(run.rows_file) as rows:
        yield rows


@contextmanager
def open_upload(run: ImportRun) -> Iterator[IO[bytes]]:
    """Open the sheet as it came; raises ``FileNotFoundError`` once it was read."""
    with _open(run.upload_file) as sheet:
        yield sheet


@contextmanager
def _open(kept: FieldFile) -> Iterator[IO[bytes]]:
    if not kept:
        raise FileNotFoundError("not kept")
    with kept.storage.open(str(kept.name), "rb") as stored:
        # The bare file: the wrapper's lines are many times slower.
        if stored.file is None:
            raise FileNotFoundError(kept.name)
        yield stored.file
