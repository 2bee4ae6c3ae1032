"""Reading an order file: which rows become lines of orders, and why the others do not.

Layout (UCI Online Retail): ``InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,
CustomerID,Country`` with one row per line of an invoice; plain or gzip-compressed CSV in UTF-8.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.sandbox.replay.reference import find_country

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
CURRENCY = "GBP"
ZONE = ZoneInfo("Europe/London")
MAX_QUANTITY = 100_000
REASONS = {
    "cancellation": "the invoice is a cancellation",
    "quantity": "the quantity is zero, negative or not a number",
    "description": "the description is missing",
    "country": "the country is unknown",
    "stock_code": "the stock code is missing",
    "price": "the price is negative or not a number",
    "date": "the date cannot be read",
    "invoice": "the invoice number is missing",
    "columns": "the row does not have the columns of the layout",
}


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A row that becomes an order line; the price is in minor units of pounds."""

    number: int
    invoice: str
    sku: str
    title: str
    quantity: int
    unit_price_minor: int
    placed_at: datetime
    customer: str
    country: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that does not, with its number in the file (the header is row 1) and the reason's code."""

    number: int
    reason: str
    invoice: str
    sku: str

    @property
    def sentence(self) -> str:
        """Why, in words."""
        return REASONS[self.reason]


@dataclass(slots=True)
class OrderFile:
    """The whole file, sorted into invoices in the order of their first row."""

    digest: str
    row_count: int = 0
    invoices: dict[str, list[AcceptedRow]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def accepted_count(self) -> int:
        """How many rows became lines."""
        return sum(len(rows) for rows in self.invoices.values())


class _RefusedError(Exception):
    """A row that cannot become a line; carries the reason's code."""


def read_file(path: Path) -> OrderFile:
    """Read and sort every row of ``path``.

    Raises ``DomainError``: ``replay.no_file`` when it cannot be read, ``replay.columns`` when the
    header is not the documented layout.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DomainError(
            "replay.no_file", f"{path} cannot be read: {error}", status=422
        ) from error
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise DomainError(
            "replay.columns", f"{path} lacks the columns {', '.join(missing)}", status=422
        )
    result = OrderFile(digest=hashlib.sha256(text.encode()).hexdigest()[:16])
    for row in _sorted(enumerate(reader, 2), result.rejected):
        result.invoices.setdefault(row.invoice, []).append(row)
    result.row_count = result.accepted_count + len(result.rejected)
    return result


def _sorted(
    rows: Iterable[tuple[int, Mapping[str, str | None]]], rejected: list[RejectedRow]
) -> Iterator[AcceptedRow]:
    for number, row in rows:
        try:
            yield _accept(number, row)
        except _RefusedError as refusal:
            invoice = (row.get("InvoiceNo") or "")[:64]
            sku = (row.get("StockCode") or "")[:64]
            rejected.append(RejectedRow(number, str(refusal), invoice, sku))


def _accept(number: int, row: Mapping[str, str | None]) -> AcceptedRow:
    if any(row.get(name) is None for name in COLUMNS):
        raise _RefusedError("columns")
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    if not cells["InvoiceNo"]:
        raise _RefusedError("invoice")
    if cells["InvoiceNo"].upper().startswith("C"):
        raise _RefusedError("cancellation")
    if not cells["StockCode"]:
        raise _RefusedError("stock_code")
    quantity = _quantity(cells["Quantity"])
    if not cells["Description"]:
        raise _RefusedError("description")
    country = find_country(cells["Country"])
    if country is None:
        raise _RefusedError("country")
    return AcceptedRow(
        number=number,
        invoice=cells["InvoiceNo"][:64],
        sku=cells["StockCode"][:64],
        title=cells["Description"][:200],
        quantity=quantity,
        unit_price_minor=_price(cells["UnitPrice"]),
        placed_at=_date(cells["InvoiceDate"]),
        customer=cells["CustomerID"].removesuffix(".0")[:32],
        country=country,
    )


def _quantity(text: str) -> int:
    try:
        quantity = int(text)
    except ValueError:
        raise _RefusedError("quantity") from None
    if not 0 < quantity <= MAX_QUANTITY:
        raise _RefusedError("quantity")
    return quantity


def _price(text: str) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise _RefusedError("price") from None
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise _RefusedError("price")
    return Money.rounded(amount, CURRENCY).minor


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError:
        raise _RefusedError("date") from None
