"""What a fact of the journal changed in stock, read from the postings it left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from apps.inventory.models import StockBalance, StockPosting
from apps.journal.models import JournalEntry

MAX_CHANGES = 1000
# Event → how the references of its postings begin, with the id of its subject put in.
_BEGINNINGS: Mapping[str, str] = {
    "order.placed": "reserve:{}:",
    "order.cancelled": "cancelled:{}:",
    "order.shipped": "shipped:{}:",
    "stock.adjusted": "{}:",
    "stock.transferred": "{}:",
    "stock.lot_expired": "expired:{}:",
    "reservation.made": "cart:{}:",
    "reservation.expired": "cart_expired:{}:",
    "reservation.released": "cart_released:{}:",
    "reservation.converted": "cart_converted:{}:",
}
# Events whose entry names the part of their subject that moved stock: ``asn_…:rcp_…:``.
_BY_DOCUMENT = (
    "inbound.submitted",
    "inbound.amended",
    "inbound.rejected",
    "inbound.cancelled",
    "inbound.expired",
    "inbound.counted",
    "inbound.received",
    "inbound.put_away",
    "inbound.force_closed",
)
CHANGING = (*_BEGINNINGS, *_BY_DOCUMENT, "stock.received", "stock.counted")


@dataclass(frozen=True, slots=True)
class StockChange:
    """How the units of a SKU at a node (its outward id) changed, by condition that changed."""

    sku: str
    node: str
    deltas: Mapping[str, int]


def list_stock_changes(entry: JournalEntry) -> list[StockChange]:
    """Return the changes an entry stands for, by SKU and node; one statement, at most 1,000 changes."""
    if entry.event == "stock.counted":
        return _counted(entry)
    names = (
        "balance__variant__sku",
        "balance__node__public_id",
        "from_disposition",
        "to_disposition",
    )
    moved = _postings_of(entry).order_by(*names).values(*names).annotate(units=Sum("quantity"))
    deltas: dict[tuple[str, str], dict[str, int]] = {}
    for sku, node, source, target, units in moved.values_list(*names, "units"):
        of_one = deltas.setdefault((sku, node), {})
        for side, change in ((source, -units), (target, units)):
            if side:
                of_one[side] = of_one.get(side, 0) + change
    return [StockChange(*key, found) for key, found in list(deltas.items())[:MAX_CHANGES]]


def list_changed_balances(entry: JournalEntry) -> list[int]:
    """Return the keys of the balances an entry changed, in one statement."""
    if entry.event == "stock.counted":
        own = StockBalance.objects.filter(merchant=entry.tenant_id)
        place = own.filter(node__public_id=entry.payload["node"])
        return list(place.filter(variant__sku=entry.payload["sku"]).values_list("pk", flat=True))
    return list(_postings_of(entry).order_by().values_list("balance", flat=True).distinct())


def _postings_of(entry: JournalEntry) -> QuerySet[StockPosting]:
    own: QuerySet[StockPosting] = StockPosting.objects.filter(merchant=entry.tenant_id)
    if entry.event == "stock.received":
        # References of deliveries are anybody's words: place and moment tell like ones apart.
        return own.filter(
            reference__startswith=f"{entry.payload['reference']}:",
            balance__node__public_id=entry.subject_id,
            occurred_at=entry.occurred_at,
        )
    if entry.event in _BY_DOCUMENT:
        document = entry.payload.get("document", "")
        return own.filter(reference__startswith=f"{entry.subject_id}:{document}:")
    return own.filter(reference__startswith=_BEGINNINGS[entry.event].format(entry.subject_id))


def _counted(entry: JournalEntry) -> list[StockChange]:
    payload = entry.payload
    change = int(str(payload["change"]))
    return [StockChange(str(payload["sku"]), str(payload["node"]), {"available": change})]
