"""The staged rows of a sheet, in chunks that can be gone on with at a byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import orjson

from apps.imports.cells import Cell

CHUNK = 1000
# Rows of one product stay in one chunk, up to this many.
MAX_GROUP = 500
Grouper = Callable[[list[Cell]], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place among the rows, its number in the sheet, its cells, where it ends."""

    index: int
    number: int
    cells: list[Cell]
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are applied together; ``end`` is the byte after the last of them."""

    rows: list[Row]

    @property
    def end(self) -> int:
        """Where the next chunk starts in the file."""
        return self.rows[-1].end


def no_group(_cells: list[Cell]) -> str:
    """Say that rows stand alone."""
    return ""


def read_chunks(
    file: IO[bytes], *, group_of: Grouper = no_group, index: int = 0, offset: int = 0
) -> Iterator[Chunk]:
    """Yield the rows from row ``index`` at byte ``offset`` on, about a thousand at a time.

    Rows that ``group_of`` gives the same word one after another are not parted.
    """
    file.seek(offset)
    rows: list[Row] = []
    last, run = "", 0
    for line in file:
        number, *cells = orjson.loads(line)
        group = group_of(cells)
        is_same = bool(group) and group == last and run < MAX_GROUP
        run = run + 1 if is_same else 1
        if len(rows) >= CHUNK and not is_same:
            yield Chunk(rows)
            rows = []
        offset += len(line)
        rows.append(Row(index, number, cells, offset))
        index += 1
        last = group
    if rows:
        yield Chunk(rows)
