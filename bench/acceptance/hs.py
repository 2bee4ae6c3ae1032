"""HS assistance on customs rulings: how often the right subheading is among the first ten.

A case passes when one of the ruling's subheadings (six digits) is among the ten candidates; a case
that the vague-term gate sends back is an abstention and does not pass. The index comes from the
folder named in ``HS_DATA``, else from the imported tables, else from the public files beside the
project, else from the portal's own guide alone, and the output says which.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, ProgrammingError

from apps.compliance.hs import selectors
from apps.compliance.hs.library import Library, build_library, read_folder
from apps.compliance.hs.sources import NOMENCLATURE, UnreadableFileError
from apps.compliance.hs.suggest import VAGUE, suggest
from bench.acceptance.case import CaseResult
from bench.acceptance.rulings import read_rulings

TOP = 10
# What is wanted without a language model, on rulings that are in none of the files of the index.
TARGETS = {"HS6@10": 0.40, "heading@10": 0.60}
_BESIDE = "../shared/data/public/hs"


class RulingResult(CaseResult):
    """A ruling's case: it passes when an expected code is among the candidates."""

    @property
    def passed(self) -> bool:
        """Whether an expected subheading is among the candidates."""
        return bool(set(self.expected) & set(self.actual))  # type: ignore[call-overload]


def run(case_file: Path) -> Iterator[CaseResult]:
    """Yield one case per ruling: expected subheadings and the ten candidates, none if abstained."""
    library = find_library()
    try:
        rulings = read_rulings(case_file)
    except UnreadableFileError as error:
        sys.exit(f"Cannot use this case file. {error}")
    for ruling in rulings:
        found = suggest(
            ruling.description, {}, library.index, listed=library.vague_terms, shown=TOP
        )
        codes = [candidate.code for candidate in found.candidates]
        part = "abstained" if found.outcome == VAGUE else "answered"
        name = f"{ruling.name}: {' '.join(ruling.description.split())[:90]}"
        yield RulingResult(name, sorted(ruling.codes), codes, part)


def summarize(results: Sequence[CaseResult]) -> tuple[dict[str, object], bool]:
    """Return the figures over all cases (abstentions count as misses), and whether targets are met."""
    pairs = [(_strings(case.expected), _strings(case.actual)) for case in results]
    count = len(pairs) or 1
    first = sum(bool(set(want) & set(got[:1])) for want, got in pairs)
    among = sum(bool(set(want) & set(got)) for want, got in pairs)
    heading = sum(bool(_prefixes(want) & _prefixes(got)) for want, got in pairs)
    index = find_library().index
    unknown = sum(all(code not in index.texts for code in want) for want, _got in pairs)
    figures: dict[str, object] = {
        "HS6@1": round(first / count, 4),
        "HS6@10": round(among / count, 4),
        "heading@10": round(heading / count, 4),
        "abstentions": sum(case.part == "abstained" for case in results),
        "codes_not_in_index": unknown,
        "index": index.version,
        "targets": TARGETS,
    }
    for name in ("HS6@1", "HS6@10", "heading@10", "abstentions"):
        print(f"{name:<12} {figures[name]}")
    is_met = among / count >= TARGETS["HS6@10"] and heading / count >= TARGETS["heading@10"]
    return figures, is_met


def _strings(value: object) -> list[str]:
    return list(map(str, value)) if isinstance(value, list) else []


def _prefixes(codes: Sequence[str]) -> set[str]:
    return {code[:4] for code in codes}


@lru_cache(maxsize=1)
def find_library() -> Library:
    """Return the library to measure with and print what it was made of."""
    named = os.environ.get("HS_DATA")
    beside = Path(settings.BASE_DIR) / _BESIDE
    if named:
        library, origin = read_folder(Path(named)), f"the files in {named}"
    elif tables := _read_tables():
        library, origin = tables, "the imported tables"
    elif beside.is_dir():
        library, origin = read_folder(beside), f"the files in {_BESIDE}"
    else:
        library, origin = build_library({}), ""
    if origin:
        print(
            f"Index from {origin}: {', '.join(library.origins)}; {len(library.index.codes)} codes"
        )
    else:
        print("!" * 78)
        print("! No HS nomenclature: neither imported (manage.py import_hs) nor named in HS_DATA.")
        print(
            "! Measured with the portal's own short guide alone: codes outside it cannot be found."
        )
        print("!" * 78)
    return library


def _read_tables() -> Library | None:
    try:
        if selectors.find_active_load(NOMENCLATURE) is None:
            return None
        return selectors.get_library()
    except (OperationalError, ProgrammingError):
        return None
