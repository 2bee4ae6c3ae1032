"""The facts of an order that its ledger follows from."""

from __future__ import annotations

from apps.finance.models import PostageCharge
from apps.finance.rules import OrderFacts, Postage
from apps.orders.models import Order


def facts_of(order: Order) -> OrderFacts:
    """Return amounts and moments of an order."""
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
    )


def list_postages(order: Order) -> list[Postage]:
    """Return what is known of the order's labels, the first one first."""
    charges = PostageCharge.objects.filter(order=order).order_by("pk")
    return [
        Postage(
            item.shipment_id, item.postage_minor, item.currency, item.charged_at, item.voided_at
        )
        for item in charges
    ]
