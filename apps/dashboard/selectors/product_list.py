"""What the product list shows: its state in the address, its page, and the counts of its views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Max
from django.http import QueryDict

from apps.catalog import selectors as catalog
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.search.finding import Found, Wanted, find_products
from apps.catalog.search.walk import COUNT_LIMIT, Position, count_terms, list_beginning, walk
from apps.catalog.search.words import (
    ACTIVE,
    ARCHIVED,
    UNLISTED,
    Term,
    brand_facet,
    facet_value,
    market_facet,
    model_facet,
    status_facet,
)
from apps.catalog.states import ListingStatus
from apps.common.pagination import Page, paginate
from apps.inventory.buckets import HAS_UNITS_SQL
from apps.inventory.models import StockBalance
from apps.merchants.models import Merchant

VIEWS = ("all", "selling", "sold_out", "rejected", "unlisted", "archived")
MAX_QUERY = 100
MAX_BRAND = 80
PAGE_SIZE = 50
# What one page looks at in search of products that sold out: stock changes too often to be a token.
SOLD_OUT_WINDOW = 2000
CHOICES = 64
_CHOICES_AGE_S = 60
_SOLD_OUT = (
    f"(SELECT 1 FROM {Listing._meta.db_table} AS l"  # noqa: S608 - names of tables only
    f" JOIN {Variant._meta.db_table} AS v ON v.id = l.variant_id"
    f" WHERE v.product_id = t.product_id AND v.is_active AND l.status = '{ListingStatus.LIVE.value}'"
    f" AND NOT EXISTS (SELECT 1 FROM {StockBalance._meta.db_table} AS b"
    f" WHERE b.variant_id = v.id AND {HAS_UNITS_SQL}) LIMIT 1) = 1"
)
_KEYS = 500
_VIEW_STATUS = {
    "selling": ListingStatus.LIVE,
    "sold_out": ListingStatus.LIVE,
    "rejected": ListingStatus.REJECTED,
}
_COUNTED = {
    "all": ACTIVE,
    "selling": status_facet(ListingStatus.LIVE),
    "rejected": status_facet(ListingStatus.REJECTED),
    "unlisted": UNLISTED,
    "archived": ARCHIVED,
}


@dataclass(frozen=True, slots=True)
class ListState:
    """The product list as its address says; every field has the value of an empty address."""

    view: str = "all"
    query: str = ""
    market: str = ""
    model: str = ""
    brand: str = ""
    cursor: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the view."""
        return bool(self.query or self.market or self.model or self.brand)

    def as_query(self, **changes: str) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self
        pairs = {"q": state.query, "market": state.market, "model": state.model}
        kept = {name: value for name, value in pairs.items() if value}
        brand = {"brand": state.brand} if state.brand else {}
        return urlencode({"view": state.view, **kept, **brand})


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    view, model = query.get("view", "all"), query.get("model", "")
    market = query.get("market", "").upper()
    return ListState(
        view=view if view in VIEWS else "all",
        query=query.get("q", "").strip()[:MAX_QUERY],
        market=market if len(market) == 2 and market.isascii() and market.isalpha() else "",
        model=model if model in Merchant.Model.values else "",
        brand=query.get("brand", "").strip()[:MAX_BRAND],
        cursor=query.get("cursor", "")[:200],
    )


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of products with variants and listings, and the counts of the views.

    A count above 999 means more than that. ``is_partial``: the page ended before it was full, and
    the rest of the catalog is on the following pages.
    """

    page: Page[Product]
    counts: dict[str, int]
    is_partial: bool = False


def page_of_products(merchant: Merchant, state: ListState, *, size: int = PAGE_SIZE) -> ProductPage:
    """Return a page of the state, the newest first."""
    if state.view == "all" and not state.is_filtered:
        return _newest(merchant, state, size)
    wanted = _wanted(state)
    found = find_products(
        merchant, wanted, cursor=state.cursor, size=size, also=tuple(_COUNTED.values())
    )
    page = Page(_load(merchant, found), found.next_cursor, found.previous_cursor)
    is_partial = bool(found.next_cursor) and len(found.ids) < size
    return ProductPage(page, _view_counts(found.counts), is_partial)


def iterate_keys(merchant: Merchant, state: ListState) -> Iterator[list[int]]:
    """Yield the keys of all products of a state, a few hundred at a time, the newest first."""
    wanted, cursor = replace(_wanted(state), puts_exact_first=False), ""
    while True:
        found = find_products(merchant, wanted, cursor=cursor, size=_KEYS)
        if found.ids:
            yield found.ids
        cursor = found.next_cursor
        if not cursor:
            return


def _wanted(state: ListState) -> Wanted:
    wanted = Wanted(state.query, _facets(state))
    if state.view == "sold_out":
        wanted = replace(wanted, condition=_SOLD_OUT, window=SOLD_OUT_WINDOW)
    return wanted


def _newest(merchant: Merchant, state: ListState, size: int) -> ProductPage:
    active = catalog.list_products(merchant).filter(status=Product.Status.ACTIVE)
    page = paginate(active, key="created_at", cursor=state.cursor, size=size)
    counts = count_terms(merchant.pk, [Term(token) for token in _COUNTED.values()])
    return ProductPage(page, _view_counts({term.text: n for term, n in counts.of.items()}))


def _load(merchant: Merchant, found: Found) -> Sequence[Product]:
    known = catalog.list_products(merchant).in_bulk(found.ids)
    return [known[key] for key in found.ids if key in known]


def _view_counts(counts: dict[str, int]) -> dict[str, int]:
    return {view: counts[token] for view, token in _COUNTED.items()}


def _facets(state: ListState) -> tuple[str, ...]:
    status = _VIEW_STATUS.get(state.view)
    facets = [status_facet(status, state.market)] if status else []
    if status is None:
        facets += [_COUNTED[state.view]]
        facets += [market_facet(state.market)] if state.market else []
    facets += [model_facet(state.model)] if state.model else []
    facets += [brand_facet(state.brand)] if state.brand else []
    return tuple(facets)


@dataclass(frozen=True, slots=True)
class SoldOut:
    """How many products sold out; ``is_more``: of those looked at, which were not all.

    ``at`` is when one of their listings last changed, nothing when none sold out.
    """

    count: int
    is_more: bool
    at: datetime | None = None


def count_sold_out(merchant: Merchant) -> SoldOut:
    """Return how many of the newest 2,000 products on sale sold out, at most a minute old."""
    name = f"dashboard.sold_out.{merchant.pk}"
    known: tuple[int, bool, datetime | None] | None = cache.get(name)
    if known is None:
        live = [Term(status_facet(ListingStatus.LIVE))]
        counts = count_terms(merchant.pk, live)
        found = walk(
            merchant.pk,
            live,
            counts,
            Position(),
            limit=COUNT_LIMIT,
            extra=_SOLD_OUT,
            window=SOLD_OUT_WINDOW,
        )
        known = (len(found.ids), found.rest > 0, _last_change(merchant, found.ids))
        cache.set(name, known, _CHOICES_AGE_S)
    return SoldOut(*known)


def _last_change(merchant: Merchant, products: Sequence[int]) -> datetime | None:
    if not products:
        return None
    sold = Listing.objects.filter(merchant=merchant, variant__product__in=products)
    last: datetime | None = sold.aggregate(last=Max("updated_at"))["last"]
    return last


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: market → products in it (above 999: more), and brands by name."""

    markets: tuple[tuple[str, int], ...]
    brands: tuple[str, ...]


def list_choices(merchant: Merchant) -> Choices:
    """Return the markets and the first 64 brands of the merchant's products, a minute old at most."""
    name = f"dashboard.product_choices.{merchant.pk}"
    known: Choices | None = cache.get(name)
    if known is None:
        markets = [
            Term(token) for token in list_beginning(merchant.pk, market_facet(""), limit=CHOICES)
        ]
        counts = count_terms(merchant.pk, markets).of
        brands = list_beginning(merchant.pk, brand_facet(""), limit=CHOICES)
        known = Choices(
            tuple((facet_value(term.text), counts[term]) for term in markets),
            tuple(facet_value(token) for token in brands),
        )
        cache.set(name, known, _CHOICES_AGE_S)
    return known


def forget_choices(merchant: Merchant) -> None:
    """Drop what is kept, so that the page after a change shows its effect."""
    cache.delete_many(
        [f"dashboard.product_choices.{merchant.pk}", f"dashboard.sold_out.{merchant.pk}"]
    )
