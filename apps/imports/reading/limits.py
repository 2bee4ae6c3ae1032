"""How large a sheet may be, and the guard against archives that unpack without end."""

from __future__ import annotations

import zipfile
from typing import IO

from apps.imports.reading.errors import SheetError

MAX_BYTES = 30 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELL = 32_767
MAX_ENTRIES = 2_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 150
# What the process that reads a workbook may take; it ends when it wants more.
READER_MEMORY = 1536 * 1024 * 1024
READER_SECONDS = 60
# A sheet of so many bytes, unpacked, is read while its sender waits; a larger one by a job.
AT_ONCE = 2 * 1024 * 1024
_NEEDED = "xl/workbook.xml"
_ENCRYPTED = 0x1


def check_archive(file: IO[bytes], size: int) -> int:
    """Return how many bytes a workbook unpacks to; refuse too many, from its contents table alone.

    Nothing is unpacked here. A table of contents may lie: the reader's memory is limited as well.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise SheetError("broken_workbook") from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise SheetError("too_many_parts", limit=MAX_ENTRIES)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 1024):
        raise SheetError("unpacks_too_far", megabytes=unpacked // 1_048_576)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SheetError("locked_workbook")
    if _NEEDED not in {entry.filename for entry in entries}:
        raise SheetError("broken_workbook")
    return unpacked
