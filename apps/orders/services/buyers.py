"""The buyer's data: revealing it, correcting it, erasing it – each recorded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from apps.common.crypto import Sealed, UnreadableError, seal, unseal
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders import events
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest
from apps.orders.rules import mask_name
from apps.orders.services.locking import lock_order, record_fact


def read_buyer(order: Order) -> BuyerRequest:
    """Return the buyer's data for work that needs it (labels, checks); not for showing to people.

    Raises ``UnreadableError`` after erasure.
    """
    return BuyerRequest(**unseal(Sealed(bytes(order.buyer_key or b""), bytes(order.buyer_sealed))))


def reveal_buyer(order: Order, *, actor: Actor, now: datetime) -> BuyerRequest:
    """Return the buyer's data for a person to see, and record who saw it."""
    with transaction.atomic():
        buyer = read_buyer(order)
        record_fact(order, events.BUYER_REVEALED, {}, actor=actor, now=now)
    return buyer


def correct_buyer(order: Order, buyer: BuyerRequest, *, actor: Actor, now: datetime) -> Order:
    """Replace the buyer's address; the old text is gone, the fact of the change is recorded."""
    with transaction.atomic():
        locked = lock_order(order)
        sealed = seal(asdict(buyer))
        locked.buyer_key, locked.buyer_sealed = sealed.key, sealed.text
        locked.buyer_label = mask_name(buyer.name)
        locked.ship_to_country = buyer.country
        locked.save()
        record_fact(locked, events.BUYER_CORRECTED, {}, actor=actor, now=now)
    return locked


def erase_buyer(merchant: Merchant, buyer_index: str, *, actor: Actor, now: datetime) -> int:
    """Destroy the keys of all orders of one buyer; returns the number of orders. Cannot be undone."""
    with transaction.atomic():
        count: int = Order.objects.filter(merchant=merchant, buyer_index=buyer_index).update(
            buyer_key=None, buyer_sealed=b"", buyer_label="", buyer_index=""
        )
        journal.record(
            events.BUYER_ERASED,
            merchant=merchant,
            subject=merchant,
            actor=actor,
            now=now,
            payload={"orders": count},
        )
    return count


__all__ = ["UnreadableError", "correct_buyer", "erase_buyer", "read_buyer", "reveal_buyer"]
