"""Reads the public files an index is made of, in the layouts their publishers use."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
NOMENCLATURE, UK, UK_EXTRA, US, VAGUE = "nomenclature", "uk", "uk_extra", "us", "vague"
# Columns of a table → what it is, the column of the code, the column of the text.
_LAYOUTS = (
    ({"hscode", "description"}, NOMENCLATURE, "hscode", "description"),
    ({"hts8", "brief_description"}, US, "hts8", "brief_description"),
    ({"commodity code", "goods description"}, UK_EXTRA, "commodity code", "goods description"),
)
_ONE_COLUMN_SHARE = 0.8
_CODE = re.compile(r"\d{2,12}")


class UnreadableFileError(ValueError):
    """A file in none of the known layouts; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The rows of a file: (code of 2 to 6 digits, text), each once, in the order of the file."""

    source: str
    rows: tuple[tuple[str, str], ...]


def read_source(path: Path) -> SourceFile:
    """Return what a file holds, told by its columns, not by its name.

    Layouts: HS nomenclature (``hscode``, ``description``), US tariff lines (``hts8``,
    ``brief_description``), UK references (``Goods Description``, ``Commodity Code``; or JSON text →
    code), vague terms (one term a line, no code). All may be packed with gzip. Raises
    ``UnreadableFileError``.
    """
    text = read_text(path)
    found = _read_json(text, path) if text.lstrip()[:1] == "{" else _read_table(text)
    if not found.rows:
        raise UnreadableFileError(f"{path.name} has no row with a code and a text.")
    return found


def read_text(path: Path) -> str:
    """Return the text of a file (UTF-8, gzip told by its first bytes), at most 64 MiB unpacked."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"{path.name} is damaged gzip: {error}.") from None
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(f"{path.name} is larger than 64 MiB unpacked.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path.name} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None


def _read_json(text: str, path: Path) -> SourceFile:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UnreadableFileError(f"{path.name} is no JSON: {error}.") from None
    pairs = [
        (str(code), str(term)) for term, code in content.items() if isinstance(code, str | int)
    ]
    return SourceFile(UK, tuple(_clean(pairs, digits=6)))


def _read_table(text: str) -> SourceFile:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error as error:
        raise UnreadableFileError(f"The table cannot be read: {error}.") from None
    if not rows:
        return SourceFile(VAGUE, ())
    names = [name.strip().casefold() for name in rows[0]]
    for columns, source, code_name, text_name in _LAYOUTS:
        if columns <= set(names):
            at, told = names.index(code_name), names.index(text_name)
            pairs = [(row[at], row[told]) for row in rows[1:] if len(row) == len(names)]
            return SourceFile(source, tuple(_clean(pairs, digits=6)))
    if sum(len(row) == 1 for row in rows) >= _ONE_COLUMN_SHARE * len(rows):
        # Some publishers do not quote a term that has a comma.
        terms = dict.fromkeys(",".join(row).strip() for row in rows)
        return SourceFile(VAGUE, tuple(("", term) for term in terms if term))
    raise UnreadableFileError(
        f"No known layout: the columns are {', '.join(rows[0])[:200]}. Known are hscode + description,"
        " hts8 + brief_description, Goods Description + Commodity Code, one term a line, and JSON"
        " text → code."
    )


def _clean(pairs: list[tuple[str, str]], *, digits: int) -> Iterator[tuple[str, str]]:
    seen = set()
    for raw, term in pairs:
        code = raw.replace(".", "").replace(" ", "")
        row = (code[:digits], " ".join(term.split()))
        if _CODE.fullmatch(code) and len(code) != 3 and row[1] and row not in seen:
            seen.add(row)
            yield row
