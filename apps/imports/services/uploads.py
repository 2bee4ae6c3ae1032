"""Taking a sheet in."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO

from django.core.files import File
from django.db import transaction

from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.imports import events
from apps.imports.models import ImportRun
from apps.imports.reading import SheetError, stage
from apps.imports.sentences import explain_file
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


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
    """Read a sheet of ``size`` bytes and keep its rows; nothing is changed yet.

    Raises ``imports.unusable_file`` (422, field ``file``) with what is wrong with the file, where,
    and what to do.
    """
    if kind not in ImportRun.Kind.values:
        raise DomainError("imports.unknown_kind", kind, status=422, fields={"kind": kind})
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows"
        try:
            staged = stage(file, size, target)
        except SheetError as error:
            told = explain_file(error.code, error.facts)
            fields = {"file": told}
            raise DomainError("imports.unusable_file", told, status=422, fields=fields) from error
        with transaction.atomic(), target.open("rb") as rows:
            run = ImportRun(
                merchant=merchant,
                kind=kind,
                file_name=PurePath(name.replace("\\", "/")).name[:120] or "sheet",
                digest=staged.digest,
                source=staged.source,
                header=staged.header,
                row_count=staged.row_count,
                started_by=str(actor),
            )
            # The name on the disk is ours: nothing of the uploaded one reaches a path.
            run.rows_file.save(f"{new_public_id('rows')}.jsonl", File(rows), save=False)
            run.save()
            journal.record(
                events.IMPORT_UPLOADED,
                merchant=merchant,
                subject=run,
                actor=actor,
                now=now,
                payload={"kind": kind, "rows": run.row_count, "digest": run.digest},
            )
    return run
