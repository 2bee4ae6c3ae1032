"""How many orders need what: every count stops at 1,000, whatever the company has.

One statement for all counts of the list, kept for some seconds.
"""

# ruff: noqa: S608 - the statements are put together from constants and names of tables only.
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db import connection

from apps.common.bulk import select_rows
from apps.common.pagination import Page
from apps.dashboard.selectors.list_state import ListState, day_ends
from apps.dashboard.selectors.order_list import select_orders
from apps.markets.selectors.market_book import load_market_book
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderHold
from apps.orders.states import OrderStatus

LIMIT = 1000
_AGE_S = 10
# Among so many orders that are due next the markets are counted.
_WINDOW = 2000
_ORDERS = Order._meta.db_table
_HOLDS = OrderHold._meta.db_table
_OPEN = f"FROM {_ORDERS} WHERE merchant_id = %s AND open_due_at IS NOT NULL"
_READY = (
    f"FROM {_ORDERS} WHERE merchant_id = %s AND status = '{OrderStatus.ALLOCATED.value}'"
    " AND open_hold_count = 0"
)
_Value = str | int
_HELD = f"FROM {_HOLDS} WHERE merchant_id = %s AND open_kind IS NOT NULL"


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders there are, at most ``LIMIT`` + 1 each: more than ``LIMIT`` means “more”.

    ``statuses`` counts all orders by status, ``markets`` those due next by market code, ``holds``
    open holds by kind.
    """

    open: int = 0
    due: int = 0
    late: int = 0
    hold: int = 0
    to_ship: int = 0
    to_ship_today: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    markets: dict[str, int] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)


def count_orders(merchant: Merchant, *, now: datetime) -> OrderCounts:
    """Return the counts, at most ten seconds old; one statement that reads a bounded number of rows."""
    name = f"dashboard.order_counts.{merchant.pk}"
    known: OrderCounts | None = cache.get(name)
    if known is None:
        known = _count(merchant.pk, now)
        cache.set(name, known, _AGE_S)
    return known


def forget_counts(merchant: Merchant) -> None:
    """Drop what is kept, so that the page after a change shows its effect."""
    cache.delete(f"dashboard.order_counts.{merchant.pk}")


def _count(merchant_id: int, now: datetime) -> OrderCounts:
    today, late = _told_to_database(day_ends(now)), _told_to_database(now)
    parts: list[tuple[str, tuple[_Value, ...]]] = [
        _capped("open", _OPEN, merchant_id),
        _capped("due", f"{_OPEN} AND open_due_at < %s", merchant_id, today),
        _capped("late", f"{_OPEN} AND open_due_at < %s", merchant_id, late),
        _capped("to_ship", _READY, merchant_id),
        _capped("to_ship_today", f"{_READY} AND ship_by_at < %s", merchant_id, today),
    ]
    held = f"SELECT open_kind AS k {_HELD} LIMIT {LIMIT + 1}"
    parts.append((f"SELECT 'holds', k, COUNT(*) FROM ({held}) AS h GROUP BY k", (merchant_id,)))
    window = f"SELECT market_id AS k {_OPEN} ORDER BY open_due_at LIMIT {_WINDOW}"
    parts.append(
        (
            f"SELECT 'markets', CAST(k AS CHAR), COUNT(*) FROM ({window}) AS m GROUP BY k",
            (merchant_id,),
        )
    )
    for status in OrderStatus.values:
        own = f"FROM {_ORDERS} WHERE merchant_id = %s AND status = '{status}'"
        parts.append(_capped("statuses", own, merchant_id, key=status))
    text = " UNION ALL ".join(part for part, _values in parts)
    return _told(select_rows(text, [value for _part, values in parts for value in values]))


def _told_to_database(moment: datetime) -> str:
    return str(connection.ops.adapt_datetimefield_value(moment))


def _capped(kind: str, rows: str, *values: _Value, key: str = "") -> tuple[str, tuple[_Value, ...]]:
    inner = f"SELECT 1 AS one {rows} LIMIT {LIMIT + 1}"
    return f"SELECT '{kind}', '{key}', COUNT(*) FROM ({inner}) AS c", values


def _told(rows: list[tuple[str, str, int]]) -> OrderCounts:
    single = {kind: count for kind, key, count in rows if not key}
    groups: dict[str, dict[str, int]] = {"statuses": {}, "markets": {}, "holds": {}}
    for kind, key, count in rows:
        if key:
            groups[kind][str(key)] = count
    book = load_market_book({int(key) for key in groups["markets"]})
    markets = {book[int(key)].code: count for key, count in groups["markets"].items()}
    return OrderCounts(
        **single,
        hold=sum(groups["holds"].values()),
        statuses=groups["statuses"],
        markets=dict(sorted(markets.items(), key=lambda item: (-item[1], item[0]))),
        holds=groups["holds"],
    )


def total_of(
    merchant: Merchant, state: ListState, page: Page[Order], counts: OrderCounts, *, now: datetime
) -> int:
    """Return how many orders the state has, at most ``LIMIT`` + 1; counts only what is not known."""
    if not (page.next_cursor or page.previous_cursor):
        return len(page.rows)
    if not state.is_filtered:
        known = {"open": counts.open, "due": counts.due, "hold": counts.hold}
        if state.view in known:
            return known[state.view]
    return select_orders(merchant, state, now=now).order_by()[: LIMIT + 1].count()
