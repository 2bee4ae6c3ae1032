"""All markets, kept for some minutes: lists name them by key instead of joining them to every row."""

from __future__ import annotations

from collections.abc import Collection

from django.core.cache import cache

from apps.markets.models import Market

_NAME = "markets.book"
_AGE_S = 300
MarketBook = dict[int, Market]


def load_market_book(needed: Collection[int] = ()) -> MarketBook:
    """Return the markets by key, at most five minutes old; one statement when they are not kept.

    A key of ``needed`` that is not among them is a market opened since: then they are read again.
    """
    known: MarketBook | None = cache.get(_NAME)
    if known is None or not known.keys() >= set(needed):
        known = {market.pk: market for market in Market.objects.all()}
        cache.set(_NAME, known, _AGE_S)
    return known


def market_keys(codes: Collection[str]) -> list[int]:
    """Return the keys of the markets with these codes; what does not exist is left out."""
    wanted = set(codes)
    book = load_market_book()
    if not wanted <= {market.code for market in book.values()}:
        book = {market.pk: market for market in Market.objects.filter(code__in=wanted)}
    return sorted(key for key, market in book.items() if market.code in wanted)
