"""Walking posting lists: the newest products that have all tokens, at a price that has a limit.

Every statement names the merchant itself. The work of one page is bounded whatever the size of the
catalog: counting stops at ``COUNT_LIMIT``, a common beginning is followed through at most
``MAX_WORDS`` words, and lists that are both long are looked through ``WINDOW`` products at a time.
"""

# ruff: noqa: S608 - the statements are put together from constants and whole numbers only.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from apps.catalog.models import SearchToken
from apps.catalog.search.words import Term

COUNT_LIMIT = 1000
MAX_WORDS = 16
WINDOW = 5000
PINNED = 10
_TABLE = SearchToken._meta.db_table
# Behind every character a token can go on with.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page starts: behind a product (0: at the first), or before it going back."""

    product_id: int = 0
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many products have each term, at most ``COUNT_LIMIT`` + 1, and which have the code."""

    of: dict[Term, int]
    pinned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """Products found, the newest first; ``rest`` is where the looking stopped (0: at the end)."""

    ids: list[int]
    rest: int = 0


@dataclass(frozen=True, slots=True)
class _Sql:
    text: str
    parameters: tuple[str | int, ...] = ()


def count_terms(merchant_id: int, terms: Sequence[Term], *, code: str = "") -> Counts:
    """Return how many products have each term, and the newest with the code, in one statement."""
    parts = [
        _counted(index, _posting(merchant_id, term), COUNT_LIMIT + 1)
        for index, term in enumerate(terms)
    ]
    if code:
        listed = _posting(merchant_id, Term(code))
        inner = f"SELECT t.product_id FROM {listed.text} ORDER BY t.product_id DESC LIMIT {PINNED}"
        text = f"SELECT -1 AS n, p.product_id AS c FROM ({inner}) AS p"
        parts.append(_Sql(text, listed.parameters))
    if not parts:
        return Counts({})
    rows = _rows(_union(parts))
    return Counts(
        {terms[index]: count for index, count in rows if index >= 0},
        tuple(sorted((key for index, key in rows if index < 0), reverse=True)),
    )


def list_beginning(merchant_id: int, beginning: str, *, limit: int = MAX_WORDS) -> list[str]:
    """Return the first ``limit`` tokens that begin like this, in their order.

    One statement per token, each of which reads one row: MariaDB reads every entry of every token
    when it is asked for the different ones at once.
    """
    text = (
        f"SELECT t.token FROM {_TABLE} AS t WHERE t.merchant_id = %s AND t.token {{over}} %s"
        " AND t.token < %s ORDER BY t.token LIMIT 1"
    )
    found: list[str] = []
    with connection.cursor() as cursor:
        while len(found) < limit:
            start, over = (found[-1], ">") if found else (beginning, ">=")
            cursor.execute(text.format(over=over), (merchant_id, start, beginning + _LAST))
            row = cursor.fetchone()
            if row is None:
                break
            found.append(row[0])
    return found


def walk(
    merchant_id: int,
    terms: Sequence[Term],
    counts: Counts,
    position: Position,
    *,
    limit: int,
    extra: str = "",
    window: int = WINDOW,
) -> Walk:
    """Return at most ``limit`` products that have all terms, newest first, from a position on.

    The rarest term leads; the others are asked per product. ``extra`` is a further condition on
    ``t.product_id`` in SQL without parameters. One statement; one more when even the rarest term is
    common, and one per word that such a beginning has.
    """
    if not terms:
        return Walk([])
    lead = min(terms, key=lambda term: (counts.of.get(term, COUNT_LIMIT + 1), term.is_beginning))
    others = [term for term in terms if term != lead]
    is_common = counts.of.get(lead, COUNT_LIMIT + 1) > COUNT_LIMIT
    rest = 0
    if is_common and lead.is_beginning:
        words = list_beginning(merchant_id, lead.text)
        parts = [_page(merchant_id, Term(word), others, position, limit, extra) for word in words]
        found = _rows(_merged(parts, position, limit)) if parts else []
    else:
        if is_common and (others or extra):
            rest = _window_end(merchant_id, lead, position, window)
        found = _rows(_page(merchant_id, lead, others, position, limit, extra, rest))
    ids = [key for key, _one in found]
    return Walk(sorted(ids, reverse=True), rest if len(ids) < limit else 0)


def _posting(merchant_id: int, term: Term) -> _Sql:
    """Return the rows of a term as ``table AS t WHERE …``."""
    head = f"{_TABLE} AS t WHERE t.merchant_id = %s AND "
    if term.is_beginning:
        return _Sql(
            f"{head}t.token >= %s AND t.token < %s", (merchant_id, term.text, term.text + _LAST)
        )
    return _Sql(f"{head}t.token = %s", (merchant_id, term.text))


def _counted(index: int, listed: _Sql, limit: int) -> _Sql:
    inner = f"SELECT t.product_id FROM {listed.text} LIMIT {limit}"
    return _Sql(
        f"SELECT {index} AS n, COUNT(*) AS c FROM ({inner}) AS x",
        listed.parameters,
    )


def _page(
    merchant_id: int,
    lead: Term,
    others: Sequence[Term],
    position: Position,
    limit: int,
    extra: str = "",
    until: int = 0,
) -> _Sql:
    listed = _posting(merchant_id, lead)
    where = [listed.text]
    parameters: list[str | int] = list(listed.parameters)
    after, before = (">", "<") if position.is_back else ("<", ">")
    if position.product_id:
        where.append(f"t.product_id {after} {int(position.product_id)}")
    if until:
        where.append(f"t.product_id {before}= {int(until)}")
    for term in others:
        has = "o.token >= %s AND o.token < %s" if term.is_beginning else "o.token = %s"
        where.append(
            # Not EXISTS: that may be turned into a join which starts at the other list.
            f"(SELECT 1 FROM {_TABLE} AS o WHERE o.product_id = t.product_id AND {has} LIMIT 1) = 1"
        )
        parameters += [term.text, term.text + _LAST] if term.is_beginning else [term.text]
    where += [extra] if extra else []
    distinct = "DISTINCT " if lead.is_beginning else ""
    order = "ASC" if position.is_back else "DESC"
    text = (
        f"SELECT {distinct}t.product_id, 1 FROM {' AND '.join(where)}"
        f" ORDER BY t.product_id {order} LIMIT {int(limit)}"
    )
    return _Sql(text, tuple(parameters))


def _merged(parts: Sequence[_Sql], position: Position, limit: int) -> _Sql:
    """Return the first ``limit`` products of several pages."""
    pages = _union(
        [
            _Sql(f"SELECT * FROM ({part.text}) AS p{n}", part.parameters)
            for n, part in enumerate(parts)
        ]
    )
    order = "ASC" if position.is_back else "DESC"
    return _Sql(
        f"SELECT DISTINCT product_id, 1 FROM ({pages.text}) AS m"
        f" ORDER BY product_id {order} LIMIT {int(limit)}",
        pages.parameters,
    )


def _window_end(merchant_id: int, lead: Term, position: Position, window: int) -> int:
    """Return the last product to look at on this page; 0 when the list ends before."""
    page = _page(merchant_id, lead, (), position, 1)
    rows = _rows(_Sql(f"{page.text} OFFSET {int(window) - 1}", page.parameters))
    return rows[0][0] if rows else 0


def _union(parts: Sequence[_Sql]) -> _Sql:
    return _Sql(
        " UNION ALL ".join(part.text for part in parts),
        tuple(value for part in parts for value in part.parameters),
    )


def _rows(sql: _Sql) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.parameters)
        return list(cursor.fetchall())
