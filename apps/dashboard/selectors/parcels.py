"""Parcels as the order pages need them."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.carriers.recognition import clean_number
from apps.fulfillment.models import Parcel
from apps.merchants.models import Merchant


def list_keys_of_parcel(merchant: Merchant, number: str) -> QuerySet[Parcel, int]:
    """Return the keys of the orders that have a parcel of this tracking number."""
    parcels: QuerySet[Parcel] = Parcel.objects.filter(
        merchant=merchant, tracking_number=clean_number(number)
    )
    return parcels.values_list("shipment__order_id", flat=True)
