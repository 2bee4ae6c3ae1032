"""The facts of an order that its ledger follows from."""

from __future__ import annotations

from django.db.models import Q, Sum

from apps.finance.models import PostageCharge
from apps.finance.rules import Change, OrderFacts, Postage
from apps.orders.models import LineDiscount, Order, OrderChange

_SHIPPING = Q(position=0)


def facts_of(order: Order) -> OrderFacts:
    """Return amounts and moments of an order, and its changes since it was captured.

    One statement if it has a discount, one if it was changed, else none.
    """
    parts = _discount_parts(order) if order.discount_minor else {}
    return OrderFacts(
        public_id=order.public_id,
        currency=order.currency,
        items_minor=order.items_minor,
        shipping_minor=order.shipping_minor,
        discount_minor=order.discount_minor,
        confirmed_at=order.confirmed_at,
        delivered_at=order.delivered_at,
        completed_at=order.completed_at,
        cancelled_at=order.cancelled_at,
        changes=list_captured_changes(order),
        **parts,
    )


def list_captured_changes(order: Order) -> tuple[Change, ...]:
    """Return the changes of an order since its money was captured; no statement while there are none."""
    if not order.change_count or order.confirmed_at is None:
        return ()
    columns = (
        *("public_id", "items_minor", "shipping_minor", "discount_minor", "platform_minor"),
        "made_at",
    )
    found = OrderChange.objects.filter(order=order, was_captured=True).order_by("pk")
    return tuple(Change(*row) for row in found.values_list(*columns))


def _discount_parts(order: Order) -> dict[str, int]:
    """Return what is off the shipping fee, and what the platform pays of each.

    A discount without rows is the merchant's, on goods.
    """
    sums = LineDiscount.objects.filter(order=order).aggregate(
        shipping_discount_minor=Sum("amount_minor", filter=_SHIPPING),
        platform_goods_minor=Sum("platform_minor", filter=~_SHIPPING),
        platform_shipping_minor=Sum("platform_minor", filter=_SHIPPING),
    )
    return {name: int(amount or 0) for name, amount in sums.items()}


def list_postages(order: Order) -> list[Postage]:
    """Return what is known of the order's labels, the first one first."""
    charges = PostageCharge.objects.filter(order=order).order_by("pk")
    return [
        Postage(
            item.shipment_id, item.postage_minor, item.currency, item.charged_at, item.voided_at
        )
        for item in charges
    ]
