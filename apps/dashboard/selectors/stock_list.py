"""What the stock list shows: a row per SKU with what stands, comes, sells and lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from django.db.models import IntegerField, Model, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.http import QueryDict

from apps.catalog.models import Product, Variant
from apps.catalog.search.finding import Wanted, find_products
from apps.common.pagination import Page, paginate
from apps.dashboard.selectors.order_rows import photo_url
from apps.inventory import buckets
from apps.inventory.models import Node, StockBalance, StockBucket
from apps.inventory.states import COMING, ON_HAND, Disposition
from apps.merchants.models import Merchant
from apps.orders.models import OrderLine
from apps.orders.states import OrderStatus

VIEWS = ("all", "low", "out")
SALES_DAYS = 28
LOW_UNITS = 10
PAGE_SIZE = 50
MAX_QUERY = 100
# What a search looks at: the newest products that match.
SEARCHED = 500
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ListState:
    """The stock list as its address says; every field has the value of an empty address."""

    view: str = "all"
    query: str = ""
    node: str = ""
    cursor: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the view."""
        return bool(self.query or self.node)

    def as_query(self, **changes: str) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self
        pairs = {"view": state.view, "q": state.query, "node": state.node}
        return urlencode({name: value for name, value in pairs.items() if value})


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    view = query.get("view", "all")
    return ListState(
        view=view if view in VIEWS else "all",
        query=query.get("q", "").strip()[:MAX_QUERY],
        node=query.get("node", "")[:32],
        cursor=query.get("cursor", "")[:200],
    )


@dataclass(frozen=True, slots=True)
class StockLine:
    """One SKU: units on hand (``available`` of them for sale), coming, and how fast they go.

    ``days_left`` is how long what is available lasts at the pace of the last 28 days, nothing where
    nothing was sold.
    """

    variant: Variant
    photo: str
    figures: dict[str, int]
    sold: int

    @property
    def on_hand(self) -> int:
        """Units that stand at the place, whatever their condition."""
        return sum(self.figures[name] for name in ON_HAND)

    @property
    def coming(self) -> int:
        """Units announced or on the way."""
        return sum(self.figures[name] for name in COMING)

    @property
    def available(self) -> int:
        """Units for sale."""
        return self.figures[Disposition.AVAILABLE]

    @property
    def reserved(self) -> int:
        """Units of orders and carts."""
        return self.figures[Disposition.RESERVED]

    @property
    def per_day(self) -> Decimal:
        """Units sold a day, to one decimal."""
        pace = Decimal(self.sold) / SALES_DAYS
        return pace.quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def days_left(self) -> int | None:
        """Full days until what is available is gone."""
        return self.available * SALES_DAYS // self.sold if self.sold else None

    @property
    def is_low(self) -> bool:
        """Whether few units are left, or they last less than a week."""
        lasts = self.days_left
        return self.available <= LOW_UNITS or (lasts is not None and lasts < 7)


def page_of_stock(
    merchant: Merchant, state: ListState, *, now: datetime, size: int = PAGE_SIZE
) -> Page[StockLine]:
    """Return a page of SKUs, the newest first; three statements, two more for a search."""
    page = paginate(
        _variants(merchant, state), key="id", cursor=state.cursor, size=size, is_time=False
    )
    lines = lines_of(merchant, page.rows, node=state.node, now=now)
    return Page(lines, page.next_cursor, page.previous_cursor)


def page_of_count(
    merchant: Merchant, state: ListState, *, node: Node | None, now: datetime
) -> Page[StockLine]:
    """Return a page of every SKU with its figures at one place, whether it stands there or not."""
    variants = _variants(merchant, replace(state, node="", view="all"))
    page = paginate(variants, key="id", cursor=state.cursor, size=PAGE_SIZE, is_time=False)
    place = node.public_id if node else ""
    lines = lines_of(merchant, page.rows, node=place, now=now)
    return Page(lines, page.next_cursor, page.previous_cursor)


def iterate_lines(
    merchant: Merchant, state: ListState, *, now: datetime
) -> Iterator[list[StockLine]]:
    """Yield the lines of all SKUs of a state in chunks, the newest first."""
    whole, cursor = replace(state, cursor=""), ""
    while True:
        page = page_of_stock(merchant, replace(whole, cursor=cursor), now=now, size=_CHUNK)
        yield list(page.rows)
        cursor = page.next_cursor
        if not cursor:
            return


def lines_of(
    merchant: Merchant, variants: Sequence[Variant], *, node: str, now: datetime
) -> list[StockLine]:
    """Return the lines of variants that come with their products (two statements)."""
    keys = [variant.pk for variant in variants]
    balances = StockBalance.objects.filter(merchant=merchant, variant__in=keys)
    if node:
        balances = balances.filter(node__public_id=node)
    found = list(balances)
    buckets.fold(found)
    figures: dict[int, dict[str, int]] = {}
    for balance in found:
        of_one = figures.setdefault(balance.variant_id, dict.fromkeys(Disposition.values, 0))
        for name in of_one:
            of_one[name] += getattr(balance, name)
    sold = _sold(merchant, keys, node=node, now=now)
    nothing = dict.fromkeys(Disposition.values, 0)
    return [
        StockLine(
            variant,
            photo_url(variant.product),
            figures.get(variant.pk, nothing),
            sold.get(variant.pk, 0),
        )
        for variant in variants
    ]


def _sold(merchant: Merchant, keys: Sequence[int], *, node: str, now: datetime) -> dict[int, int]:
    since = now - timedelta(days=SALES_DAYS)
    lines = OrderLine.objects.filter(
        merchant=merchant, variant__in=keys, order__placed_at__gte=since
    ).exclude(order__status=OrderStatus.CANCELLED)
    if node:
        lines = lines.filter(node__public_id=node)
    units = lines.order_by().values("variant_id").annotate(units=Sum("quantity"))
    return dict(units.values_list("variant_id", "units"))


def _variants(merchant: Merchant, state: ListState) -> QuerySet[Variant]:
    own: QuerySet[Variant] = Variant.objects.filter(
        merchant=merchant, is_active=True, product__status=Product.Status.ACTIVE
    ).select_related("product")
    if state.query:
        own = own.filter(product__in=_searched(merchant, state.query))
    if state.node and state.view == "all":
        own = own.filter(balances__node__public_id=state.node)
    if state.view == "all":
        return own
    limit = LOW_UNITS if state.view == "low" else 0
    return own.annotate(units_left=_left(state.node)).filter(units_left__lte=limit)


def _left(node: str) -> CombinedExpression:
    """Return the available units of a variant: of its balances and of the buckets of hot ones."""
    own = {"merchant": OuterRef("merchant")}
    place = {"node__public_id": node} if node else {}
    balances = StockBalance.objects.filter(variant=OuterRef("pk"), **own, **place)
    spread = StockBucket.objects.filter(
        balance__variant=OuterRef("pk"),
        **own,
        **{f"balance__{name}": value for name, value in place.items()},
    )
    return _summed(balances, "variant") + _summed(spread, "balance__variant")


def _summed(rows: QuerySet[Model], by: str) -> Coalesce:
    units = rows.order_by().values(by).annotate(units=Sum("available")).values("units")
    return Coalesce(Subquery(units, output_field=IntegerField()), Value(0))


def _searched(merchant: Merchant, query: str) -> list[int]:
    found = find_products(merchant, Wanted(query, ()), size=SEARCHED)
    return found.ids
