"""Compiled rule books of many countries on a day, in one or two statements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from threading import Lock

from django.db.models import Q

from apps.markets.dated import IN_FORCE
from apps.markets.landed.book import compile_book
from apps.markets.landed.rows import markets_of, part, parts, text
from apps.markets.models import RuleRow
from apps.markets.selectors.rule_books import (
    BookVersion,
    DatedBook,
    body_of,
    book_version,
)

_LARGEST = 2048
_kept: dict[tuple[str, date, BookVersion], DatedBook] = {}
_lock = Lock()


def books_for(countries: Collection[str], on: date) -> dict[str, DatedBook]:
    """Return country → its book on a day, as ``rules_for`` does for one country.

    One statement while the books are unchanged and known to this process, two when any is not.
    """
    version = book_version()
    wanted = dict.fromkeys(countries)
    missing = [country for country in wanted if (country, on, version) not in _kept]
    made = _compile(missing, on) if missing else {}
    found = {country: made.get(country) or _kept[country, on, version] for country in wanted}
    with _lock:
        if len(_kept) + len(made) > _LARGEST:
            _kept.clear()
        _kept.update({(country, on, version): book for country, book in made.items()})
    return found


def _compile(countries: Collection[str], on: date) -> dict[str, DatedBook]:
    speaking = {market for country in countries for market in markets_of(country)}
    candidates = RuleRow.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        Q(superseded_from__isnull=True) | Q(superseded_from__gt=on),
        market__in=speaking,
        status__in=IN_FORCE,
        effective_from__lte=on,
    )
    newest = {row.rule_id: row for row in candidates.order_by("rule_id", "version")}
    return {country: _book(country, on, list(newest.values())) for country in countries}


def _book(country: str, on: date, rows: Collection[RuleRow]) -> DatedBook:
    speaking = markets_of(country)
    own = [row for row in rows if row.market in speaking]
    return DatedBook(
        book=compile_book([body_of(row) for row in own], country, on),
        row_ids=tuple(row.public_id for row in own),
        currencies=frozenset(code for row in own for code in _currencies(row)),
    )


def _currencies(row: RuleRow) -> list[str]:
    """Return the currencies of a row's thresholds and flat amounts."""
    duty = part(row.body, "duty")
    places = [
        part(row.body, "threshold"),
        duty,
        part(duty, "exempt_up_to"),
        *parts(duty, "options"),
    ]
    return [currency for place in places if (currency := text(place, "currency"))]
