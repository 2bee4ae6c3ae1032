"""From an uploaded file to lines of JSON: one form for every later step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypedDict

import orjson
from django.conf import settings

from apps.imports.reading import limits
from apps.imports.reading.encoding import detect
from apps.imports.reading.errors import SheetError
from apps.imports.reading.text_sheet import find_separator, read_rows
from apps.imports.reading.xlsx_child import PART_SUFFIX

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_STEP_ROWS, _STEP_S = 2000, 0.25
Fact = str | int
# Told how many of a hundred parts are read, every few moments; what it raises ends the reading.
Watch = Callable[[int], None]


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
    source: dict[str, Fact] = field(default_factory=dict)


def look_at(file: IO[bytes], size: int) -> int:
    """Return how many bytes there are to read once unpacked, without reading a row.

    The kind is told by the content, never by the name. Raises ``SheetError`` for a file that its
    size, its first bytes or the table of contents of its archive refuse.
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
    return limits.check_archive(file, size) if head.startswith(_ZIP) else size


def digest_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file; it is left at its start."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest


def _unwatched(_part: int) -> None:
    pass


def stage(file: IO[bytes], size: int, target: Path, *, watch: Watch = _unwatched) -> Staged:
    """Read ``file`` of ``size`` bytes into ``target``; raises ``SheetError`` for an unusable one.

    Empty rows are left out; rows keep the numbers they have in the sheet, the header being the
    first that is not empty.
    """
    look_at(file, size)
    file.seek(0)
    read = _stage_workbook if file.read(8).startswith(_ZIP) else _stage_text
    header, count, source = read(file, size, target, watch)
    _check_header(header, count)
    return Staged(header, count, source)


def _check_header(header: list[str], count: int) -> None:
    if not header or not count:
        raise SheetError("no_rows")
    if len(header) > limits.MAX_COLUMNS:
        raise SheetError("too_many_columns", limit=limits.MAX_COLUMNS)


def _stage_text(
    file: IO[bytes], size: int, target: Path, watch: Watch
) -> tuple[list[str], int, dict[str, Fact]]:
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
                if not count % _STEP_ROWS:
                    watch(100 * file.tell() // size)
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
    file: IO[bytes], size: int, target: Path, watch: Watch
) -> tuple[list[str], int, dict[str, Fact]]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        answer = _run_reader(copy.name, target, watch)
    if error := answer.get("error"):
        raise SheetError(error, **answer.get("facts", {}))
    facts: dict[str, Fact] = {
        "format": "xlsx",
        "sheet": answer["sheet"],
        "sheets": answer["sheets"],
        "empty": answer["empty"],
    }
    return [str(name).strip() for name in answer["header"]], answer["rows"], facts


def _run_reader(source: str, target: Path, watch: Watch) -> _Answer:
    amounts = (limits.READER_MEMORY, limits.READER_SECONDS, limits.MAX_ROWS, limits.MAX_COLUMNS)
    command = [sys.executable, "-m", "apps.imports.reading.xlsx_child", source, str(target)]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(settings.BASE_DIR)}
    # Fixed arguments and paths of our own making: nothing of the upload reaches the command.
    child = subprocess.Popen(  # noqa: S603
        [*command, *map(str, amounts)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env=environment,
    )
    try:
        printed = _wait_for(child, target, watch)
        answer: _Answer = json.loads(printed)
    except (subprocess.SubprocessError, ValueError) as error:
        raise SheetError("too_demanding") from error
    finally:
        child.kill()
        child.wait()
    return answer


def _wait_for(child: subprocess.Popen[bytes], target: Path, watch: Watch) -> bytes:
    """Return what the reader printed; it tells how far it is in a file beside its target."""
    ends_at = time.monotonic() + limits.READER_SECONDS * 2
    told = target.with_suffix(PART_SUFFIX)
    while True:
        try:
            printed, _errors = child.communicate(timeout=_STEP_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > ends_at:
                raise
            watch(int(told.read_text() or 0) if told.exists() else 0)
        else:
            if child.returncode:
                raise subprocess.CalledProcessError(child.returncode, child.args)
            return printed
