"""Reads of what orders have to do with each other: changes, families, requests, what could be joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Prefetch, QuerySet

from apps.common.crypto import UnreadableError, blind_index
from apps.merchants.models import Merchant
from apps.orders.duties import Bundle, DutyComparison, compare_duties
from apps.orders.models import CancelRequest, Order, OrderChange, OrderLine
from apps.orders.services.buyers import read_buyer
from apps.orders.states import CHANGEABLE, ChangeKind

MAX_PROPOSALS = 5
Relation = Literal["parent", "child", "joined_into", "joined"]
_SAME = (
    "merchant_id",
    "store_id",
    "market_id",
    "channel",
    "model",
    "currency",
    "ship_to_country",
    "buyer_index",
)


@dataclass(frozen=True, slots=True)
class MergeProposal:
    """An order that may be joined with the one looked at, and what that changes at the border."""

    order: Order
    duties: DutyComparison


def address_digest(order: Order) -> str:
    """Return a keyed digest of where an order goes, without case and spaces; empty once erased."""
    try:
        buyer = read_buyer(order)
    except UnreadableError:
        return ""
    parts = (buyer.name, buyer.country, buyer.street, buyer.city, buyer.region, buyer.postal_code)
    return blind_index(json.dumps(["".join(part.lower().split()) for part in parts]))


def may_join(first: Order, second: Order) -> bool:
    """Say whether two orders are the same buyer's, for the same address, with no label yet."""
    return (
        first.pk != second.pk
        and all(getattr(first, name) == getattr(second, name) for name in _SAME)
        and bool(first.buyer_index)
        and {first.status, second.status} <= CHANGEABLE
        and address_digest(first) == address_digest(second) != ""
    )


def list_merge_proposals(order: Order, *, now: datetime) -> list[MergeProposal]:
    """Return the orders that can be joined with this one, the oldest first; two statements."""
    if order.status not in CHANGEABLE or not order.buyer_index:
        return []
    found: QuerySet[Order] = Order.objects.filter(
        merchant=order.merchant_id, buyer_index=order.buyer_index, status__in=CHANGEABLE
    )
    candidates = found.exclude(pk=order.pk).order_by("placed_at", "pk")[: 4 * MAX_PROPOSALS]
    joinable = [other for other in candidates.prefetch_related(_lines()) if may_join(order, other)]
    if not joinable:
        return []
    own = bundle_of(order)
    return [
        MergeProposal(
            other, compare_duties([own, _bundle(other, other.lines.all())], on=now.date())
        )
        for other in joinable[:MAX_PROPOSALS]
    ]


def bundle_of(order: Order) -> Bundle:
    """Return an order's lines as one consignment."""
    return _bundle(order, OrderLine.objects.filter(order=order).select_related("node"))


def _bundle(order: Order, lines: Sequence[OrderLine] | QuerySet[OrderLine]) -> Bundle:
    return Bundle(order, list(lines), order.shipping_minor)


def _lines() -> Prefetch[str, QuerySet[OrderLine], str]:
    return Prefetch("lines", queryset=OrderLine.objects.select_related("node"))


def list_family(order: Order) -> list[Order]:
    """Return the orders this one was split from, split into, joined with or joined into."""
    keys = {key for key in (order.parent_id, order.merged_into_id) if key is not None}
    related = Order.objects.filter(merchant=order.merchant_id).exclude(pk=order.pk)
    above = related.filter(pk__in=keys)
    found = above | related.filter(parent=order) | related.filter(merged_into=order)
    return list(found.select_related("market").defer("buyer_sealed", "buyer_key").order_by("pk"))


def relation_of(order: Order, other: Order) -> Relation:
    """Return what another order of the family is to this one."""
    if other.pk == order.parent_id:
        return "parent"
    if other.pk == order.merged_into_id:
        return "joined_into"
    return "child" if other.parent_id == order.pk else "joined"


def list_changes(order: Order) -> list[OrderChange]:
    """Return what was changed about an order, the newest first."""
    if not order.change_count:
        return []
    changes = OrderChange.objects.filter(order=order).select_related("other")
    return list(changes.defer("other__buyer_sealed", "other__buyer_key").order_by("-pk"))


def find_undoable_merges(order: Order, changes: Sequence[OrderChange]) -> list[OrderChange]:
    """Return the merges whose lines are still in an order without a label, and can go back."""
    if order.status not in CHANGEABLE:
        return []
    return [change for change in changes if change.kind == ChangeKind.JOINED]


def list_cancel_requests(merchant: Merchant, *, status: str = "") -> QuerySet[CancelRequest]:
    """Return requests to cancel of the merchant with their orders, in no particular order."""
    found: QuerySet[CancelRequest] = CancelRequest.objects.filter(merchant=merchant)
    if status:
        found = found.filter(status=status)
    return found.select_related("order").defer("order__buyer_sealed", "order__buyer_key")


def find_open_request(order: Order) -> CancelRequest | None:
    """Return the request to cancel that waits for an answer, if there is one."""
    found: CancelRequest | None = CancelRequest.objects.filter(open_order=order.public_id).first()
    return found


def get_change(order: Order, public_id: str) -> OrderChange:
    """Return one change of an order; raises ``OrderChange.DoesNotExist``."""
    change: OrderChange = OrderChange.objects.get(order=order, public_id=public_id)
    return change
