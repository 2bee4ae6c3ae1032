"""The order list as a CSV file that spreadsheets open as it is meant."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import IO

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.badges import badge_for
from apps.common.money import Money
from apps.common.sheets import CONTENT_TYPES, CSV, open_writer
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


def write_orders(
    target: IO[bytes],
    merchant: Merchant,
    orders: QuerySet[Order],
    *,
    zone: tzinfo,
    form: str = CSV,
) -> Iterator[int]:
    """Write the orders as CSV or XLSX, newest first; yields the number of each ``CHUNK``."""
    writer = open_writer(form, target, header(zone))
    last: tuple[datetime, int] | None = None
    while True:
        rest = orders
        if last is not None:
            placed, pk = last
            rest = orders.filter(placed_at__lte=placed).exclude(placed_at=placed, pk__gte=pk)
        chunk = list(with_items(rest).order_by("-placed_at", "-pk")[:CHUNK])
        if chunk:
            last = (chunk[-1].placed_at, chunk[-1].pk)
            writer.write([_cells(row, zone) for row in rows_of(merchant, chunk)])
            yield len(chunk)
        if len(chunk) < CHUNK:
            break
    writer.close()


def file_name(now: datetime, zone: tzinfo, form: str = CSV) -> str:
    """Return the file's name with the day of the zone."""
    return f"orders-{now.astimezone(zone):%Y-%m-%d-%H%M}.{form}"


def answer(
    merchant: Merchant, orders: QuerySet[Order], *, now: datetime, form: str = CSV
) -> HttpResponse:
    """Return the orders as a download in the reader's language and zone."""
    zone = timezone.get_current_timezone()
    out = io.BytesIO()
    for _count in write_orders(out, merchant, orders, zone=zone, form=form):
        pass
    response = HttpResponse(out.getvalue(), content_type=CONTENT_TYPES[form])
    name = file_name(now, zone, form)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
