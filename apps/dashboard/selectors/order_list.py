"""Orders of the list: one page of rows, search, and what a person selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.core.cache import cache
from django.db.models import Prefetch, QuerySet
from django.db.models import prefetch_related_objects as prefetch
from django.http import QueryDict

from apps.catalog.models import Listing
from apps.common.pagination import Page, paginate
from apps.dashboard.selectors.list_state import ListState, filter_of, read_state
from apps.dashboard.selectors.parcels import list_keys_of_parcel
from apps.journal.services import Json
from apps.markets.models import Market
from apps.markets.selectors.market_book import load_market_book
from apps.merchants.models import Merchant, Store
from apps.orders import selectors as orders
from apps.orders.models import Order, OrderHold, OrderLine, OrderTag

_DEFERRED = ("buyer_sealed", "buyer_key", "request_mark", "open_due_at")


def list_own_markets(merchant: Merchant) -> list[tuple[str, str]]:
    """Return code and currency of the markets the company sells in, at most a minute old."""
    name = f"dashboard.markets.{merchant.pk}"
    known: list[tuple[str, str]] | None = cache.get(name)
    if known is None:
        listed = Listing.objects.filter(merchant=merchant).values("market_id")
        codes = Market.objects.filter(pk__in=listed).order_by("code")
        known = list(codes.values_list("code", "currency"))
        cache.set(name, known, 60)
    return known


def list_words(merchant: Merchant, state: ListState) -> dict[str, list[tuple[str, str]]]:
    """Return the stores and tags to filter by, at most a minute old; the chosen ones are among them."""
    name = f"dashboard.order_words.{merchant.pk}"
    known: tuple[list[tuple[str, str]], list[str]] | None = cache.get(name)
    if known is None:
        stores = Store.objects.filter(merchant=merchant).order_by("name", "id")
        known = list(stores.values_list("public_id", "name")), orders.list_tags(merchant)
        cache.set(name, known, 60)
    stores_known, tags = known
    tags = [*tags, state.tag] if state.tag and state.tag not in tags else tags
    return {"store_choices": stores_known, "tag_choices": [(tag, tag) for tag in tags]}


def forget_words(merchant: Merchant) -> None:
    """Drop the kept stores and tags."""
    cache.delete(f"dashboard.order_words.{merchant.pk}")


def select_orders(merchant: Merchant, state: ListState, *, now: datetime) -> QuerySet[Order]:
    """Return the orders of a state in no particular order.

    A text in the search takes one more statement at once.
    """
    also = list_keys_of_parcel(merchant, state.query) if state.query else None
    return orders.select_orders(merchant, filter_of(state, now=now), also=also)


def find_exact(merchant: Merchant, text: str) -> Order | None:
    """Return the one order whose number, id, app reference or tracking number this is.

    The buyer's whole e-mail address or phone number names their only order, too.
    """
    wanted = text.strip()
    if len(wanted) < 4:
        return None
    keys = orders.find_keys(merchant, wanted, also=list_keys_of_parcel(merchant, wanted))
    if len(keys) != 1:
        return None
    found: Order | None = Order.objects.filter(merchant=merchant, pk=keys[0]).only("number").first()
    return found


def page_of_orders(merchant: Merchant, state: ListState, *, now: datetime) -> Page[Order]:
    """Return one page of the state with lines, and open holds and tags of those that have any.

    Two statements; one more when a row is held, when a row has a tag, and for a search.
    """
    found = select_orders(merchant, state, now=now).defer(
        *(name for name in _DEFERRED if name != state.key)
    )
    page = paginate(
        found,
        key=state.key,
        cursor=state.cursor,
        size=state.size,
        descending=state.is_descending,
        is_time=state.key != "total_minor",
    )
    load_parts(page.rows)
    return page


def load_parts(rows: Sequence[Order]) -> None:
    """Give orders their markets, lines with products, open holds and tags."""
    if not rows:
        return
    book = load_market_book({order.market_id for order in rows})
    for order in rows:
        order.market = book[order.market_id]
        order.open_holds = []  # type: ignore[attr-defined]
        order.tag_names = []  # type: ignore[attr-defined]
    prefetch(rows, Prefetch("lines", queryset=_lines()))
    held = {order.pk: order for order in rows if order.open_hold_count}
    if held:
        for hold in OrderHold.objects.filter(order__in=held, open_kind__isnull=False).order_by(
            "placed_at", "pk"
        ):
            held[hold.order_id].open_holds.append(hold)  # type: ignore[attr-defined]
    tagged = {order.pk: order for order in rows if order.tag_count}
    if tagged:
        names = OrderTag.objects.filter(order__in=tagged).order_by("name")
        for key, name in names.values_list("order_id", "name"):
            tagged[key].tag_names.append(name)  # type: ignore[attr-defined]


def _lines() -> QuerySet[OrderLine]:
    lines: QuerySet[OrderLine] = OrderLine.objects.select_related("variant__product").only(
        *("order_id", "position", "sku", "title", "quantity", "merchant_id"),
        *("variant__id", "variant__product__id"),
        *("variant__product__public_id", "variant__product__image"),
    )
    return lines.order_by("position")


@dataclass(frozen=True, slots=True)
class Selection:
    """Orders a person chose: named ones, or a whole view as it was at a moment.

    A whole view is kept as its filter, the highest order it saw and the orders left out, so that
    it survives paging and takes in nothing that came later.
    """

    kind: Literal["ids", "view"]
    ids: tuple[str, ...] = ()
    query: str = ""
    upto: int = 0

    def as_parameters(self) -> dict[str, Json]:
        """Return what a job keeps of it."""
        return {"kind": self.kind, "ids": list(self.ids), "query": self.query, "upto": self.upto}


def selection_of_view(merchant: Merchant, query: str, *, left_out: Sequence[str]) -> Selection:
    """Return the selection of everything the query shows now, except ``left_out``."""
    last = Order.objects.filter(merchant=merchant).order_by("-pk").values_list("pk", flat=True)
    return Selection("view", tuple(left_out), query, last.first() or 0)


def selection_from(parameters: Mapping[str, object]) -> Selection:
    """Return the selection that a job kept."""
    ids = parameters.get("ids")
    kept = tuple(str(item) for item in ids) if isinstance(ids, list | tuple) else ()
    upto = parameters.get("upto")
    return Selection(
        "view" if parameters.get("kind") == "view" else "ids",
        kept,
        str(parameters.get("query", "")),
        upto if isinstance(upto, int) else 0,
    )


def selected_orders(merchant: Merchant, selection: Selection, *, now: datetime) -> QuerySet[Order]:
    """Return the merchant's orders of a selection; ids of others are simply not there."""
    if selection.kind == "ids":
        found: QuerySet[Order] = Order.objects.filter(
            merchant=merchant, public_id__in=selection.ids
        )
        return found.defer("buyer_sealed", "buyer_key")
    state = read_state(QueryDict(selection.query))
    within = select_orders(merchant, state, now=now).filter(pk__lte=selection.upto)
    within = within.defer("buyer_sealed", "buyer_key")
    return within.exclude(public_id__in=selection.ids) if selection.ids else within
