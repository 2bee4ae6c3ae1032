"""The reconciliation at the end: does everything that went in come out exactly?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from apps.finance import selectors as finance
from apps.fulfillment.models import Shipment
from apps.inventory.models import StockPosting
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.journal.chain import find_faults
from apps.orders.models import Order, OrderLine
from apps.orders.states import END_STATES
from apps.sandbox.replay.driving import CHANNEL, Drive, count_open_entries
from apps.sandbox.replay.reading import OrderFile
from apps.sandbox.replay.stocking import Company


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The figures of a replay. ``ledger_sum`` is the sum over all currencies in minor units: 0."""

    rows: int
    accepted_rows: int
    rejected_rows: int
    orders: int
    ended_orders: int
    order_lines: int
    shipments: int
    units_received: int
    units_shipped: int
    units_on_hand: int
    stock_ok: bool
    journal_ok: bool
    ledger_sum: int
    ledger_ok: bool
    orders_per_second: float

    @property
    def is_sound(self) -> bool:
        """Whether every figure agrees with every other."""
        return (
            self.rows == self.accepted_rows + self.rejected_rows
            and self.order_lines == self.accepted_rows
            and self.ended_orders == self.orders == self.shipments
            and self.stock_ok
            and self.journal_ok
            and self.ledger_ok
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON facts, with the verdict."""
        return {**asdict(self), "ok": self.is_sound}


def reconcile(company: Company, file: OrderFile, drive: Drive) -> Reconciliation:
    """Count everything again from the tables and compare."""
    merchant = company.merchant
    stock = sum_stock(merchant)
    shipped = StockPosting.objects.filter(merchant=merchant, reason="shipped")
    units_shipped = sum(shipped.values_list("quantity", flat=True))
    on_hand = stock["available"] + stock["reserved"]
    sums = finance.sum_ledger(merchant)
    placed = Order.objects.filter(merchant=merchant, channel=CHANNEL)
    return Reconciliation(
        rows=file.row_count,
        accepted_rows=file.accepted_count,
        rejected_rows=len(file.rejected),
        orders=placed.count(),
        ended_orders=placed.filter(status__in=END_STATES).count(),
        order_lines=OrderLine.objects.filter(merchant=merchant).count(),
        shipments=Shipment.objects.filter(merchant=merchant).count(),
        units_received=stock["came"],
        units_shipped=units_shipped,
        units_on_hand=on_hand,
        stock_ok=on_hand == stock["came"] - units_shipped and not find_wrong_balances(merchant),
        journal_ok=not any(find_faults(merchant.pk)) and not count_open_entries(company),
        ledger_sum=sum(sums.values()),
        ledger_ok=not any(sums.values()) and not finance.find_unbalanced(merchant),
        orders_per_second=drive.orders_per_second,
    )
