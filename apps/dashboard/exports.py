"""The order list as a CSV file that spreadsheets open as it is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.badges import badge_for
from apps.common.money import Money
from apps.common.sheets import BYTE_ORDER_MARK, csv_line
from apps.dashboard.selectors.order_list import with_items
from apps.dashboard.selectors.order_rows import OrderRow, rows_of
from apps.merchants.models import Merchant
from apps.orders.models import Order

DIRECT_ROWS = 2000
JOB_KIND = "orders.export"
CHUNK = 500


def header(zone: tzinfo) -> list[str]:
    """Return the column names, with the zone of the times."""
    name = str(zone)
    return [
        _("Order"),
        _("Placed (%(zone)s)") % {"zone": name},
        _("Reference"),
        _("Market"),
        _("Buyer"),
        _("First item"),
        _("SKU"),
        _("Units"),
        _("Lines"),
        _("Currency"),
        _("Total"),
        _("Own currency"),
        _("Total in own currency"),
        _("Ship by (%(zone)s)") % {"zone": name},
        _("Status"),
        _("Reason"),
    ]


def _cells(row: OrderRow, zone: tzinfo) -> list[str]:
    order, first = row.order, row.first
    total = Money.from_minor(order.total_minor, order.currency)
    base = row.base or total
    is_known = row.base is not None or order.currency == row.base_currency
    return [
        order.number,
        _moment(order.placed_at, zone),
        order.external_ref,
        order.market.code,
        order.buyer_label,
        first.title if first else "",
        first.sku if first else "",
        str(order.unit_count),
        str(order.line_count),
        order.currency,
        str(total.amount),
        base.currency if is_known else "",
        str(base.amount) if is_known else "",
        _moment(order.ship_by_at, zone),
        str(badge_for("order", row.badge).label),
        row.reason,
    ]


def _moment(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def write_lines(
    merchant: Merchant, orders: QuerySet[Order], *, zone: tzinfo
) -> Iterator[tuple[str, int]]:
    """Yield (text, number of orders) of the file, ``CHUNK`` orders at a time, newest first."""
    yield BYTE_ORDER_MARK + csv_line(header(zone)), 0
    last: tuple[datetime, int] | None = None
    while True:
        rest = orders
        if last is not None:
            placed, pk = last
            rest = orders.filter(placed_at__lte=placed).exclude(placed_at=placed, pk__gte=pk)
        chunk = list(with_items(rest).order_by("-placed_at", "-pk")[:CHUNK])
        if chunk:
            last = (chunk[-1].placed_at, chunk[-1].pk)
            yield "".join(_lines(merchant, chunk, zone)), len(chunk)
        if len(chunk) < CHUNK:
            return


def _lines(merchant: Merchant, orders: list[Order], zone: tzinfo) -> Iterable[str]:
    return (csv_line(_cells(row, zone)) for row in rows_of(merchant, orders))


def file_name(now: datetime, zone: tzinfo) -> str:
    """Return the file's name with the day of the zone."""
    return f"orders-{now.astimezone(zone):%Y-%m-%d-%H%M}.csv"


def answer(merchant: Merchant, orders: QuerySet[Order], *, now: datetime) -> HttpResponse:
    """Return the orders as a download in the reader's language and zone."""
    zone = timezone.get_current_timezone()
    text = "".join(part for part, _count in write_lines(merchant, orders, zone=zone))
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(now, zone)}"'
    return response
