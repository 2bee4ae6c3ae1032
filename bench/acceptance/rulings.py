"""Reads customs rulings as case files: a description of goods and the code that customs gave it.

Tables (comma, semicolon or tab) and JSON (a list, an object that holds one, one object a line, or
description → code), packed with gzip or not. Columns are told by their names, else by what they
hold; conversations (``messages`` with ``role`` and ``content``) count as question and answer.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.compliance.hs.sources import UnreadableFileError, read_text

Record = Mapping[str, str]
_DESCRIPTIONS = (
    "description", "goodsdescription", "productdescription", "itemdescription", "merchandise",
    "product", "goods", "item", "text", "content", "query", "question", "prompt", "input", "user",
    "subject", "title", "name",
)  # fmt: skip
_CODES = (
    "code", "hscode", "hs6", "hs", "htscode", "hts", "hts10", "htsuscode", "htsus", "commoditycode",
    "tariffcode", "tariffno", "tariff", "hscode10", "subheading", "expected", "expectedcode", "gold",
    "label", "target", "answer", "output", "assistant",
)  # fmt: skip
_NAMES = ("ruling", "rulingnumber", "reference", "id", "number", "case")
# 6110.20.2075, 6110 20, 611020, 8471.30.0100; not part of a longer number.
_CODE = re.compile(r"(?<![\d.])(\d{4}[. ]?\d{2}(?:[. ]?\d{2}){0,3})(?![\d])")
_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Ruling:
    """One case: its name, the description, and the codes of six digits that count as right."""

    name: str
    description: str
    codes: frozenset[str]


def read_rulings(path: Path) -> list[Ruling]:
    """Return the cases of a file and print which columns were used.

    Rows without a description or without a code of six digits are counted and left out. Raises
    ``UnreadableFileError`` when no column holds codes or none holds descriptions.
    """
    records = _read_records(read_text(path), path)
    columns = list(dict.fromkeys(name for record in records for name in record))
    code = _choose(columns, _CODES, records, _is_code)
    text = _choose([name for name in columns if name != code], _DESCRIPTIONS, records, _is_text)
    if not code or not text:
        raise UnreadableFileError(
            f"{path.name}: no column holds {'HS codes' if not code else 'descriptions'}. Columns are"
            f" {', '.join(columns)[:300] or 'none'}; name them 'description' and 'code'."
        )
    named = _choose([name for name in columns if name not in {code, text}], _NAMES, [], _is_text)
    found = [
        Ruling(
            record.get(named, "") or f"row {number}",
            record.get(text, ""),
            _codes(record.get(code, "")),
        )
        for number, record in enumerate(records, 1)
    ]
    usable = [ruling for ruling in found if ruling.description.strip() and ruling.codes]
    left_out = len(found) - len(usable)
    print(
        f"{path.name}: description from {text!r}, code from {code!r}, {len(usable)} cases", end=""
    )
    print(f", {left_out} rows without one of them left out" if left_out else "")
    if not usable:
        raise UnreadableFileError(f"{path.name}: no row has a description and a code of 6 digits.")
    return usable


def _read_records(text: str, path: Path) -> list[Record]:
    if text.lstrip()[:1] in {"{", "["}:
        return [_flat(item) for item in _read_json(text, path)]
    csv.field_size_limit(sys.maxsize)
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if len(rows) < 2:
        raise UnreadableFileError(f"{path.name} has no rows below its header.")
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:] if any(row)]


def _read_json(text: str, path: Path) -> Sequence[object]:
    try:
        content = json.loads(text)
    except ValueError:
        try:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise UnreadableFileError(f"{path.name} is no JSON: {error}.") from None
    if isinstance(content, list):
        return content
    lists = [value for value in content.values() if isinstance(value, list)]
    if lists:
        return [item for value in lists for item in value]
    if all(isinstance(value, str | int) for value in content.values()):
        return [{"description": key, "code": value} for key, value in content.items()]
    return list(content.values())


def _flat(item: object) -> Record:
    if not isinstance(item, dict):
        return {"description": str(item)}
    if isinstance(item.get("messages"), list):
        said = [turn for turn in item["messages"] if isinstance(turn, dict)]
        return {str(turn.get("role", "")): str(turn.get("content", "")) for turn in said}
    return {
        str(key): "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in item.items()
        if value is not None
    }


def _choose(
    columns: Sequence[str],
    names: Sequence[str],
    records: Sequence[Record],
    fits: Callable[[str], bool],
) -> str:
    """Return the column with the best name whose values fit, else the one that fits best."""
    plain = {re.sub(r"[^a-z0-9]", "", column.casefold()): column for column in columns}
    for name in names:
        column = plain.get(name)
        if column is not None and (not records or _share(column, records, fits) > 0):
            return column
    best = max(columns, key=lambda column: _share(column, records, fits), default="")
    return best if records and best and _share(best, records, fits) >= _SHARE else ""


def _share(column: str, records: Sequence[Record], fits: Callable[[str], bool]) -> float:
    values = [record.get(column, "") for record in records]
    return sum(fits(value) for value in values) / len(values)


def _is_code(value: str) -> bool:
    return bool(_codes(value))


def _is_text(value: str) -> bool:
    return sum(letter.isalpha() for letter in value) >= 4


def _codes(value: str) -> frozenset[str]:
    """Return the subheadings named in a cell; a table program may have dropped a leading zero."""
    bare = value.strip().removesuffix(".0")
    if bare.isdigit() and len(bare) in {5, 7, 9}:
        bare = f"0{bare}"
    found = (re.sub(r"\D", "", code)[:6] for code in _CODE.findall(bare))
    return frozenset(code for code in found if not code.startswith("99"))
