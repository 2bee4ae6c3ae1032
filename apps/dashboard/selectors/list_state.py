"""The order list as its address says: view, search, filters, sort and page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from apps.common.formatting import parse_amount
from apps.common.money import precision
from apps.common.pagination import PAGE_SIZES
from apps.merchants.models import Merchant
from apps.orders.rules import MAX_TOTAL_MINOR as MAX_MINOR
from apps.orders.selectors import OrderFilter
from apps.orders.states import OPEN, OrderStatus

VIEWS = ("all", "open", "due", "hold", "transit", "delivered", "cancelled")
VIEW_STATUSES: dict[str, tuple[str, ...]] = {
    "transit": (OrderStatus.SHIPPED,),
    "delivered": (OrderStatus.DELIVERED, OrderStatus.COMPLETED),
    "cancelled": (OrderStatus.CANCELLED,),
}
OPEN_VIEWS = frozenset({"open", "due", "hold"})
DUE_CHOICES = ("late", "today", "tomorrow", "week")
SORTS = ("due", "-due", "placed", "-placed", "total", "-total")
MAX_QUERY = 100
MAX_WORD = 64
SIZE = 50


@dataclass(frozen=True, slots=True)
class ListState:
    """The order list as its address says; every field has the value of an empty address.

    ``least`` and ``most`` are amounts as people write them, and count with ``currency`` alone: the
    totals of two currencies cannot be compared. ``since`` and ``until`` are days of the reader.
    """

    view: str = "open"
    query: str = ""
    markets: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    due: str = ""
    model: str = ""
    store: str = ""
    channel: str = ""
    content: str = ""
    country: str = ""
    tag: str = ""
    currency: str = ""
    least: str = ""
    most: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    size: int = SIZE
    cursor: str = ""

    @property
    def is_open(self) -> bool:
        """Whether only open orders are shown: these have a time they are due."""
        chosen = self.statuses and set(self.statuses) <= set(OPEN)
        return bool(self.view in OPEN_VIEWS or self.due or chosen)

    @property
    def order(self) -> str:
        """The sort that counts: what is due next in views of open orders, else the newest."""
        if self.sort in SORTS and self.can_sort(self.sort.removeprefix("-")):
            return self.sort
        return "due" if self.is_open else "-placed"

    def can_sort(self, column: str) -> bool:
        """Say whether rows can be told apart by a column: by total in one currency only."""
        return {"due": self.is_open, "total": bool(self.currency)}.get(column, True)

    @property
    def key(self) -> str:
        """The column the rows are sorted by, which an index covers."""
        column = self.order.removeprefix("-")
        return {"due": "open_due_at", "total": "total_minor"}.get(column, "placed_at")

    @property
    def is_descending(self) -> bool:
        """Whether the largest value comes first."""
        return self.order.startswith("-")

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the view."""
        return any(getattr(self, name) for name in _NARROWING)

    @property
    def more_count(self) -> int:
        """How many of the filters behind “More” are set."""
        return sum(bool(getattr(self, name)) for name in _MORE)

    def as_query(self, **changes: object) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs = [("view", state.view)]
        for name, parameter in _PARAMETERS.items():
            value = getattr(state, name)
            several = value if isinstance(value, tuple) else (value,)
            pairs += [(parameter, str(item)) for item in several if item]
        pairs += [("size", str(state.size))] if state.size != SIZE else []
        return urlencode(pairs)


_PARAMETERS = {
    "query": "q",
    "markets": "market",
    "statuses": "status",
    "holds": "held",
    "due": "due",
    "model": "model",
    "store": "store",
    "channel": "channel",
    "content": "content",
    "country": "country",
    "tag": "tag",
    "currency": "currency",
    "least": "least",
    "most": "most",
    "since": "since",
    "until": "until",
    "sort": "sort",
}
_MORE = (
    *("model", "store", "channel", "content", "country", "tag"),
    *("least", "most", "since", "until"),
)
_NARROWING = ("query", "markets", "statuses", "holds", "due", *_MORE)
_WORDS = ("store", "channel", "content", "tag")


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    size = query.get("size", "")
    chosen = {name: query.get(name, "").strip()[:MAX_WORD] for name in _WORDS}
    return ListState(
        view=_one_of(VIEWS, query.get("view", "")) or "open",
        query=query.get("q", "").strip()[:MAX_QUERY],
        markets=tuple(sorted({m.upper() for m in query.getlist("market") if len(m) == 2})),
        statuses=tuple(s for s in query.getlist("status") if s in OrderStatus.values),
        holds=tuple(sorted({kind[:32] for kind in query.getlist("held") if kind})),
        due=_one_of(DUE_CHOICES, query.get("due", "")),
        model=_one_of(Merchant.Model.values, query.get("model", "")),
        country=_letters(query.get("country", ""), 2),
        **chosen,
        **_amounts(query),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        sort=_one_of(SORTS, query.get("sort", "")),
        size=int(size) if size.isdigit() and int(size) in PAGE_SIZES else SIZE,
        cursor=query.get("cursor", "")[:200],
    )


def _one_of(known: tuple[str, ...] | list[str], value: str) -> str:
    return value if value in known else ""


def _letters(value: str, count: int) -> str:
    text = value.strip().upper()
    return text if len(text) == count and text.isascii() and text.isalpha() else ""


def _amounts(query: QueryDict) -> dict[str, str]:
    """Return currency and limits; amounts without a currency, or that are none, are left out."""
    currency = _letters(query.get("currency", ""), 3)
    try:
        precision(currency)
    except ValueError:
        return {}
    found = {"currency": currency}
    for name in ("least", "most"):
        text = query.get(name, "").strip()[:MAX_WORD]
        if _minor(text, currency) is not None:
            found[name] = text
    return found


def _minor(text: str, currency: str) -> int | None:
    try:
        minor = parse_amount(text, currency) if text else None
    except ValueError:
        return None
    return minor if minor is not None and 0 <= minor <= MAX_MINOR else None


def _day(text: str) -> str:
    try:
        day = parse_date(text.strip()[:10])
    except ValueError:
        return ""
    # A day so far away that its edges have no moment is no day of an order.
    return day.isoformat() if day is not None and 2000 <= day.year < 2200 else ""


def day_ends(now: datetime, days: int = 0) -> datetime:
    """Return the end of the reader's day, ``days`` days on."""
    local = now.astimezone(timezone.get_current_timezone())
    return _midnight((local + timedelta(days=days + 1)).date())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001


def filter_of(state: ListState, *, now: datetime) -> OrderFilter:
    """Return what the state asks for, in moments and minor units."""
    statuses = VIEW_STATUSES.get(state.view, ())
    if state.statuses:
        # A status that the view does not have finds nothing, not everything.
        statuses = tuple(s for s in state.statuses if not statuses or s in statuses) or ("",)
    due_from, due_before = _due(state, now)
    return OrderFilter(
        statuses=() if set(statuses) == set(OPEN) else statuses,
        markets=state.markets,
        query=state.query,
        is_open=state.is_open,
        on_hold=state.view == "hold",
        hold_kinds=state.holds,
        model=state.model,
        store=state.store,
        channel=state.channel,
        content=state.content,
        country=state.country,
        tag=state.tag,
        currency=state.currency,
        least_minor=_minor(state.least, state.currency) if state.least else None,
        most_minor=_minor(state.most, state.currency) if state.most else None,
        placed_from=_midnight(date.fromisoformat(state.since)) if state.since else None,
        placed_before=(
            _midnight(date.fromisoformat(state.until) + timedelta(days=1)) if state.until else None
        ),
        due_from=due_from,
        due_before=due_before,
    )


def _due(state: ListState, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the span of the time orders are due; the view “due today” ends it as well."""
    spans: dict[str, tuple[datetime | None, datetime | None]] = {
        "": (None, None),
        "late": (None, now),
        "today": (now, day_ends(now)),
        "tomorrow": (now, day_ends(now, 1)),
        "week": (now, day_ends(now, 6)),
    }
    start, end = spans[state.due]
    if state.view == "due":
        end = min(end or day_ends(now), day_ends(now))
    return start, end
