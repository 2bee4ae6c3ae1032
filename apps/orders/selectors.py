"""Reads of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderHold, OrderLine, OrderPricing, SavedView
from apps.orders.states import OrderStatus
from apps.promotions.explanation import Explanation

OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the list shows; empty parts do not filter. ``query`` is a number, reference or SKU."""

    statuses: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    query: str = ""
    on_hold: bool = False
    due_before: datetime | None = None


def list_orders(merchant: Merchant, filters: OrderFilter | None = None) -> QuerySet[Order]:
    """Return the merchant's orders that match, with market and lines, in no particular order."""
    wanted = filters or OrderFilter()
    orders: QuerySet[Order] = Order.objects.filter(merchant=merchant).select_related("market")
    if wanted.statuses:
        orders = orders.filter(status__in=wanted.statuses)
    if wanted.markets:
        orders = orders.filter(market__code__in=wanted.markets)
    if wanted.on_hold:
        orders = orders.filter(open_hold_count__gt=0)
    if wanted.due_before is not None:
        orders = orders.filter(ship_by_at__lt=wanted.due_before)
    if wanted.query:
        text = wanted.query.strip()
        orders = orders.filter(
            Q(number=text)
            | Q(external_ref=text)
            | Q(public_id=text)
            | Q(pk__in=_orders_with_sku(merchant, text))
        )
    return orders.defer("buyer_sealed", "buyer_key")


def _orders_with_sku(merchant: Merchant, sku: str) -> QuerySet[OrderLine]:
    lines: QuerySet[OrderLine] = OrderLine.objects.filter(merchant=merchant, sku=sku)
    return lines.values("order_id")  # type: ignore[return-value]


def with_lines_and_holds(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add lines and open holds, two more statements for any number of orders."""
    open_holds = OrderHold.objects.filter(open_kind__isnull=False).order_by("placed_at")
    return orders.prefetch_related(
        Prefetch("lines", queryset=OrderLine.objects.order_by("position")),
        Prefetch("holds", queryset=open_holds, to_attr="open_holds"),
    )


def get_order(merchant: Merchant, public_id: str) -> Order:
    """Return one order of the merchant by outward id or number; raises ``Order.DoesNotExist``."""
    order: Order = Order.objects.select_related("market", "store", "merchant").get(
        Q(public_id=public_id) | Q(number=public_id), merchant=merchant
    )
    return order


def find_order(merchant: Merchant, *, channel: str, external_ref: str) -> Order | None:
    """Return the order of a channel's reference, or nothing."""
    order: Order | None = Order.objects.filter(
        merchant=merchant, channel=channel, external_ref=external_ref
    ).first()
    return order


def find_explanation(order: Order) -> Explanation | None:
    """Return why the order costs what it costs; nothing where no promotion had a say."""
    stored = OrderPricing.objects.filter(order=order).values_list("explanation", flat=True).first()
    return None if stored is None else Explanation.from_json(stored)


def list_holds(order: Order) -> QuerySet[OrderHold]:
    """Return all holds of an order, the newest first."""
    holds: QuerySet[OrderHold] = OrderHold.objects.filter(order=order)
    return holds.order_by("-placed_at", "-id")


def get_hold(merchant: Merchant, public_id: str) -> OrderHold:
    """Return one hold of the merchant; raises ``OrderHold.DoesNotExist``."""
    hold: OrderHold = OrderHold.objects.select_related("order").get(
        merchant=merchant, public_id=public_id
    )
    return hold


def list_saved_views(merchant: Merchant, owner_id: str) -> QuerySet[SavedView]:
    """Return the person's own views and the shared ones, by name."""
    views: QuerySet[SavedView] = SavedView.objects.filter(merchant=merchant)
    return views.filter(Q(owner_id=owner_id) | Q(is_shared=True)).order_by("name", "id")
