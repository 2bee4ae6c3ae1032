"""Pricing one unit of a listing by two books, and what the difference is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from apps.common.money import Money
from apps.markets import selectors as markets
from apps.markets.landed.result import LandedCostError
from apps.markets.landed.sale import Item, Rate, Sale
from apps.markets.selectors import BookPair, DatedBook

INCOMPLETE = "INCOMPLETE"


class Change(StrEnum):
    """What a row means for a listing."""

    UNCHANGED = "unchanged"
    DEARER = "dearer"
    CHEAPER = "cheaper"
    IMPOSSIBLE = "impossible"
    POSSIBLE = "possible"
    UNPRICED = "unpriced"


class ListingFacts(NamedTuple):
    """A live listing as it is priced; ``price_minor`` in minor units of ``currency``."""

    pk: int
    merchant_id: int
    merchant: str
    sku: str
    market_id: int
    country: str
    currency: str
    price_minor: int
    weight_g: int
    hs_code: str
    origin: str


class Told(NamedTuple):
    """What one book says of a listing: the landed cost of a unit, or why there is none."""

    minor: int | None
    row_ids: tuple[str, ...]
    gates: tuple[str, ...] = ()
    error: str = ""


class Outcome(NamedTuple):
    """One line of the result; it goes through JSON, so everything in it is plain."""

    merchant_id: int
    merchant: str
    sku: str
    market_id: int
    country: str
    currency: str
    before: int | None
    after: int | None
    change: str
    new_data: str
    rows_before: str
    rows_after: str
    why: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The day whose rows price, the day whose exchange rates count, and the assumed tariff rate."""

    on: date
    rates_on: date
    tariff: Decimal | None


class Pricer:
    """Prices listings without and with a proposed row; books and rates are read once per market."""

    def __init__(self, books_of: Callable[[str], BookPair], terms: Terms) -> None:
        """Keep where the books of a country come from."""
        self._books_of = books_of
        self._terms = terms
        self._books: dict[str, BookPair] = {}
        self._rates: dict[tuple[str, str], Mapping[str, Rate]] = {}

    def price(self, listing: ListingFacts) -> Outcome:
        """Return what the row means for one unit of a listing, sent straight from its origin."""
        if not listing.hs_code or not listing.origin:
            before = after = Told(None, (), error=f"{INCOMPLETE}: HS code or country of origin")
        else:
            books, sale = self._pair(listing.country), self._sale(listing)
            before, after = _tell(books.before, sale), _tell(books.after, sale)
        return _outcome(listing, before, after)

    def _sale(self, listing: ListingFacts) -> Sale:
        price = Money.from_minor(listing.price_minor, listing.currency).amount
        item = Item(price, 1, listing.hs_code[:6], listing.origin, self._terms.tariff)
        return Sale(
            destination=listing.country,
            sold_on=self._terms.on,
            currency=listing.currency,
            items=(item,),
            weight_g=listing.weight_g or None,
            fx=self._fx(listing.country, listing.currency),
        )

    def _pair(self, country: str) -> BookPair:
        if country not in self._books:
            self._books[country] = self._books_of(country)
        return self._books[country]

    def _fx(self, country: str, currency: str) -> Mapping[str, Rate]:
        key = (country, currency)
        if key not in self._rates:
            on = self._terms.rates_on
            self._rates[key] = {
                code: rate
                for book in self._pair(country)
                for code, rate in markets.rates_for(book, currency, on).items()
            }
        return self._rates[key]


def _tell(book: DatedBook, sale: Sale) -> Told:
    try:
        quote = book.book.quote(sale)
    except LandedCostError as error:
        return Told(None, error.row_ids, error=f"{error.code}: {error}")
    minor = Money(quote.landed_total, quote.currency).minor
    return Told(minor, quote.row_ids, quote.gates)


def _outcome(listing: ListingFacts, before: Told, after: Told) -> Outcome:
    new_data = [name for name in after.gates if name not in before.gates]
    return Outcome(
        merchant_id=listing.merchant_id,
        merchant=listing.merchant,
        sku=listing.sku,
        market_id=listing.market_id,
        country=listing.country,
        currency=listing.currency,
        before=before.minor,
        after=after.minor,
        change=_change(before.minor, after.minor),
        new_data=" ".join(new_data) if before.minor is not None else "",
        rows_before=" ".join(before.row_ids),
        rows_after=" ".join(after.row_ids),
        why=after.error or before.error,
    )


def _change(before: int | None, after: int | None) -> Change:
    if before is None or after is None:
        if before is not None:
            return Change.IMPOSSIBLE
        return Change.UNPRICED if after is None else Change.POSSIBLE
    if before == after:
        return Change.UNCHANGED
    return Change.DEARER if after > before else Change.CHEAPER
