"""Rows of a CSV file, streamed."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from typing import IO

from apps.imports.reading.encoding import Encoding
from apps.imports.reading.errors import SheetError
from apps.imports.reading.limits import MAX_CELL

SEPARATORS = (",", ";", "\t")
_SAMPLE = 20


def find_separator(file: IO[bytes], encoding: Encoding) -> str:
    """Return the separator that splits the first rows most evenly; a comma if none does."""
    best, best_rank = ",", (0, 0)
    for separator in SEPARATORS:
        try:
            widths = [
                len(row) for row in itertools.islice(_rows(file, encoding, separator), _SAMPLE)
            ]
        except (csv.Error, UnicodeError):
            continue
        widths = [width for width in widths if width]
        if not widths or widths[0] < 2:
            continue
        rank = (sum(width == widths[0] for width in widths), widths[0])
        if rank > best_rank:
            best, best_rank = separator, rank
    return best


def read_rows(file: IO[bytes], encoding: Encoding, separator: str) -> Iterator[list[str]]:
    """Yield the file's rows; raises ``SheetError`` naming the row that cannot be read."""
    number = 0
    rows = _rows(file, encoding, separator)
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            code = "cell_too_long" if "field larger" in str(error) else "broken_quotes"
            raise SheetError(code, row=number, limit=MAX_CELL) from error
        except UnicodeError as error:
            raise SheetError("encoding", row=number) from error
        yield row


def _rows(file: IO[bytes], encoding: Encoding, separator: str) -> Iterator[list[str]]:
    file.seek(0)
    csv.field_size_limit(MAX_CELL)
    text = io.TextIOWrapper(file, encoding=encoding.name, newline="")
    try:
        yield from csv.reader(text, delimiter=separator, strict=True)
    finally:
        # The wrapper must not close the upload when it goes.
        text.detach()
