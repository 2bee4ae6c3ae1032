"""Pure rules of the category tree: folding names, reading a taxonomy file line by line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SEPARATOR = " > "
MAX_DEPTH = 9
MAX_NAME = 120
MAX_PATH = 500
_HEAD = re.compile(r"^#\s*Google_Product_Taxonomy_Version:\s*(\S.*?)\s*$")
_LINE = re.compile(r"^(?P<code>\d{1,10})\s+-\s+(?P<path>\S.*)$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class TaxonomyRow:
    """One category of a file: its number, the names from the root down, and the parent's number."""

    line: int
    code: str
    names: tuple[str, ...]
    parent: str

    @property
    def path(self) -> str:
        """The names joined as the file joins them."""
        return SEPARATOR.join(self.names)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be used, and why, in English (a file is loaded by the platform's staff)."""

    line: int
    why: str

    def __str__(self) -> str:
        """Return both as one sentence."""
        return f"Line {self.line}: {self.why}"


@dataclass(slots=True)
class Taxonomy:
    """What a file says: its version, its categories in the file's order, and its bad lines."""

    version: str = ""
    rows: list[TaxonomyRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def fold_name(name: str) -> str:
    """Return a name as it is compared: one width, one case, single spaces, at most 120 characters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(folded.split())[:MAX_NAME].rstrip()


def split_path(text: str) -> tuple[str, ...]:
    """Return the folded names of a path such as ``A > B``; a single name is a path of one."""
    return tuple(name for part in text.split(">") if (name := fold_name(part)))


def read_taxonomy(lines: Iterable[str], *, is_tree: bool = True) -> Taxonomy:
    """Read the Google product taxonomy text format: a version line, then ``ID - A > B > C``.

    Every line after the head must name a new number and, for the file that makes the tree, a new
    path whose parent is in the file; files of other languages only add names to numbers. Nothing is
    dropped silently: a line that does not fit is a problem with its number.
    """
    read = Taxonomy()
    found: list[tuple[int, str, tuple[str, ...]]] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip().removeprefix("\ufeff")
        if not line:
            continue
        if line.startswith("#"):
            head = _HEAD.match(line)
            read.version = head[1][:40] if head else read.version
            continue
        parsed = _read_line(number, line)
        if isinstance(parsed, Problem):
            read.problems.append(parsed)
        else:
            found.append((number, *parsed))
    if not read.version:
        read.problems.insert(
            0, Problem(1, 'There is no head "# Google_Product_Taxonomy_Version: …".')
        )
    if is_tree:
        _connect(read, found)
    else:
        _collect(read, found)
    read.problems.sort(key=lambda problem: problem.line)
    return read


def _read_line(number: int, line: str) -> tuple[str, tuple[str, ...]] | Problem:
    match = _LINE.match(line)
    if match is None:
        return Problem(number, 'This is not of the form "ID - A > B > C".')
    names = tuple(part.strip() for part in match["path"].split(">"))
    if not all(names):
        return Problem(number, "A name in the path is empty.")
    if len(names) > MAX_DEPTH:
        return Problem(number, f"The path has more than {MAX_DEPTH} levels.")
    if max(map(len, names)) > MAX_NAME or len(SEPARATOR.join(names)) > MAX_PATH:
        return Problem(number, f"A name has at most {MAX_NAME}, a path {MAX_PATH} characters.")
    if _CONTROL.search(match["path"]):
        return Problem(number, "The path contains control characters.")
    return str(int(match["code"])), names


def _connect(read: Taxonomy, found: list[tuple[int, str, tuple[str, ...]]]) -> None:
    """Give each category its parent; the parent may stand anywhere in the file."""
    codes: dict[tuple[str, ...], str] = {}
    used: dict[str, int] = {}
    for number, code, names in found:
        if code in used:
            why = f"The number {code} came before, in line {used[code]}."
            read.problems.append(Problem(number, why))
        elif names in codes:
            read.problems.append(Problem(number, f"The path came before, as {codes[names]}."))
        else:
            used[code], codes[names] = number, code
    for names, code in codes.items():
        number, parent = used[code], codes.get(names[:-1], "")
        if len(names) > 1 and not parent:
            above = SEPARATOR.join(names[:-1])
            read.problems.append(Problem(number, f"The category above, “{above}”, is missing."))
        else:
            read.rows.append(TaxonomyRow(number, code, names, parent))


def _collect(read: Taxonomy, found: list[tuple[int, str, tuple[str, ...]]]) -> None:
    used: dict[str, int] = {}
    for number, code, names in found:
        if code in used:
            why = f"The number {code} came before, in line {used[code]}."
            read.problems.append(Problem(number, why))
        else:
            used[code] = number
            read.rows.append(TaxonomyRow(number, code, names, ""))


def lineages(rows: Iterable[TaxonomyRow]) -> dict[str, tuple[str, ...]]:
    """Return code → codes from the root down to it."""
    parents = {row.code: row.parent for row in rows}
    return {code: tuple(reversed(list(_upward(code, parents)))) for code in parents}


def _upward(code: str, parents: dict[str, str]) -> Iterator[str]:
    while code:
        yield code
        code = parents[code]
