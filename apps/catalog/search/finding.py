"""Pages of products found by text and facets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.catalog.models import SearchToken
from apps.catalog.search.walk import WINDOW, Counts, Position, Walk, count_terms, walk
from apps.catalog.search.words import Term, read_query
from apps.common.pagination import decode_cursor, encode_cursor
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: text, tokens of facets, and a condition in SQL on ``t.product_id``.

    The condition is a constant of the caller, never anything typed. ``window`` is how many
    products one page looks through at most when nothing rarer leads.
    """

    text: str = ""
    facets: tuple[str, ...] = ()
    condition: str = ""
    window: int = WINDOW
    puts_exact_first: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """Keys of products in the order to show them, cursors of the neighbours, counts of tokens.

    A page may hold fewer keys than asked for, even none, and still have a next cursor: the rest of
    a long list is looked through on the following pages.
    """

    ids: list[int]
    next_cursor: str = ""
    previous_cursor: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def find_products(
    merchant: Merchant,
    wanted: Wanted,
    *,
    cursor: str = "",
    size: int = 50,
    also: Sequence[str] = (),
) -> Found:
    """Return a page of products that have every word and facet: an exact SKU or GTIN first, then the newest.

    ``also`` names facet tokens to count in the same statement (at most 1,000 each). Two statements;
    one more for words that most products have, one per word (at most 16) for such a beginning, one
    for an exact code together with facets.
    Text without any letter or digit finds nothing. Raises 400 for a cursor that is not ours.
    """
    query = read_query(wanted.text)
    facets = tuple(Term(token) for token in wanted.facets)
    terms = tuple(dict.fromkeys((*query.terms, *facets)))
    asked = dict.fromkeys((*(terms if len(terms) > 1 or query.terms else ()), *map(Term, also)))
    code = query.code if wanted.puts_exact_first else ""
    counts = count_terms(merchant.pk, list(asked), code=code)
    told = {token: counts.of[Term(token)] for token in also}
    if wanted.text.strip() and not query.terms:
        return Found([], counts=told)
    pinned = _allowed(counts.pinned, wanted)
    search = _Search(merchant.pk, terms, counts, wanted, size)
    return search.page(_read(cursor), pinned, told)


@dataclass(frozen=True, slots=True)
class _Search:
    merchant_id: int
    terms: tuple[Term, ...]
    counts: Counts
    wanted: Wanted
    size: int

    def page(self, position: Position, pinned: list[int], told: dict[str, int]) -> Found:
        step = self._walk(position)
        if position.is_back and not step.rest and len(step.ids) <= self.size:
            # Back at the beginning: show the first page whole, with the exact hits on top.
            position = Position()
            step = self._walk(position)
        if position.is_back:
            return self._back(step, set(pinned), told)
        shown = [] if position.product_id else pinned
        others = [key for key in step.ids if key not in set(pinned)]
        rows = others[: self.size - len(shown)]
        following = step.rest
        if len(rows) < len(others):
            # A page that the exact hits fill alone goes on before the first of the others.
            following = rows[-1] if rows else others[0] + 1
        return Found(
            [*shown, *rows],
            _cursor(following),
            _cursor(rows[0], is_back=True) if position.product_id and rows else "",
            told,
        )

    def _back(self, step: Walk, pinned: set[int], told: dict[str, int]) -> Found:
        kept = [key for key in step.ids[-self.size :] if key not in pinned]
        before = kept[0] if kept and len(step.ids) > self.size else step.rest
        return Found(
            kept,
            _cursor(kept[-1]) if kept else "",
            _cursor(before, is_back=True) if before else "",
            told,
        )

    def _walk(self, position: Position) -> Walk:
        return walk(
            self.merchant_id,
            self.terms,
            self.counts,
            position,
            limit=self.size + 1,
            extra=self.wanted.condition,
            window=self.wanted.window,
        )


def _allowed(pinned: Sequence[int], wanted: Wanted) -> list[int]:
    """Return the exact hits that have every facet; none when a condition decides."""
    if not pinned or wanted.condition:
        return []
    if not wanted.facets:
        return list(pinned)
    has = SearchToken.objects.filter(product_id__in=pinned, token__in=wanted.facets)
    known = list(has.values_list("product_id", flat=True))
    return [key for key in pinned if known.count(key) == len(set(wanted.facets))]


def _read(cursor: str) -> Position:
    if not cursor:
        return Position()
    _value, key, is_back = decode_cursor(cursor, is_time=False)
    return Position(key, is_back)


def _cursor(key: int, *, is_back: bool = False) -> str:
    return encode_cursor(key, key, backwards=is_back) if key else ""
