"""Reads of stock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db.models import Max, Prefetch, QuerySet, Sum

from apps.catalog.models import Variant
from apps.common.bulk import select_rows, slots
from apps.inventory import buckets
from apps.inventory.models import (
    Disposition,
    Node,
    SafetyStock,
    StockAllocation,
    StockBalance,
    StockBucket,
    StockLot,
    StockPosting,
    StockReservation,
    StockReservationLine,
)
from apps.inventory.rules import Allocation, Supply
from apps.merchants.models import Merchant


def list_nodes(merchant: Merchant) -> QuerySet[Node]:
    """Return the merchant's nodes in use, by code."""
    nodes: QuerySet[Node] = Node.objects.filter(merchant=merchant, is_active=True)
    return nodes.order_by("code")


def get_node(merchant: Merchant, public_id: str) -> Node:
    """Return one node of the merchant; raises ``Node.DoesNotExist``."""
    node: Node = Node.objects.get(merchant=merchant, public_id=public_id)
    return node


# The outer joins keep the database from starting at the node, whose whole shelf it would read. A
# variant with several allocations brings its balance once for each.
_SUPPLIES = """
SELECT balance.id, balance.node_id, balance.variant_id, balance.available, balance.is_hot, node.is_active,
  COALESCE(own.units, usual.units, 0),
  allocation.market, allocation.channel, allocation.units, allocation.percent
FROM inventory_stockbalance balance
LEFT JOIN inventory_node node ON node.id = balance.node_id
LEFT JOIN inventory_safetystock own
  ON own.merchant_id = balance.merchant_id AND own.variant_key = balance.variant_id
LEFT JOIN inventory_safetystock usual
  ON usual.merchant_id = balance.merchant_id AND usual.variant_key = 0
LEFT JOIN inventory_stockallocation allocation ON allocation.variant_id = balance.variant_id
WHERE balance.merchant_id = %s AND balance.variant_id IN ({variants})
"""


def list_supplies(merchant_id: int, variant_ids: Collection[int]) -> list[Supply]:
    """Return what is available of the variants at nodes in use, in one statement.

    One more if a balance is hot: its units stand in buckets. Each supply brings the safety units and
    allocations of its variant: ``rules.sellable`` works out what a market and channel may sell.
    """
    wanted = sorted(variant_ids)
    if not wanted:
        return []
    rows = select_rows(_SUPPLIES.format(variants=slots(wanted)), (merchant_id, *wanted))
    found: dict[int, Supply] = {}
    for balance, node, variant, available, is_hot, is_used, safety, *facts in rows:
        if not is_used:
            continue
        supply = found.get(balance) or Supply(
            balance, node, variant, available, bool(is_hot), safety
        )
        if facts[0] is not None:
            supply = replace(supply, allocations=(*supply.allocations, Allocation(*facts)))
        found[balance] = supply
    supplies = buckets.fold_supplies(list(found.values()))
    return sorted(supplies, key=lambda supply: (supply.node_id, supply.balance_id))


def list_balances(merchant: Merchant) -> QuerySet[StockBalance]:
    """Return the merchant's balances with variant and node; ``buckets.fold`` completes hot ones."""
    balances: QuerySet[StockBalance] = StockBalance.objects.filter(merchant=merchant)
    return balances.select_related("variant", "node").order_by("id")


def find_balance(merchant: Merchant, variant: Variant, node: Node) -> StockBalance | None:
    """Return the balance of a variant at a node, or nothing while nothing ever stood there."""
    found = StockBalance.objects.filter(merchant=merchant, variant=variant, node=node)
    balance: StockBalance | None = found.first()
    buckets.fold([balance] if balance else [])
    return balance


def list_allocations(merchant: Merchant, variant: Variant) -> list[StockAllocation]:
    """Return what is set aside of a variant, by market and channel."""
    own = StockAllocation.objects.filter(merchant=merchant, variant=variant)
    return list(own.order_by("market", "channel"))


def list_lots(merchant: Merchant, variant: Variant) -> list[StockLot]:
    """Return the lots of a variant that hold units, the first to end first, with their places."""
    own = StockLot.objects.filter(merchant=merchant, balance__variant=variant, units__gt=0)
    return list(own.select_related("balance__node").order_by("expires_on", "id"))


def find_wrong_lots(merchant: Merchant) -> list[StockLot]:
    """Return lots whose units differ from the sum of their entries (reconciliation)."""
    own = StockLot.objects.filter(merchant=merchant).annotate(booked=Sum("entries__change"))
    return [lot for lot in own if lot.units != (lot.booked or 0)]


def find_safety_units(merchant: Merchant, variant: Variant) -> int | None:
    """Return the units of a variant kept back at each place, or nothing without an own figure."""
    own = SafetyStock.objects.filter(merchant=merchant, variant_key=variant.pk)
    return own.values_list("units", flat=True).first()


def get_reservation(merchant: Merchant, public_id: str) -> StockReservation:
    """Return a cart's reservation with its lines; raises ``StockReservation.DoesNotExist``."""
    own = StockReservation.objects.filter(merchant=merchant)
    lines = StockReservationLine.objects.select_related("variant", "balance__node")
    with_lines = own.prefetch_related(Prefetch("lines", queryset=lines.order_by("position")))
    found: StockReservation = with_lines.get(public_id=public_id)
    return found


def find_newest_postings(merchant: Merchant, balances: Collection[int]) -> dict[int, str]:
    """Return the reference of the newest movement of each balance; those without one are absent."""
    own = StockPosting.objects.filter(merchant=merchant, balance__in=balances)
    newest = (
        own.order_by().values("balance").annotate(last=Max("pk")).values_list("last", flat=True)
    )
    found = StockPosting.objects.filter(pk__in=list(newest))
    return dict(found.values_list("balance_id", "reference"))


def sum_stock(merchant: Merchant) -> dict[str, int]:
    """Return units of the whole merchant: available, reserved, and posted in and out."""
    balance = StockBalance.objects.filter(merchant=merchant).aggregate(
        available=Sum("available"), reserved=Sum("reserved")
    )
    hot = StockBucket.objects.filter(merchant=merchant).aggregate(
        available=Sum("available"), reserved=Sum("reserved")
    )
    postings = StockPosting.objects.filter(merchant=merchant)
    came = postings.filter(from_disposition="").aggregate(units=Sum("quantity"))["units"]
    went = postings.filter(to_disposition="").aggregate(units=Sum("quantity"))["units"]
    return {
        "available": (balance["available"] or 0) + (hot["available"] or 0),
        "reserved": (balance["reserved"] or 0) + (hot["reserved"] or 0),
        "came": came or 0,
        "went": went or 0,
    }


def find_wrong_balances(merchant: Merchant) -> list[StockBalance]:
    """Return balances whose columns differ from the sum of their postings (reconciliation)."""
    sums: dict[int, dict[str, int]] = {}
    columns = ("balance_id", "from_disposition", "to_disposition")
    postings = StockPosting.objects.filter(merchant=merchant).values(*columns)
    summed = postings.annotate(units=Sum("quantity")).values_list(*columns, "units")
    for balance_id, came_from, went_to, units in summed:
        of_balance = sums.setdefault(balance_id, {})
        for name, change in ((came_from, -units), (went_to, units)):
            if name:
                of_balance[name] = of_balance.get(name, 0) + change
    wrong: list[StockBalance] = []
    balances = list(list_balances(merchant))
    buckets.fold(balances)
    for balance in balances:
        posted = sums.get(balance.pk, {})
        if any(getattr(balance, name) != posted.get(name, 0) for name in Disposition.values):
            wrong.append(balance)
    return wrong
