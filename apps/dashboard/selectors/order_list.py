"""What the order list shows: its state in the address, its views, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from apps.catalog.models import Listing
from apps.common.pagination import PAGE_SIZES, Page, paginate
from apps.dashboard.selectors.parcels import has_tracking_number
from apps.journal.services import Json
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.orders import selectors as orders
from apps.orders.models import Order, OrderHold, OrderLine
from apps.orders.selectors import OPEN, OrderFilter
from apps.orders.states import OrderStatus

SYSTEM_VIEWS = ("all", "open", "due", "hold", "transit", "delivered", "cancelled")
_VIEW_STATUSES: dict[str, tuple[str, ...]] = {
    "open": OPEN,
    "due": OPEN,
    "hold": OPEN,
    "transit": (OrderStatus.SHIPPED,),
    "delivered": (OrderStatus.DELIVERED, OrderStatus.COMPLETED),
    "cancelled": (OrderStatus.CANCELLED,),
}
DUE_CHOICES = ("late", "today", "tomorrow", "week")
SORTS: dict[str, tuple[str, bool]] = {
    "due": ("ship_by_at", False),
    "-due": ("ship_by_at", True),
    "placed": ("placed_at", False),
    "-placed": ("placed_at", True),
}
MAX_QUERY = 100


@dataclass(frozen=True, slots=True)
class ListState:
    """The order list as its address says; every field has the value of an empty address."""

    view: str = "open"
    query: str = ""
    markets: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    due: str = ""
    sort: str = ""
    size: int = 50
    cursor: str = ""

    @property
    def order(self) -> str:
        """The sort that counts: what is due next in views of open orders, else the newest."""
        if self.sort in SORTS:
            return self.sort
        return "due" if self.view in {"open", "due", "hold"} else "-placed"

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the view."""
        return bool(self.query or self.markets or self.statuses or self.due)

    def as_query(self, **changes: object) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs = [("view", state.view)]
        pairs += [("q", state.query)] if state.query else []
        pairs += [("market", code) for code in state.markets]
        pairs += [("status", status) for status in state.statuses]
        pairs += [("due", state.due)] if state.due else []
        pairs += [("sort", state.sort)] if state.sort else []
        pairs += [("size", str(state.size))] if state.size != ListState.size_default() else []
        return urlencode(pairs)

    @staticmethod
    def size_default() -> int:
        """Return the page size of an empty address."""
        return 50


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    view = query.get("view", "open")
    size = query.get("size", "")
    statuses = tuple(s for s in query.getlist("status") if s in OrderStatus.values)
    due = query.get("due", "")
    return ListState(
        view=view if view in SYSTEM_VIEWS else "open",
        query=query.get("q", "").strip()[:MAX_QUERY],
        markets=tuple(sorted({m.upper() for m in query.getlist("market") if len(m) == 2})),
        statuses=statuses,
        due=due if due in DUE_CHOICES else "",
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "",
        size=int(size) if size.isdigit() and int(size) in PAGE_SIZES else ListState.size_default(),
        cursor=query.get("cursor", "")[:200],
    )


def day_ends(now: datetime, days: int = 0) -> datetime:
    """Return the end of the reader's day, ``days`` days on."""
    local = now.astimezone(timezone.get_current_timezone())
    following = (local + timedelta(days=days + 1)).date()
    return timezone.make_aware(datetime(following.year, following.month, following.day))  # noqa: DTZ001


def list_own_markets(merchant: Merchant) -> list[str]:
    """Return the codes of the markets the company sells in, at most a minute old."""
    name = f"dashboard.markets.{merchant.pk}"
    known: list[str] | None = cache.get(name)
    if known is None:
        listed = Listing.objects.filter(merchant=merchant).values("market_id")
        codes = Market.objects.filter(pk__in=listed).order_by("code")
        known = list(codes.values_list("code", flat=True))
        cache.set(name, known, 60)
    return known


def select_orders(merchant: Merchant, state: ListState, *, now: datetime) -> QuerySet[Order]:
    """Return the orders of a state in no particular order."""
    statuses = _VIEW_STATUSES.get(state.view, ())
    if state.statuses:
        kept = tuple(s for s in state.statuses if not statuses or s in statuses)
        statuses = kept or ("",)
    found = orders.list_orders(
        merchant,
        OrderFilter(statuses=statuses, markets=state.markets, on_hold=state.view == "hold"),
    )
    if state.view == "due":
        found = found.filter(ship_by_at__lt=day_ends(now))
    if state.due:
        found = found.filter(_due(state.due, now))
    if state.query:
        found = found.filter(_match(merchant, state.query))
    return found


def _due(choice: str, now: datetime) -> Q:
    ends = {"late": now, "today": day_ends(now), "tomorrow": day_ends(now, 1)}
    if choice == "late":
        return Q(ship_by_at__lt=now, status__in=OPEN)
    if choice == "week":
        return Q(ship_by_at__gte=now, ship_by_at__lt=day_ends(now, 6))
    return Q(ship_by_at__gte=now, ship_by_at__lt=ends[choice])


def _match(merchant: Merchant, text: str) -> Q:
    with_sku = OrderLine.objects.filter(merchant=merchant, sku=text).values("order_id")
    return (
        Q(number__startswith=text.upper())
        | Q(external_ref=text)
        | Q(pk__in=with_sku)
        | has_tracking_number(merchant, text)
    )


def find_exact(merchant: Merchant, text: str) -> Order | None:
    """Return the one order whose number, id, app reference or tracking number this is."""
    wanted = text.strip()
    if len(wanted) < 4:
        return None
    found = Order.objects.filter(merchant=merchant).filter(
        Q(number=wanted.upper()) | Q(public_id=wanted) | Q(external_ref=wanted)
    )
    exact: list[Order] = list(found.only("number")[:2])
    if not exact:
        shipped = Order.objects.filter(has_tracking_number(merchant, wanted), merchant=merchant)
        exact = list(shipped.only("number")[:2])
    return exact[0] if len(exact) == 1 else None


def page_of_orders(merchant: Merchant, state: ListState, *, now: datetime) -> Page[Order]:
    """Return one page of the state with lines and open holds."""
    key, descending = SORTS[state.order]
    rows = with_items(select_orders(merchant, state, now=now))
    return paginate(rows, key=key, cursor=state.cursor, size=state.size, descending=descending)


def with_items(found: QuerySet[Order]) -> QuerySet[Order]:
    """Add lines with their products, and open holds: two more statements for any number of rows."""
    lines = OrderLine.objects.select_related("variant__product").only(
        *("order_id", "position", "sku", "title", "quantity", "merchant_id"),
        *("variant__id", "variant__product__id"),
        *("variant__product__public_id", "variant__product__image"),
    )
    open_holds = OrderHold.objects.filter(open_kind__isnull=False).order_by("placed_at")
    return found.prefetch_related(
        Prefetch("lines", queryset=lines.order_by("position")),
        Prefetch("holds", queryset=open_holds, to_attr="open_holds"),
    )


def total_of(
    merchant: Merchant, state: ListState, page: Page[Order], counts: OpenCounts, *, now: datetime
) -> int:
    """Return how many orders the state has, counting only when nothing tells it already."""
    if not (page.next_cursor or page.previous_cursor):
        return len(page.rows)
    known = {"open": counts.open, "due": counts.due, "hold": counts.hold}
    if not state.is_filtered and state.view in known:
        return known[state.view]
    return select_orders(merchant, state, now=now).count()


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """How many open orders there are, and how many of them need what."""

    open: int
    due: int
    late: int
    hold: int
    to_ship: int
    to_ship_today: int


def count_open(merchant: Merchant, *, now: datetime) -> OpenCounts:
    """Return the counts of open orders in one statement."""
    today = day_ends(now)
    ready = Q(status=OrderStatus.ALLOCATED, open_hold_count=0)
    counted = Order.objects.filter(merchant=merchant, status__in=OPEN).aggregate(
        open=Count("pk"),
        due=Count("pk", filter=Q(ship_by_at__lt=today)),
        late=Count("pk", filter=Q(ship_by_at__lt=now)),
        hold=Count("pk", filter=Q(open_hold_count__gt=0)),
        to_ship=Count("pk", filter=ready),
        to_ship_today=Count("pk", filter=ready & Q(ship_by_at__lt=today)),
    )
    return OpenCounts(**counted)


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
        ).select_related("market")
        return found.defer("buyer_sealed", "buyer_key")
    state = read_state(QueryDict(selection.query))
    within = select_orders(merchant, state, now=now).filter(pk__lte=selection.upto)
    return within.exclude(public_id__in=selection.ids)
