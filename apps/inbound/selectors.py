"""Reads of shipments to warehouses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet, Sum

from apps.inbound.models import (
    InboundAmendment,
    InboundCarton,
    InboundDiscrepancy,
    InboundLine,
    InboundReceipt,
    InboundReceiptLine,
    InboundShipment,
)
from apps.inbound.services.drafting import WAREHOUSES
from apps.inventory.models import Disposition, Node, StockPosting
from apps.inventory.selectors import list_nodes
from apps.markets.models import Market
from apps.merchants.models import Merchant

RECEIPTS_SHOWN = 50


def list_inbound(merchant: Merchant) -> QuerySet[InboundShipment]:
    """Return the merchant's shipments with their warehouses."""
    rows: QuerySet[InboundShipment] = InboundShipment.objects.filter(merchant=merchant)
    return rows.select_related("merchant", "node")


def get_inbound(merchant: Merchant, public_id: str) -> InboundShipment:
    """Return one shipment with company and warehouse; raises ``InboundShipment.DoesNotExist``."""
    return list_inbound(merchant).get(public_id=public_id)


def list_lines(shipment: InboundShipment) -> list[InboundLine]:
    """Return the lines of a shipment with variants and products, by position."""
    rows = InboundLine.objects.filter(shipment=shipment).select_related("variant__product")
    return list(rows.order_by("position"))


def list_cartons(shipment: InboundShipment) -> list[InboundCarton]:
    """Return the cartons of a shipment with their contents, by number."""
    rows = InboundCarton.objects.filter(shipment=shipment)
    return list(rows.prefetch_related("contents__line__variant").order_by("number"))


def list_discrepancies(shipment: InboundShipment) -> list[InboundDiscrepancy]:
    """Return how a shipment differs from what was announced, by line."""
    rows = InboundDiscrepancy.objects.filter(shipment=shipment)
    return list(rows.select_related("line__variant").order_by("line__position", "kind"))


def get_discrepancy(shipment: InboundShipment, public_id: str) -> InboundDiscrepancy:
    """Return one difference of a shipment; raises ``InboundDiscrepancy.DoesNotExist``."""
    rows = InboundDiscrepancy.objects.select_related("shipment__merchant", "shipment__node")
    found: InboundDiscrepancy = rows.get(shipment=shipment, public_id=public_id)
    return found


def list_receipts(shipment: InboundShipment) -> list[InboundReceipt]:
    """Return the newest receipts of a shipment with what was counted."""
    lines = InboundReceiptLine.objects.select_related("line__variant", "carton").order_by("id")
    rows = InboundReceipt.objects.filter(shipment=shipment).order_by("-id")
    return list(rows.prefetch_related(Prefetch("lines", queryset=lines))[:RECEIPTS_SHOWN])


def list_amendments(shipment: InboundShipment) -> list[InboundAmendment]:
    """Return the amendments of a shipment, the newest first."""
    rows = InboundAmendment.objects.filter(line__shipment=shipment)
    return list(rows.select_related("line__variant").order_by("-id"))


def list_warehouses(merchant: Merchant) -> list[Node]:
    """Return the merchant's warehouses in use that take shipments, by code."""
    return list(list_nodes(merchant).filter(kind__in=WAREHOUSES))


def zone_of(node: Node, merchant: Merchant) -> str:
    """Return the time zone of a warehouse: its country's market's, else the company's."""
    market = Market.objects.filter(code=node.country).first()
    return market.time_zone if market is not None else merchant.time_zone


def to_utc(local: datetime, zone: str) -> datetime:
    """Return the moment of a wall clock at a warehouse."""
    return local.replace(tzinfo=ZoneInfo(zone))


@dataclass(frozen=True, slots=True)
class Totals:
    """Units of a shipment, over all lines."""

    expected: int
    received: int
    accepted: int
    damaged: int
    rejected: int
    over: int
    short: int

    @property
    def waiting(self) -> int:
        """Units that wait for the shelf."""
        return self.received - self.accepted - self.damaged - self.rejected


_SUMMED = ("expected", "received", "accepted", "damaged", "rejected", "over", "short")


def sum_lines(shipments: list[InboundShipment]) -> dict[int, Totals]:
    """Return the totals of shipments by their keys, in one statement."""
    rows = InboundLine.objects.filter(shipment__in=shipments).order_by().values("shipment")
    names = [f"sum_{name}" for name in _SUMMED]
    sums = rows.annotate(**{f"sum_{name}": Sum(name) for name in _SUMMED})
    found = sums.values_list("shipment", *names)
    return {key: Totals(*(count or 0 for count in counts)) for key, *counts in found}


def sum_postings(shipment: InboundShipment) -> dict[str, int]:
    """Return what a shipment moved into each condition, less what it moved out (reconciliation)."""
    own = StockPosting.objects.filter(
        merchant=shipment.merchant_id, reference__startswith=f"{shipment.public_id}:"
    )
    sides = ("from_disposition", "to_disposition")
    moved = own.order_by().values(*sides).annotate(units=Sum("quantity"))
    sums = dict.fromkeys(Disposition.values, 0)
    for source, target, units in moved.values_list(*sides, "units"):
        for side, change in ((source, -units), (target, units)):
            if side:
                sums[side] += change
    return sums


def find_wrong_shipments(merchant: Merchant) -> list[InboundShipment]:
    """Return shipments whose lines differ from the postings they left (reconciliation)."""
    shipments = list(list_inbound(merchant))
    totals = sum_lines(shipments)
    wrong = []
    for shipment in shipments:
        lines, posted = totals.get(shipment.pk), sum_postings(shipment)
        if lines is not None and _of_lines(lines) != {
            name: posted[name] for name in _of_lines(lines)
        }:
            wrong.append(shipment)
    return wrong


def _of_lines(totals: Totals) -> dict[str, int]:
    return {
        "available": totals.accepted,
        "damaged": totals.damaged,
        "quarantined": totals.rejected,
        "qc_hold": totals.waiting,
    }
