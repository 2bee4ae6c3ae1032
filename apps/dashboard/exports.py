"""The order list as a CSV file that spreadsheets open as it is meant."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import IO

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.badges import badge_for
from apps.common.money import Money
from apps.common.sheets import CONTENT_TYPES, CSV, open_writer
from apps.dashboard.columns import DEFAULT, FIRST, LABELS
from apps.dashboard.selectors.order_list import load_parts
from apps.dashboard.selectors.order_rows import OrderRow, rows_of
from apps.merchants.models import Merchant
from apps.orders.models import Order

DIRECT_ROWS = 2000
JOB_KIND = "orders.export"
CHUNK = 500


_Cells = Callable[[OrderRow, tzinfo], list[str]]


def header(zone: tzinfo, columns: Sequence[str] = DEFAULT) -> list[str]:
    """Return the names of the file's columns, with the zone of the times."""
    name = str(zone)
    names = {
        FIRST: [_("Order"), _("Placed (%(zone)s)") % {"zone": name}, _("Reference"), _("Market")],
        "items": [_("First item"), _("SKU"), _("Units"), _("Lines")],
        "total": [_("Currency"), _("Total"), _("Own currency"), _("Total in own currency")],
        "due": [_("Ship by (%(zone)s)") % {"zone": name}],
        "status": [_("Status"), _("Reason")],
    }
    # The reference stands beside the number in every file.
    return [
        text
        for column in (FIRST, *columns)
        if column != "reference"
        for text in names.get(column, [str(LABELS.get(column, column))])
    ]


def _cells(row: OrderRow, zone: tzinfo, columns: Sequence[str]) -> list[str]:
    return [
        text
        for column in (FIRST, *columns)
        if column != "reference"
        for text in _CELLS[column](row, zone)
    ]


def _number(row: OrderRow, zone: tzinfo) -> list[str]:
    order = row.order
    placed = _moment(order.placed_at, zone)
    return [order.number, placed, order.external_ref, order.market.code]


def _items(row: OrderRow, _zone: tzinfo) -> list[str]:
    first, order = row.first, row.order
    named = [first.title, first.sku] if first else ["", ""]
    return [*named, str(order.unit_count), str(order.line_count)]


def _total(row: OrderRow, _zone: tzinfo) -> list[str]:
    order = row.order
    total = Money.from_minor(order.total_minor, order.currency)
    base = row.base or total
    is_known = row.base is not None or order.currency == row.base_currency
    own = [base.currency, str(base.amount)] if is_known else ["", ""]
    return [order.currency, str(total.amount), *own]


def _status(row: OrderRow, _zone: tzinfo) -> list[str]:
    return [str(badge_for("order", row.badge).label), row.reason]


_CELLS: dict[str, _Cells] = {
    FIRST: _number,
    "items": _items,
    "buyer": lambda row, _zone: [row.order.buyer_label],
    "total": _total,
    "due": lambda row, zone: [_moment(row.order.ship_by_at, zone)],
    "status": _status,
    "tags": lambda row, _zone: [", ".join(row.tags)],
    "model": lambda row, _zone: [row.order.get_model_display()],
    "country": lambda row, _zone: [row.order.ship_to_country],
    "channel": lambda row, _zone: [row.order.channel],
    "content": lambda row, _zone: [row.order.content_ref],
}


def _moment(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def write_orders(
    target: IO[bytes],
    merchant: Merchant,
    orders: QuerySet[Order],
    *,
    zone: tzinfo,
    form: str = CSV,
    columns: Sequence[str] = DEFAULT,
) -> Iterator[int]:
    """Write the orders as CSV or XLSX, newest first; yields the number of each ``CHUNK``."""
    writer = open_writer(form, target, header(zone, columns))
    last: tuple[datetime, int] | None = None
    while True:
        rest = orders
        if last is not None:
            placed, pk = last
            rest = orders.filter(placed_at__lte=placed).exclude(placed_at=placed, pk__gte=pk)
        chunk = list(rest.order_by("-placed_at", "-pk")[:CHUNK])
        load_parts(chunk)
        if chunk:
            last = (chunk[-1].placed_at, chunk[-1].pk)
            writer.write([_cells(row, zone, columns) for row in rows_of(merchant, chunk)])
            yield len(chunk)
        if len(chunk) < CHUNK:
            break
    writer.close()


def file_name(now: datetime, zone: tzinfo, form: str = CSV) -> str:
    """Return the file's name with the day of the zone."""
    return f"orders-{now.astimezone(zone):%Y-%m-%d-%H%M}.{form}"


def answer(
    merchant: Merchant,
    orders: QuerySet[Order],
    *,
    now: datetime,
    form: str = CSV,
    columns: Sequence[str] = DEFAULT,
) -> HttpResponse:
    """Return the orders as a download in the reader's language and zone."""
    zone = timezone.get_current_timezone()
    out = io.BytesIO()
    for _count in write_orders(out, merchant, orders, zone=zone, form=form, columns=columns):
        pass
    response = HttpResponse(out.getvalue(), content_type=CONTENT_TYPES[form])
    name = file_name(now, zone, form)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
