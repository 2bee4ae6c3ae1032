"""Parcels as the order pages need them."""

from __future__ import annotations

from django.db.models import Q

from apps.fulfillment.models import Parcel
from apps.fulfillment.rules import clean_number
from apps.merchants.models import Merchant


def has_tracking_number(merchant: Merchant, number: str) -> Q:
    """Return the condition that an order has a parcel of this tracking number."""
    parcels = Parcel.objects.filter(merchant=merchant, tracking_number=clean_number(number))
    return Q(pk__in=parcels.values("shipment__order_id"))
