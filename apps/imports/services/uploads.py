"""Taking a sheet in: small ones are read at once, the others by a job."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO

from django.core.files import File
from django.db import transaction

from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.imports import events
from apps.imports.models import ImportRun
from apps.imports.reading import SheetError, Staged, digest_of, limits, look_at, stage
from apps.imports.sentences import explain_file
from apps.imports.services.steps import MARKS, READ, begin
from apps.imports.states import ImportStatus
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Matching:
    """What a program says of the columns beforehand, so that the check follows the reading by itself.

    ``columns`` maps names of the header to names of columns; without any they are recognised.
    """

    columns: Mapping[str, str]
    decimal_mark: str = MARKS[0]


def upload(
    file: IO[bytes],
    size: int,
    name: str,
    *,
    kind: str,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> ImportRun:
    """Keep a sheet of ``size`` bytes; nothing is changed yet.

    A small one is read at once, a larger one by a job (status ``reading``). Raises
    ``imports.unusable_file`` (422, field ``file``) with what is wrong with the file, where, and
    what to do.
    """
    _check_kind(kind)
    with _refusing(), tempfile.TemporaryDirectory() as folder:
        if look_at(file, size) > limits.AT_ONCE:
            return receive(file, size, name, kind=kind, merchant=merchant, actor=actor, now=now)
        target = Path(folder) / "rows"
        staged = stage(file, size, target)
        with transaction.atomic(), target.open("rb") as rows:
            run = _new(file, name, kind, merchant, actor)
            keep_rows(run, staged, rows)
            _record(run, actor, now)
    return run


def receive(
    file: IO[bytes],
    size: int,
    name: str,
    *,
    kind: str,
    merchant: Merchant,
    matching: Matching | None = None,
    language: str = "en",
    actor: Actor,
    now: datetime,
) -> ImportRun:
    """Keep a sheet and start the job that reads it, and with ``matching`` checks it as well.

    Raises ``imports.unusable_file`` (422, field ``file``) for what the size, the first bytes or the
    table of contents of the file refuse; what only its rows tell ends in the status ``refused``.
    """
    _check_kind(kind)
    with _refusing():
        look_at(file, size)
    with transaction.atomic():
        run = _new(file, name, kind, merchant, actor)
        # The name on the disk is ours: nothing of the uploaded one reaches a path.
        run.upload_file.save(f"{new_public_id('sheet')}.bin", File(file), save=False)
        run.status = ImportStatus.READING
        run.save()
        _record(run, actor, now)
        more: dict[str, journal.Json] = {}
        if matching is not None:
            more = {"columns": dict(matching.columns), "decimal_mark": matching.decimal_mark}
        begin(run, ImportStatus.READING, READ, language=language, actor=actor, now=now, more=more)
    return run


def keep_rows(run: ImportRun, staged: Staged, rows: IO[bytes]) -> None:
    """Keep the staged rows of a sheet that was read and save the import, ready to be matched."""
    run.status = ImportStatus.UPLOADED
    run.source, run.header, run.row_count = staged.source, staged.header, staged.row_count
    run.rows_file.save(f"{new_public_id('rows')}.jsonl", File(rows), save=False)
    run.save()


def _new(file: IO[bytes], name: str, kind: str, merchant: Merchant, actor: Actor) -> ImportRun:
    return ImportRun(
        merchant=merchant,
        kind=kind,
        file_name=PurePath(name.replace("\\", "/")).name[:120] or "sheet",
        digest=digest_of(file),
        started_by=str(actor),
    )


def _record(run: ImportRun, actor: Actor, now: datetime) -> None:
    payload: dict[str, journal.Json] = {"kind": run.kind, "rows": run.row_count}
    payload["digest"] = run.digest
    event, merchant = events.IMPORT_UPLOADED, run.merchant
    journal.record(event, merchant=merchant, subject=run, actor=actor, now=now, payload=payload)


def _check_kind(kind: str) -> None:
    if kind not in ImportRun.Kind.values:
        raise DomainError("imports.unknown_kind", kind, status=422, fields={"kind": kind})


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except SheetError as error:
        told = explain_file(error.code, error.facts)
        fields = {"file": told}
        raise DomainError("imports.unusable_file", told, status=422, fields=fields) from error
