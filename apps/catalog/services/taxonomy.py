"""Loading the category tree from a taxonomy file, and its names in other languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction

from apps.catalog import events
from apps.catalog.category_rules import (
    Problem,
    Taxonomy,
    TaxonomyRow,
    fold_name,
    lineages,
    read_taxonomy,
)
from apps.catalog.models import Category, CategoryName
from apps.common.db import retry_transaction, upsert
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_BYTES = 20 * 1024 * 1024
MAX_LOSS = 0.05
_SHOWN = 20
_CHUNK = 500
_TREE = ("name", "name_key", "path", "lineage", "depth", "is_leaf", "is_active", "version")
_NAME = ("name", "name_key", "path")


@dataclass(frozen=True, slots=True)
class TaxonomyLoad:
    """What a load did, in categories (or in names, for a file of another language)."""

    version: str
    total: int
    added: int = 0
    changed: int = 0
    retired: int = 0

    @property
    def is_change(self) -> bool:
        """Whether anything is different now."""
        return bool(self.added or self.changed or self.retired)


@retry_transaction
def import_categories(
    path: Path,
    *,
    language: str = "en",
    source: str = "google",
    accept_loss: bool = False,
    actor: Actor,
    now: datetime,
) -> TaxonomyLoad:
    """Load a file in the Google product taxonomy format, whole or not at all.

    The English file makes the tree: new categories come, changed ones change, those that are gone
    become inactive (products keep them). A file of another language adds names to known numbers.
    The same file again changes nothing. Raises 422 ``catalog.taxonomy`` with the numbers of the bad
    lines, and 409 ``catalog.taxonomy_loss`` when over 5 % of the tree would go.
    """
    read = read_taxonomy(_read_lines(path), is_tree=language == "en")
    if not read.rows and not read.problems:
        read.problems.append(Problem(1, "There are no categories in this file."))
    _refuse(read.problems)
    with transaction.atomic():
        if language == "en":
            load = _load_tree(read, source, accept_loss=accept_loss, now=now)
        else:
            load = _load_names(read, language)
        if load.is_change:
            facts: dict[str, journal.Json] = {
                "language": language,
                "version": load.version,
                "added": load.added,
                "changed": load.changed,
                "retired": load.retired,
            }
            fact = journal.Fact(events.CATEGORIES_LOADED, "category", source, facts)
            journal.record_many([fact], tenant_id=journal.PLATFORM, actor=actor, now=now)
    return load


def _read_lines(path: Path) -> list[str]:
    if path.stat().st_size > MAX_BYTES:
        raise _error([Problem(1, "The file has over 20 MB; this is no taxonomy.")])
    try:
        return path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _error([Problem(1, "The file is not UTF-8 text.")]) from error


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise _error(problems)


def _error(problems: list[Problem]) -> DomainError:
    told = [str(problem) for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        told.append(f"And {len(problems) - _SHOWN} more.")
    fields = {f"line {problem.line}": problem.why for problem in problems[:_SHOWN]}
    return DomainError("catalog.taxonomy", "\n".join(told), status=422, fields=fields)


def _load_tree(read: Taxonomy, source: str, *, accept_loss: bool, now: datetime) -> TaxonomyLoad:
    known = {item.code: item for item in Category.objects.select_for_update().order_by("pk")}
    codes = {row.code for row in read.rows}
    foreign = [row for row in read.rows if row.code in known and known[row.code].source != source]
    _refuse([Problem(row.line, f"The number {row.code} is of another source.") for row in foreign])
    active = [item for item in known.values() if item.source == source and item.is_active]
    gone = [item.pk for item in active if item.code not in codes]
    if gone and len(gone) > MAX_LOSS * len(active) and not accept_loss:
        raise DomainError(
            "catalog.taxonomy_loss",
            f"{len(gone)} of {len(active)} categories are not in this file. Nothing was changed."
            " Run again with --accept-loss if that is right.",
        )
    load = _write_levels(read, known, source)
    for start in range(0, len(gone), _CHUNK):
        Category.objects.filter(pk__in=gone[start : start + _CHUNK]).update(
            is_active=False, updated_at=now
        )
    return replace(load, retired=len(gone))


def _write_levels(read: Taxonomy, known: dict[str, Category], source: str) -> TaxonomyLoad:
    """Write new and changed categories level by level: a parent has its key before its children."""
    keys = {code: item.pk for code, item in known.items()}
    above, inner = lineages(read.rows), {row.parent for row in read.rows}
    added = changed = 0
    for depth in range(1, 1 + max(len(row.names) for row in read.rows)):
        fresh = [
            _category(row, "/".join(above[row.code]), row.code not in inner, read.version, source)
            for row in read.rows
            if len(row.names) == depth
        ]
        for item, row in zip(fresh, (r for r in read.rows if len(r.names) == depth), strict=True):
            item.parent_id = keys[row.parent] if row.parent else None
        due = [item for item in fresh if _differs(item, known.get(item.code))]
        columns = [*_TREE, "parent", "updated_at"]
        upsert(Category, due, unique_fields=["code"], update_fields=columns, batch_size=_CHUNK)
        new = [item.code for item in due if item.code not in known]
        keys.update(_keys_of(new))
        added, changed = added + len(new), changed + len(due) - len(new)
    return TaxonomyLoad(read.version, len(read.rows), added, changed)


def _keys_of(codes: list[str]) -> Iterable[tuple[str, int]]:
    for start in range(0, len(codes), _CHUNK):
        rows = Category.objects.filter(code__in=codes[start : start + _CHUNK])
        yield from rows.values_list("code", "pk")


def _category(row: TaxonomyRow, lineage: str, is_leaf: bool, version: str, source: str) -> Category:
    return Category(
        code=row.code,
        name=row.names[-1],
        name_key=fold_name(row.names[-1]),
        path=row.path,
        lineage=lineage,
        depth=len(row.names),
        is_leaf=is_leaf,
        is_active=True,
        source=source,
        version=version,
    )


def _differs(item: Category, known: Category | None) -> bool:
    return known is None or any(
        getattr(item, name) != getattr(known, name) for name in (*_TREE, "parent_id")
    )


def _load_names(read: Taxonomy, language: str) -> TaxonomyLoad:
    keys = dict(Category.objects.values_list("code", "pk"))
    _refuse(
        [
            Problem(row.line, f"There is no category {row.code}. Load the English file first.")
            for row in read.rows
            if row.code not in keys
        ]
    )
    known = {
        item.category_id: item
        for item in CategoryName.objects.select_for_update()
        .filter(language=language)
        .order_by("pk")
    }
    rows = [
        CategoryName(
            category_id=keys[row.code],
            language=language,
            name=row.names[-1],
            name_key=fold_name(row.names[-1]),
            path=row.path,
        )
        for row in read.rows
    ]
    due = [row for row in rows if _reads_otherwise(row, known.get(row.category_id))]
    upsert(
        CategoryName,
        due,
        unique_fields=["category", "language"],
        update_fields=_NAME,
        batch_size=_CHUNK,
    )
    added = sum(row.category_id not in known for row in due)
    return TaxonomyLoad(read.version, len(rows), added, len(due) - added)


def _reads_otherwise(row: CategoryName, known: CategoryName | None) -> bool:
    return known is None or any(getattr(row, name) != getattr(known, name) for name in _NAME)
