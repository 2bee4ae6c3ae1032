"""The list of orders over the API: plain rows, two statements for a page without holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.common.pagination import paginate_values
from apps.markets.selectors.market_book import load_market_book
from apps.orders import selectors
from apps.orders.models import OrderHold, OrderLine, OrderTag
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, known_currency, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import MoneyAmount, money_view
from apps.partners.api.structs.orders import (
    BuyerLabel,
    HoldView,
    LineView,
    OrderPage,
    OrderQuery,
    OrderView,
)

_COLUMNS = (
    *("pk", "public_id", "number", "channel", "external_ref", "content_ref", "market_id", "status"),
    *("model", "currency", "items_minor", "shipping_minor", "discount_minor", "total_minor"),
    *("buyer_label", "ship_to_country", "open_hold_count", "tag_count", "placed_at", "ship_by_at"),
    *("confirmed_at", "shipped_at", "delivered_at", "completed_at", "cancelled_at"),
    *("cancel_reason", "cancel_code", "cancelled_by"),
)
_KEYS = {"placed": "placed_at", "due": "open_due_at", "total": "total_minor"}
Row = tuple[Any, ...]


class OrderListView(PartnerView):
    """Reading the company's orders."""

    @operation("orders.list", scope="orders:read", query=OrderQuery, answers={200: OrderPage})
    def get(self, call: Call[OrderQuery, Nothing]) -> Answer:
        """List orders, the newest first.

        `sort=due` lists the open orders, what is due next first; `sort=total` and the limits of the
        total need `currency`. Lists of values take any of them: `status=pending&status=confirmed`.
        """
        query = call.query
        column = query.sort.removeprefix("-")
        page = paginate_values(
            selectors.select_orders(call.merchant, _filter_of(query, now=call.now)),
            _COLUMNS,
            key=_KEYS[column],
            cursor=query.cursor,
            size=query.limit,
            descending=query.sort.startswith("-"),
            is_time=column != "total",
        )
        return Answer(OrderPage(_items(page.rows), page.next_cursor or None))


def _filter_of(query: OrderQuery, *, now: datetime) -> selectors.OrderFilter:
    currency = known_currency(query.currency, "currency", status=400) if query.currency else ""
    if not currency and (query.sort.endswith("total") or query.total_min or query.total_max):
        sentence = _("Totals are compared in one currency: name it.")
        raise field_error("required", "currency", sentence, status=400)
    return selectors.OrderFilter(
        statuses=query.status,
        markets=query.market,
        query=query.search,
        is_open=query.sort.endswith("due"),
        on_hold=query.on_hold,
        hold_kinds=query.hold,
        model=query.model or "",
        store=query.store,
        channel=query.channel,
        content=query.content,
        country=query.country or "",
        tag=query.tag,
        currency=currency,
        least_minor=_limit(query.total_min, currency, "total_min"),
        most_minor=_limit(query.total_max, currency, "total_max"),
        placed_from=_moment(query.placed_from, "placed_from", now),
        placed_before=_moment(query.placed_before, "placed_before", now),
        due_from=_moment(query.due_from, "due_from", now),
        due_before=_moment(query.due_before, "due_before", now),
    )


def _limit(amount: str | None, currency: str, attr: str) -> int | None:
    return None if amount is None else to_minor(MoneyAmount(amount, currency), currency, attr)


def _moment(moment: datetime | None, attr: str, now: datetime) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.astimezone(now.tzinfo)
    except OverflowError as error:
        sentence = _("This time is too far away.")
        raise field_error("out_of_range", attr, sentence, status=400) from error


def _items(rows: Sequence[Row]) -> list[OrderView]:
    if not rows:
        return []
    currencies = {row[0]: row[9] for row in rows}
    lines = _lines(currencies)
    holds = _holds([row[0] for row in rows if row[16]])
    tags = _tags([row[0] for row in rows if row[17]])
    book = load_market_book({row[6] for row in rows})
    return [
        _item(row, book[row[6]].code, lines[row[0]], holds.get(row[0], []), tags.get(row[0], []))
        for row in rows
    ]


def _lines(currencies: dict[int, str]) -> dict[int, list[LineView]]:
    found: dict[int, list[LineView]] = defaultdict(list)
    lines = OrderLine.objects.filter(order__in=list(currencies)).order_by("order_id", "position")
    for key, position, sku, title, quantity, price, discount, total, left in lines.values_list(
        *("order_id", "position", "sku", "title", "quantity"),
        *("unit_price_minor", "discount_minor", "total_minor", "shipped_at"),
    ):
        currency = currencies[key]
        found[key].append(
            LineView(
                position,
                sku,
                title,
                quantity,
                money_view(price, currency),
                money_view(discount, currency),
                money_view(total, currency),
                left,
            )
        )
    return found


def _holds(keys: Collection[int]) -> dict[int, list[HoldView]]:
    found: dict[int, list[HoldView]] = defaultdict(list)
    if keys:
        holds = OrderHold.objects.filter(order__in=keys, open_kind__isnull=False)
        for key, public_id, kind, reason, placed_at in holds.order_by(
            "placed_at", "pk"
        ).values_list("order_id", "public_id", "kind", "reason", "placed_at"):
            found[key].append(HoldView(public_id, kind, reason, placed_at))
    return found


def _tags(keys: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if keys:
        tags = OrderTag.objects.filter(order__in=keys).order_by("name")
        for key, name in tags.values_list("order_id", "name"):
            found[key].append(name)
    return found


def _item(
    row: Row, market: str, lines: list[LineView], holds: list[HoldView], tags: list[str]
) -> OrderView:
    _pk, public_id, number, channel, reference, content, _market, status, model, currency = row[:10]
    items, shipping, discount, total, buyer, country = row[10:16]
    return OrderView(
        id=public_id,
        number=number,
        channel=channel,
        external_ref=reference,
        content_ref=content,
        market=market,
        status=status,
        model=model,
        items=money_view(items, currency),
        shipping=money_view(shipping, currency),
        discount=money_view(discount, currency),
        total=money_view(total, currency),
        buyer=BuyerLabel(buyer, country),
        lines=lines,
        holds=holds,
        placed_at=row[18],
        ship_by_at=row[19],
        confirmed_at=row[20],
        shipped_at=row[21],
        delivered_at=row[22],
        completed_at=row[23],
        cancelled_at=row[24],
        cancel_reason=row[25],
        cancel_code=row[26],
        cancelled_by=row[27],
        tags=tags,
    )
