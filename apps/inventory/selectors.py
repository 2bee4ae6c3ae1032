"""Reads of stock."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, QuerySet, Sum

from apps.common.bulk import select_rows, slots
from apps.inventory import buckets
from apps.inventory.models import Disposition, Node, StockBalance, StockBucket, StockPosting
from apps.inventory.rules import Supply
from apps.merchants.models import Merchant


def list_nodes(merchant: Merchant) -> QuerySet[Node]:
    """Return the merchant's nodes in use, by code."""
    nodes: QuerySet[Node] = Node.objects.filter(merchant=merchant, is_active=True)
    return nodes.order_by("code")


def get_node(merchant: Merchant, public_id: str) -> Node:
    """Return one node of the merchant; raises ``Node.DoesNotExist``."""
    node: Node = Node.objects.get(merchant=merchant, public_id=public_id)
    return node


# The outer join keeps the database from starting at the node, whose whole shelf it would read.
_SUPPLIES = """
SELECT balance.id, balance.node_id, balance.variant_id, balance.available, balance.is_hot, node.is_active
FROM inventory_stockbalance balance
LEFT JOIN inventory_node node ON node.id = balance.node_id
WHERE balance.merchant_id = %s AND balance.variant_id IN ({variants})
"""


def list_supplies(merchant_id: int, variant_ids: Collection[int]) -> list[Supply]:
    """Return what is available of the variants at nodes in use, in one statement.

    One more if a balance is hot: its units stand in buckets.
    """
    wanted = sorted(variant_ids)
    if not wanted:
        return []
    rows = select_rows(_SUPPLIES.format(variants=slots(wanted)), (merchant_id, *wanted))
    found = [
        Supply(key, node, variant, available, bool(is_hot))
        for key, node, variant, available, is_hot, is_active in rows
        if is_active
    ]
    return sorted(
        buckets.fold_supplies(found), key=lambda supply: (supply.node_id, supply.balance_id)
    )


def list_balances(merchant: Merchant) -> QuerySet[StockBalance]:
    """Return the merchant's balances with variant and node; ``buckets.fold`` completes hot ones."""
    balances: QuerySet[StockBalance] = StockBalance.objects.filter(merchant=merchant)
    return balances.select_related("variant", "node").order_by("id")


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
