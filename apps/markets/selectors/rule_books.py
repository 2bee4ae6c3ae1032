"""Reads of the rule book: which rows apply on a day, compiled and kept per version of the book."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q

from apps.common.errors import DomainError
from apps.markets.dated import IN_FORCE
from apps.markets.landed.book import Book, compile_book
from apps.markets.landed.rows import PENDING, Row, countries_of, markets_of, part, text
from apps.markets.landed.sale import Rate
from apps.markets.models import LandedQuote, RuleRow, RuleStatus
from apps.markets.selectors.rates import find_rate

BookVersion = tuple[object, ...]
_ONE = Decimal(1)


class DatedBook(NamedTuple):
    """A compiled book, the outward ids of its rows, and the currencies that the rows name."""

    book: Book
    row_ids: tuple[str, ...]
    currencies: frozenset[str]


class BookPair(NamedTuple):
    """The book of a country on a day as it is, and as it would be with a proposed row approved."""

    before: DatedBook
    after: DatedBook


def book_version() -> BookVersion:
    """Return what changes whenever a row is loaded or decided about (one statement)."""
    found = RuleRow.objects.filter(status__in=IN_FORCE).aggregate(
        last=Max("public_id"),
        decided=Max("decided_at"),
        rows=Count("id"),
        superseded=Count("id", filter=Q(status=RuleStatus.SUPERSEDED)),
    )
    return tuple(found.values())


def rules_for(country: str, on: date) -> DatedBook:
    """Return the compiled book of a country on a day; one statement while the book is unchanged."""
    return _compiled(country, on, book_version())


@lru_cache(maxsize=1024)
def _compiled(country: str, on: date, version: BookVersion) -> DatedBook:
    return _dated(list_rows_in_force(country, on), country, on)


def _dated(rows: Sequence[RuleRow], country: str, on: date) -> DatedBook:
    return DatedBook(
        book=compile_book([body_of(row) for row in rows], country, on),
        row_ids=tuple(row.public_id for row in rows),
        currencies=frozenset(_currencies(row.body for row in rows)),
    )


def compare_books(proposal: RuleRow, country: str, on: date) -> BookPair:
    """Return the books of ``country`` on a day without and with ``proposal``, in one statement.

    From its first day a proposal takes the place of every older version of its rule, also on days
    after its own last one.
    """
    rows = list_rows_in_force(country, on)
    return BookPair(_dated(rows, country, on), _dated(_with(rows, proposal, on), country, on))


def _with(rows: Sequence[RuleRow], proposal: RuleRow, on: date) -> list[RuleRow]:
    if on < proposal.effective_from:
        return list(rows)
    others = [row for row in rows if row.rule_id != proposal.rule_id]
    has_ended = proposal.effective_to is not None and proposal.effective_to < on
    return others if has_ended else [*others, proposal]


def digest_decisions(market: str) -> str:
    """Return the SHA-256 of what has been decided about the rows that price where ``market`` does.

    It changes when a row about the market, its members or its bloc is loaded, approved or ended
    (one statement).
    """
    markets = {name for country in countries_of(market) for name in markets_of(country)}
    decided = RuleRow.objects.filter(market__in=markets, status__in=IN_FORCE).order_by("id")
    found = decided.values_list("public_id", "status", "superseded_from")
    return hashlib.sha256(repr(list(found)).encode()).hexdigest()


def list_rows_in_force(country: str, on: date) -> list[RuleRow]:
    """Return the row versions that apply to a country on a day, at most one per rule, by rule."""
    candidates = RuleRow.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        Q(superseded_from__isnull=True) | Q(superseded_from__gt=on),
        market__in=markets_of(country),
        status__in=IN_FORCE,
        effective_from__lte=on,
    )
    newest = {row.rule_id: row for row in candidates.order_by("rule_id", "version")}
    return list(newest.values())


def body_of(row: RuleRow) -> Row:
    """Return a row as the engine reads it: what people decided stands above the body's status."""
    return {**row.body, "status": PENDING if row.is_pending else "active"}


def rates_for(book: DatedBook, currency: str, on: date) -> dict[str, Rate]:
    """Return the day's rates for the currencies that the book names, as far as there are any."""
    found: dict[str, Rate] = {}
    for other in sorted(book.currencies - {currency}):
        rate = find_rate(other, currency, on)
        if rate is not None:
            found[other] = Rate(sale=rate, other=_ONE)
    return found


def get_quote(public_id: str, *, tenant_id: int) -> LandedQuote:
    """Return a company's quote; anybody else's is unknown (404)."""
    quote = LandedQuote.objects.filter(public_id=public_id, tenant_id=tenant_id).first()
    if quote is None:
        raise DomainError("markets.unknown_quote", f"No quote {public_id}.", status=404)
    return quote


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what differs between two bodies as (path, before, after), empty text for absent."""
    before, after = _flat(old), _flat(new)
    paths = sorted({*before, *after})
    return [
        (path, before.get(path, ""), after.get(path, ""))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def _flat(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, Mapping) and value:
        inner = [(f"{path}.{name}" if path else str(name), one) for name, one in value.items()]
    elif isinstance(value, list) and value:
        inner = [(f"{path}[{number}]", one) for number, one in enumerate(value)]
    else:
        return {path: str(value)}
    return {key: shown for name, one in inner for key, shown in _flat(one, name).items()}


def _currencies(bodies: Iterable[Row]) -> Iterable[str]:
    for body in bodies:
        duty = part(body, "duty")
        for place in (part(body, "threshold"), duty, part(duty, "exempt_up_to")):
            if currency := text(place, "currency"):
                yield currency
        options: Any = duty.get("options") or ()
        yield from (option["currency"] for option in options if "currency" in option)
