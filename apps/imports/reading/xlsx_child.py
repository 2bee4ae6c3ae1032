"""Turn a workbook into lines of JSON, in a process of its own with little memory.

``python -m apps.imports.reading.xlsx_child WORKBOOK ROWS MEMORY SECONDS MAX_ROWS MAX_COLUMNS``.
Prints one line of JSON: the header and counts, or the code of what is wrong. A sheet that claims
to be immense makes this process end, never the worker that started it.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
from pathlib import Path
from typing import Any

# Beside the rows: how many of a hundred parts are read; opening the workbook is half of the work.
PART_SUFFIX = ".part"
_STEP_ROWS = 5000


def main(arguments: list[str]) -> int:
    """Read the first sheet of a workbook into a file and print what was found."""
    source, target, memory, seconds, max_rows, max_columns = arguments
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(source)
        names = list(book.sheet_names)
        if not names:
            return _answer({"error": "no_rows"})
        answer = _convert(book.get_sheet_by_index(0), target, int(max_rows), int(max_columns))
    except (CalamineError, OSError, ValueError, MemoryError) as error:
        return _answer({"error": "broken_workbook", "facts": {"why": type(error).__name__}})
    return _answer({**answer, "sheet": names[0], "sheets": len(names)})


def _convert(sheet: Any, target: str, max_rows: int, max_columns: int) -> dict[str, Any]:
    import orjson

    header: list[str] | None = None
    count = empty = 0
    # Rows above and columns before the first cell are left out of what the library yields.
    top, left = sheet.start or (0, 0)
    part, height = Path(target).with_suffix(PART_SUFFIX), max(1, sheet.total_height)
    part.write_text("50")
    with open(target, "wb") as out:
        for number, cells in enumerate(sheet.iter_rows(), start=top + 1):
            if cells.count("") == len(cells):
                empty += 1
                continue
            row = [None] * left + cells if left else cells
            if header is None:
                if len(row) > max_columns:
                    return {"error": "too_many_columns", "facts": {"limit": max_columns}}
                header = ["" if cell is None else _name(cell) for cell in row]
                continue
            count += 1
            if count > max_rows:
                return {"error": "too_many_rows", "facts": {"limit": max_rows}}
            if not count % _STEP_ROWS:
                part.write_text(str(50 + 50 * number // height))
            out.write(orjson.dumps([number, *row], _date, orjson.OPT_PASSTHROUGH_DATETIME) + b"\n")
    return {"header": header or [], "rows": count, "empty": empty}


def _date(cell: Any) -> dict[str, str]:
    """Mark what a spreadsheet keeps as a moment or a span of time."""
    if isinstance(cell, datetime.date | datetime.time):
        return {"date": cell.isoformat()}
    return {"date": str(cell)}


def _name(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _answer(answer: dict[str, Any]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
