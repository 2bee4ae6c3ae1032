"""Shipments, made by the services themselves."""

from __future__ import annotations

from datetime import datetime

from django_scopes import scope

from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel, Shipment
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.orders import services as orders
from tests.factories.orders import make_order

_ACTOR = system_actor("tests")


def make_shipment(merchant: Merchant, *, now: datetime, **changes: object) -> Shipment:
    """Return the booked shipment of a new confirmed order (now ready to ship)."""
    order = make_order(merchant, now=now, **changes)  # type: ignore[arg-type]
    with scope(merchant=merchant):
        orders.confirm_order(order, actor=_ACTOR, now=now)
        return fulfillment.create_shipments(order, actor=_ACTOR, now=now)[0]


def make_parcel(merchant: Merchant, *, now: datetime, **changes: object) -> Parcel:
    """Return the only parcel of a new booked shipment."""
    shipment = make_shipment(merchant, now=now, **changes)
    with scope(merchant=merchant):
        return Parcel.objects.select_related("shipment", "shipment__order").get(shipment=shipment)
