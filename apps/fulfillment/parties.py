"""What a carrier is told of a shipment: sender, recipient, parcels and goods."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.carriers.contract import BookingRequest, Box, Goods, Party
from apps.common.crypto import UnreadableError
from apps.common.errors import DomainError
from apps.fulfillment.models import Parcel, Shipment, ShipmentLine
from apps.orders.requests import BuyerRequest
from apps.orders.services.buyers import read_buyer


def write_request(shipment: Shipment, *, reference: str, service: str) -> BookingRequest:
    """Return the request for all parcels of a shipment (three statements).

    Places have no street of their own yet: the sender is the company at the name of its place.
    Raises ``fulfillment.buyer_erased`` (410) when the buyer's address no longer exists.
    """
    buyer = readable_buyer(shipment)
    weights = Parcel.objects.filter(shipment=shipment).order_by("position")
    contents = ShipmentLine.objects.filter(shipment=shipment).select_related("order_line")
    node = shipment.node
    return BookingRequest(
        reference=reference,
        service=service,
        sender=Party(shipment.merchant.name, f"{node.name} ({node.code})", "", "", node.country),
        recipient=Party(
            name=buyer.name,
            street=buyer.street,
            city=buyer.city,
            postal_code=buyer.postal_code,
            country=buyer.country,
            region=buyer.region,
            phone=buyer.phone,
            email=buyer.email,
        ),
        boxes=[Box(weight) for weight in weights.values_list("weight_g", flat=True)],
        goods=[
            Goods(
                description=line.customs_name,
                quantity=line.quantity,
                value_minor=line.total_minor,
                currency=shipment.order.currency,
                hs_code=line.hs_code,
                origin=line.origin_country,
            )
            for line in (
                content.order_line for content in contents.order_by("order_line__position")
            )
        ],
    )


def readable_buyer(shipment: Shipment) -> BuyerRequest:
    """Return the buyer of a shipment; raises ``fulfillment.buyer_erased`` (410)."""
    try:
        return read_buyer(shipment.order)
    except UnreadableError as error:
        raise DomainError(
            "fulfillment.buyer_erased",
            _("The buyer's address of order %(number)s was erased.")
            % {"number": shipment.order.number},
            status=410,
        ) from error
