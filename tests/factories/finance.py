"""Orders brought to a point of their life, and the ledger made to follow."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_scopes import scope

from apps.finance import receivers
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.models import Order
from tests.factories.orders import make_order

ACTOR = system_actor("tests")
STEPS = ("confirmed", "allocated", "shipped", "delivered", "completed")
HANDLERS = {
    "order.confirmed": receivers.post_order,
    "order.delivered": receivers.post_order,
    "order.completed": receivers.post_order,
    "order.cancelled": receivers.post_order,
    "shipment.created": receivers.charge_label,
    "shipment.voided": receivers.void_label,
}


def advance(order: Order, until: str, *, now: datetime) -> Order:
    """Bring an order to a state through the services, one day per step; nothing is posted."""
    with scope(merchant=order.merchant_id):
        for day, step in enumerate(STEPS[: STEPS.index(until) + 1]):
            at = now + timedelta(days=day)
            if step == "confirmed":
                orders.confirm_order(order, actor=ACTOR, now=at)
            elif step == "allocated":
                orders.allocate_order(order, actor=ACTOR, now=at)
            elif step == "shipped":
                orders.ship_order(order, actor=ACTOR, now=at)
            elif step == "delivered":
                orders.deliver_order(order, delivered_at=at, actor=ACTOR, now=at)
            else:
                orders.complete_order(order, actor=ACTOR, now=at)
        order.refresh_from_db()
    return order


def label_entry(
    order: Order,
    event: str,
    *,
    now: datetime,
    shipment: str = "shp_1",
    postage_minor: int | None = 985,
    currency: str = "EUR",
) -> JournalEntry:
    """Return a stored journal entry of fulfilment about a label of the order."""
    payload = {"order": order.public_id}
    if event == "shipment.created":
        payload |= {"postage_minor": postage_minor, "currency": currency}
    return JournalEntry.objects.create(
        tenant_id=order.merchant_id,
        event=event,
        subject_type="shipment",
        subject_id=shipment,
        actor="system:tests",
        payload=payload,
        occurred_at=now,
    )


def entries_of(order: Order) -> list[JournalEntry]:
    """Return the journal entries of the order that finance listens to, in order."""
    return list(
        JournalEntry.objects.filter(subject_id=order.public_id, event__in=HANDLERS).order_by("id")
    )


def handle(order: Order, *entries: JournalEntry) -> None:
    """Hand entries to finance's receivers, in the order given."""
    with scope(merchant=order.merchant_id):
        for entry in entries:
            HANDLERS[entry.event](entry)


def settled_order(
    merchant: Merchant, until: str, *, now: datetime, label: bool = True, **changes: object
) -> Order:
    """Return an order at a point of its life whose postings are all made."""
    order = make_order(merchant, now=now, **changes)
    advance(order, until, now=now)
    if label:
        handle(order, label_entry(order, "shipment.created", now=now, shipment=f"shp_{order.pk}"))
    handle(order, *entries_of(order))
    with scope(merchant=merchant):
        order.refresh_from_db()
    return order
