"""Reads of the category tree, of the attribute rules, and of merchants' mappings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import get_language

from apps.catalog.attribute_rules import AttributeSpec, inherit
from apps.catalog.category_rules import fold_name, split_path
from apps.catalog.models import AttributeRule, Category, CategoryMapping, CategoryName
from apps.merchants.models import Merchant

SEARCH_LIMIT = 50


@dataclass(frozen=True, slots=True)
class ShownCategory:
    """A category in the reader's language."""

    code: str
    name: str
    path: str
    depth: int
    is_leaf: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A category for a merchant's own name: ``remembered``, ``equal`` or ``similar``."""

    category: ShownCategory
    reason: str


def get_category(code: str) -> Category:
    """Return a category that is in use; raises ``Category.DoesNotExist``."""
    return Category.objects.get(code=code, is_active=True)


def search_categories(query: str, *, limit: int = SEARCH_LIMIT) -> list[ShownCategory]:
    """Return categories in use whose number is ``query`` or whose path contains each of its words.

    Paths in English and in the reader's language count. Names that begin with the query come first,
    then shallow before deep. Two statements.
    """
    text = query.strip()
    words = text.split()[:6]
    if not words:
        return []
    found = Category.objects.filter(is_active=True)
    translated = CategoryName.objects.filter(language__in=_languages())
    own, other = Q(), Q()
    for word in words:
        own &= Q(path__icontains=word)
        other &= Q(path__icontains=word)
    hits = found.filter(Q(code=text) | own | Q(pk__in=translated.filter(other).values("category")))
    rows = [shown_category(item) for item in with_names(hits).order_by("depth", "path", "pk")[:400]]
    folded = fold_name(text)
    rows.sort(key=lambda row: (row.code != text, not fold_name(row.name).startswith(folded)))
    return rows[:limit]


def with_names(categories: QuerySet[Category]) -> QuerySet[Category]:
    """Return the categories with their names in the reader's language prefetched."""
    names = CategoryName.objects.filter(language__in=_languages())
    return categories.prefetch_related(Prefetch("names", queryset=names))


def shown_category(category: Category) -> ShownCategory:
    """Return a category in the reader's language; its ``names`` should be prefetched."""
    wanted = _languages()
    local = next((item for item in category.names.all() if item.language in wanted), None)
    return ShownCategory(
        category.code,
        local.name if local else category.name,
        local.path if local else category.path,
        category.depth,
        category.is_leaf,
        category.is_active,
    )


def list_specs(category: Category | None) -> list[AttributeSpec]:
    """Return the attribute rules that hold for a category, its ancestors' included (one statement)."""
    if category is None:
        return []
    rules = AttributeRule.objects.filter(
        category__code__in=category.lineage.split("/"), is_active=True
    )
    rows = rules.select_related("category").order_by("category__depth", "pk")
    return inherit(
        [spec_of(rule) for rule in level]
        for _depth, level in groupby(rows, key=lambda rule: rule.category.depth)
    )


def spec_of(rule: AttributeRule) -> AttributeSpec:
    """Return a stored rule as the pure rules take it, its label in the reader's language."""
    label = next((rule.labels[name] for name in _languages() if name in rule.labels), rule.label)
    return AttributeSpec(
        key=rule.key,
        kind=rule.kind,
        label=label,
        unit=rule.unit,
        is_required=rule.is_required,
        markets=tuple(rule.markets),
        choices=tuple(rule.choices),
        min_value=rule.min_value,
        max_value=rule.max_value,
        min_length=rule.min_length,
        max_length=rule.max_length,
        pattern=rule.pattern,
        basis=rule.basis,
        category=rule.category.code,
    )


def find_equal(own_names: Iterable[str]) -> dict[str, Category]:
    """Return own name → the one category in use that is called the same, in any language.

    An own name may be a single name or a whole path (``A > B``). Names that several categories share
    are left out unless the path tells them apart. Two statements, none without names.
    """
    paths = {name: split_path(name) for name in own_names}
    keys = {path[-1] for path in paths.values() if path}
    if not keys:
        return {}
    found: dict[str, dict[int, tuple[Category, set[tuple[str, ...]]]]] = {}
    for category in Category.objects.filter(name_key__in=keys, is_active=True):
        _note(found, category.name_key, category, category.path)
    translated = CategoryName.objects.filter(name_key__in=keys, category__is_active=True)
    for row in translated.select_related("category"):
        _note(found, row.name_key, row.category, row.path)
    equal = {name: _only(found.get(path[-1], {}), path) for name, path in paths.items() if path}
    return {name: category for name, category in equal.items() if category is not None}


def list_mappings(merchant: Merchant, own_names: Collection[str]) -> dict[str, CategoryMapping]:
    """Return folded own name → what the merchant's mapping says (one statement, none without names)."""
    keys = {key for name in own_names if (key := fold_name(name))}
    if not keys:
        return {}
    rows = CategoryMapping.objects.filter(merchant=merchant, own_key__in=keys)
    return {row.own_key: row for row in rows.select_related("category")}


def propose(merchant: Merchant, own_name: str, *, limit: int = 6) -> list[Proposal]:
    """Return categories for an own name, the surest first: remembered, equal, then similar ones."""
    name = own_name.strip()
    if not name:
        return []
    rows: dict[str, Proposal] = {}
    remembered = list_mappings(merchant, [name]).get(fold_name(name))
    if remembered is not None and remembered.category.is_active:
        _add(rows, remembered.category, "remembered")
    equal = find_equal([name]).get(name)
    if equal is not None:
        _add(rows, equal, "equal")
    last = name.rpartition(">")[2].strip()
    for similar in search_categories(last, limit=limit):
        rows.setdefault(similar.code, Proposal(similar, "similar"))
    return list(rows.values())[:limit]


def _add(rows: dict[str, Proposal], category: Category, reason: str) -> None:
    if category.code not in rows:
        rows[category.code] = Proposal(shown_category(category), reason)


def _languages() -> tuple[str, ...]:
    """Return the names under which the reader's language may be stored; none for English."""
    language = (get_language() or "en").lower()
    if language.startswith("en"):
        return ()
    return (language, language.split("-")[0])


def _note(
    found: dict[str, dict[int, tuple[Category, set[tuple[str, ...]]]]],
    key: str,
    category: Category,
    path: str,
) -> None:
    _category, paths = found.setdefault(key, {}).setdefault(category.pk, (category, set()))
    paths.add(split_path(path))


def _only(
    named: dict[int, tuple[Category, set[tuple[str, ...]]]], path: tuple[str, ...]
) -> Category | None:
    fitting = [
        category
        for category, paths in named.values()
        if len(path) == 1 or any(known[-len(path) :] == path for known in paths)
    ]
    exact = [category for category, paths in named.values() if path in paths]
    chosen = exact if len(exact) == 1 else fitting
    return chosen[0] if len(chosen) == 1 else None
