"""Listings of all products: the list that apps follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.catalog import selectors as catalog
from apps.catalog.models import Listing
from apps.catalog.search.finding import Wanted, find_products
from apps.catalog.sentences import explain_refusal
from apps.common.pagination import decode_cursor, encode_cursor, paginate_values
from apps.markets.selectors.market_book import load_market_book
from apps.merchants.models import Merchant
from apps.partners.api.base import PartnerView
from apps.partners.api.input import to_utc
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import ListingItem, ListingPage, ListingQuery
from apps.partners.api.structs.common import money_view

# With text, one page looks at the listings of so many products.
_PRODUCTS = 50
_COLUMNS = (
    "variant_id",
    "public_id",
    "market_id",
    "status",
    "model",
    "price_minor",
    "currency",
    "refusal",
    "updated_at",
    "price_source",
)
Row = tuple[Any, ...]


class AllListingsView(PartnerView):
    """The listings of the company."""

    @operation(
        "listings.list", scope="products:read", query=ListingQuery, answers={200: ListingPage}
    )
    def get(self, call: Call[ListingQuery, Nothing]) -> Answer:
        """List listings, the newest first.

        With `updated_since` the one that changed first comes first, for apps that keep a copy: ask
        from the last `updated_at` you saw. With `q` they come by product, the newest product first.
        """
        query = call.query
        markets = {key: market.code for key, market in load_market_book().items()}
        since = None
        if query.updated_since is not None:
            since = to_utc(query.updated_since, "updated_since", now=call.now, status=400)
        market_id = next((key for key, code in markets.items() if code == query.market), 0)
        if query.market and not market_id:
            return Answer(ListingPage([], None))
        found = catalog.select_listings(
            call.merchant, catalog.ListingFilter(market_id, query.status or "", since)
        )
        if query.q.strip():
            rows, following = _find_by_text(call.merchant, found, query)
        else:
            rows, following = _page_of(found, query, since)
        names = catalog.load_variant_names(call.merchant, {row[0] for row in rows})
        items = [_item(row, names[row[0]], markets) for row in rows]
        return Answer(ListingPage(items, following or None))


def _page_of(
    found: QuerySet[Listing], query: ListingQuery, since: datetime | None
) -> tuple[Sequence[Row], str]:
    """Return a page by the listings alone: joined to names, the database might sort them all."""
    page = paginate_values(
        found,
        _COLUMNS,
        key="pk" if since is None else "updated_at",
        cursor=query.cursor,
        size=query.limit,
        descending=since is None,
        is_time=since is not None,
    )
    return page.rows, page.next_cursor


def _find_by_text(
    merchant: Merchant, found: QuerySet[Listing], query: ListingQuery
) -> tuple[Sequence[Row], str]:
    """Return a page of the listings of products that match, and the cursor of the next page.

    The cursor names the last product and its last listing; no listing means a finished product.
    """
    cursor, product_id, listing_id = "", 0, 0
    if query.cursor:
        value, listing_id, _back = decode_cursor(query.cursor, is_time=False)
        product_id = int(value) if isinstance(value, int) else 0
        start = product_id + 1 if listing_id else product_id
        cursor = encode_cursor(start, start)
    wanted = Wanted(query.q, puts_exact_first=False)
    hits = find_products(merchant, wanted, cursor=cursor, size=_PRODUCTS)
    mine = found.filter(variant__product_id__in=hits.ids)
    if listing_id:
        mine = mine.exclude(variant__product_id=product_id, pk__lte=listing_id)
    ordered = mine.order_by("-variant__product_id", "pk")
    rows = list(ordered.values_list("variant__product_id", "pk", *_COLUMNS)[: query.limit + 1])
    following = ""
    if len(rows) > query.limit:
        last = rows[query.limit - 1]
        following = encode_cursor(last[0], last[1])
    elif hits.next_cursor:
        following = encode_cursor(decode_cursor(hits.next_cursor, is_time=False)[1], 0)
    return [row[2:] for row in rows[: query.limit]], following


def _item(row: Row, names: catalog.VariantNames, markets: dict[int, str]) -> ListingItem:
    _variant, public_id, market_id, status, model, price_minor, currency, *rest = row
    refusal, updated_at, price_source = rest
    return ListingItem(
        id=public_id,
        product_id=names.product_id,
        variant_id=names.variant_id,
        sku=names.sku,
        title=names.title,
        option=names.option,
        market=markets[market_id],
        status=status,
        model=model,
        price=money_view(price_minor, currency),
        price_source=price_source,
        refusal=explain_refusal(refusal) if refusal else "",
        updated_at=updated_at,
    )
