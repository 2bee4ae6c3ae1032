"""The stock list as a sheet, at once or as a job."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _

from apps.common.sheets import Cell, open_writer
from apps.dashboard.selectors import stock_list
from apps.dashboard.selectors.stock_list import ListState, StockLine
from apps.merchants.models import Merchant

JOB_KIND = "stock.export"
DIRECT_ROWS = 2000
_CHUNKS = DIRECT_ROWS // 500 + 1


def header() -> list[str]:
    """Return the names of the columns."""
    return [
        _("SKU"),
        _("Product"),
        _("On hand"),
        _("Available"),
        _("Reserved"),
        _("Coming"),
        _("Sells a day"),
        _("Days left"),
    ]


def _cells(line: StockLine) -> list[Cell]:
    lasts = line.days_left
    return [
        line.variant.sku,
        line.variant.product.title,
        line.on_hand,
        line.available,
        line.reserved,
        line.coming,
        str(line.per_day),
        "" if lasts is None else lasts,
    ]


def write_directly(
    merchant: Merchant, state: ListState, *, now: datetime, form: str
) -> bytes | None:
    """Return the file of up to 2,000 SKUs, or nothing when there are more."""
    chunks = list(islice(stock_list.iterate_lines(merchant, state, now=now), _CHUNKS))
    if sum(map(len, chunks)) > DIRECT_ROWS:
        return None
    out = io.BytesIO()
    for _count in write_sheet(out, iter(chunks), form=form):
        pass
    return out.getvalue()


def write_sheet(
    target: IO[bytes], chunks: Iterator[list[StockLine]], *, form: str
) -> Iterator[int]:
    """Write lines; yields the number of each chunk. The file is whole when the iterator ends."""
    writer = open_writer(form, target, header())
    for chunk in chunks:
        writer.write([_cells(line) for line in chunk])
        yield len(chunk)
    writer.close()


def file_name(now: datetime, form: str) -> str:
    """Return the name of the file with its day."""
    return f"stock-{now:%Y-%m-%d-%H%M}.{form}"
