"""Tables as files for spreadsheets: CSV and XLSX, written row by row, with no cell that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | Decimal
# Excel reads UTF-8 only with the mark; without it Chinese text is garbled.
BYTE_ORDER_MARK = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def defuse(text: str) -> str:
    """Return text that no spreadsheet runs as a formula; ``restore`` takes the mark off again."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def restore(text: str) -> str:
    """Return the text that ``defuse`` was given."""
    is_marked = text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS)
    return text[1:] if is_marked else text


def csv_line(cells: Iterable[Cell]) -> str:
    """Return one line of a CSV file; numbers are written plainly, text is made harmless."""
    out = io.StringIO()
    row = [defuse(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(out, lineterminator="\r\n").writerow(row)
    return out.getvalue()


class CsvWriter:
    """Writes rows into a CSV file in UTF-8 with the mark that Excel needs."""

    def __init__(self, target: IO[bytes], header: Sequence[str]) -> None:
        """Start the file with its header."""
        self._target = target
        target.write((BYTE_ORDER_MARK + csv_line(header)).encode())

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""
        self._target.write("".join(map(csv_line, rows)).encode())

    def close(self) -> None:
        """Finish the file; the target stays open."""


class XlsxWriter:
    """Writes rows into an XLSX file through a temporary one: memory stays flat."""

    def __init__(self, target: IO[bytes], header: Sequence[str]) -> None:
        """Start the sheet with its header, in bold and always in sight."""
        self._target = target
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Sheet1")
        self._sheet.freeze_panes = "A2"
        cells = [WriteOnlyCell(self._sheet, value=defuse(name)) for name in header]
        for cell in cells:
            cell.font = Font(bold=True)
        self._sheet.append(cells)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows; text stays text, so that no zero in front is lost."""
        for row in rows:
            self._sheet.append([defuse(cell) if isinstance(cell, str) else cell for cell in row])

    def close(self) -> None:
        """Write the file into the target."""
        self._book.save(self._target)


Writer = CsvWriter | XlsxWriter


def open_writer(kind: str, target: IO[bytes], header: Sequence[str]) -> Writer:
    """Return the writer of a format, ``csv`` or ``xlsx``."""
    return XlsxWriter(target, header) if kind == XLSX else CsvWriter(target, header)


def suffix_of(name: str) -> str:
    """Return a file name's ending in small letters without its dot."""
    return Path(name).suffix.lower().removeprefix(".")
