"""From an uploaded file to lines of JSON: one form for every later step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypedDict

import orjson
from django.conf import settings

from apps.imports.reading import limits
from apps.imports.reading.encoding import detect
from apps.imports.reading.errors import SheetError
from apps.imports.reading.text_sheet import find_separator, read_rows

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
Fact = str | int


class _Answer(TypedDict, total=False):
    error: str
    facts: dict[str, Fact]
    sheet: str
    sheets: int
    header: list[str]
    rows: int
    empty: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A sheet that was read: its header, the number of its rows, and how it was understood."""

    header: list[str]
    row_count: int
    digest: str
    source: dict[str, Fact] = field(default_factory=dict)


def stage(file: IO[bytes], size: int, target: Path) -> Staged:
    """Read ``file`` of ``size`` bytes into ``target``; raises ``SheetError`` for an unusable one.

    The kind is told by the content, never by the name. Empty rows are left out; rows keep the
    numbers they have in the sheet, the header being the first that is not empty.
    """
    if size > limits.MAX_BYTES:
        raise SheetError("too_large", megabytes=limits.MAX_BYTES // 1_048_576)
    file.seek(0)
    head = file.read(8)
    if not head:
        raise SheetError("empty_file")
    if head.startswith(_OLE):
        raise SheetError("old_workbook")
    if head.startswith(_PDF):
        raise SheetError("not_a_sheet")
    read = _stage_workbook if head.startswith(_ZIP) else _stage_text
    header, count, source = read(file, size, target)
    _check_header(header, count)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return Staged(header, count, digest, source)


def _check_header(header: list[str], count: int) -> None:
    if not header or not count:
        raise SheetError("no_rows")
    if len(header) > limits.MAX_COLUMNS:
        raise SheetError("too_many_columns", limit=limits.MAX_COLUMNS)


def _stage_text(file: IO[bytes], size: int, target: Path) -> tuple[list[str], int, dict[str, Fact]]:
    encoding = detect(file)
    separator = find_separator(file, encoding)
    header: list[str] = []
    count = empty = 0
    with target.open("wb") as out:
        for number, row in enumerate(read_rows(file, encoding, separator), start=1):
            if not any(map(str.strip, row)):
                empty += 1
            elif not header:
                header = [name.strip() for name in row]
            else:
                count += 1
                if count > limits.MAX_ROWS:
                    raise SheetError("too_many_rows", limit=limits.MAX_ROWS)
                out.write(orjson.dumps([number, *(cell or None for cell in row)]) + b"\n")
    facts: dict[str, Fact] = {
        "format": "csv",
        "encoding": encoding.name,
        "evidence": encoding.evidence,
        "evidence_count": encoding.count,
        "separator": separator,
        "empty": empty,
    }
    return header, count, facts


def _stage_workbook(
    file: IO[bytes], size: int, target: Path
) -> tuple[list[str], int, dict[str, Fact]]:
    limits.check_archive(file, size)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        answer = _run_reader(copy.name, target)
    if error := answer.get("error"):
        raise SheetError(error, **answer.get("facts", {}))
    facts: dict[str, Fact] = {
        "format": "xlsx",
        "sheet": answer["sheet"],
        "sheets": answer["sheets"],
        "empty": answer["empty"],
    }
    return [str(name).strip() for name in answer["header"]], answer["rows"], facts


def _run_reader(source: str, target: Path) -> _Answer:
    amounts = (limits.READER_MEMORY, limits.READER_SECONDS, limits.MAX_ROWS, limits.MAX_COLUMNS)
    command = [sys.executable, "-m", "apps.imports.reading.xlsx_child", source, str(target)]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(settings.BASE_DIR)}
    try:
        # Fixed arguments and paths of our own making: nothing of the upload reaches the command.
        done = subprocess.run(  # noqa: S603
            [*command, *map(str, amounts)],
            capture_output=True,
            check=True,
            cwd=settings.BASE_DIR,
            env=environment,
            timeout=limits.READER_SECONDS * 2,
        )
        answer: _Answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise SheetError("too_demanding") from error
    return answer
