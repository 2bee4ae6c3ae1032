"""Indexes made of what is there: imported tables, a folder of public files, or the own guide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apps.compliance.hs import sources
from apps.compliance.hs.gate import plain_term
from apps.compliance.hs.guide import guide_nomenclature, guide_references
from apps.compliance.hs.index import Index, Reference

Rows = Iterable[tuple[str, str]]
_REFERENCE_SOURCE = {sources.UK: "uk", sources.UK_EXTRA: "uk", sources.US: "us"}


@dataclass(frozen=True, slots=True)
class Library:
    """An index, the official vague terms, and what both were made of."""

    index: Index
    vague_terms: frozenset[str]
    origins: tuple[str, ...]


def build_library(content: Mapping[str, Rows]) -> Library:
    """Build from source → rows; without a nomenclature the portal's own guide stands in for it."""
    nomenclature = dict(content.get(sources.NOMENCLATURE, ()))
    references = list(guide_references())
    for source, kind in _REFERENCE_SOURCE.items():
        for code, text in content.get(source, ()):
            references.append(Reference(code, text, kind))
    terms = frozenset(plain_term(text) for _code, text in content.get(sources.VAGUE, ()))
    texts = nomenclature or guide_nomenclature()
    return Library(Index(texts, references), terms, ("guide", *sorted(content)))


def read_folder(folder: Path) -> Library:
    """Build from every readable public file in a folder; files of other layouts are left out.

    Raises ``sources.UnreadableFileError`` when the folder holds no nomenclature.
    """
    content: dict[str, Rows] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            try:
                found = sources.read_source(path)
            except sources.UnreadableFileError:
                continue
            content[found.source] = found.rows
    if sources.NOMENCLATURE not in content:
        raise sources.UnreadableFileError(f"{folder} holds no HS nomenclature.")
    return build_library(content)
