"""Labels bought with a carrier of the merchant's own instead of the portal's line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from apps.carriers import selectors as carriers
from apps.carriers import services as carrier_services
from apps.carriers.contract import BookingRequest
from apps.carriers.models import Booking, CarrierAccount
from apps.carriers.recognition import clean_number
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.common.money import Money
from apps.fulfillment import events
from apps.fulfillment.models import Parcel, Shipment, ShipmentLine
from apps.fulfillment.parties import write_request
from apps.fulfillment.services.handover import void_locked
from apps.fulfillment.services.numbers import allocate_numbers
from apps.fulfillment.services.routing import write_shipments
from apps.fulfillment.services.settling import Dispatch, lock_dispatches
from apps.fulfillment.states import ShipmentStatus
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.selectors import convert
from apps.orders.models import Order, OrderLine

BOOKING_KIND = "shipment"


def quote_request(shipment: Shipment, service: str) -> BookingRequest:
    """Return what a carrier is asked for a shipment; 410 when the buyer was erased."""
    return write_request(shipment, reference=shipment.public_id, service=service)


@retry_transaction
def buy_label(
    shipment: Shipment, account: CarrierAccount, service: str, *, actor: Actor, now: datetime
) -> Shipment:
    """Void a label of the portal's line and book the same parcels with a carrier of the merchant's.

    Returns the new shipment, which waits for the carrier (``QUOTED``) and has its label as soon as
    that answered; nothing is called here. The portal charges no postage for it. Raises
    ``fulfillment.has_left`` (409) unless the label is ready and the portal's,
    ``fulfillment.buyer_erased`` (410), and the errors of ``carriers.want``.
    """
    with transaction.atomic():
        [dispatch] = lock_dispatches([shipment.order_id])
        current = _alive(dispatch, shipment)
        if current is None or current.status != ShipmentStatus.BOOKED or current.booking:
            message = _("Only a label of the portal's line that was not used yet can be replaced.")
            raise DomainError("fulfillment.has_left", message)
        reason = _("Bought at %(carrier)s instead") % {"carrier": account.name}
        parcels = dispatch.parcels[current.pk]
        void_locked(current, dispatch, reason=reason, actor=actor, now=now)
        made = _copy(current, parcels, account, now=now)
        request = write_request(made, reference=made.public_id, service=service)
        booking = carrier_services.want(
            account, request, kind=BOOKING_KIND, subject=made.public_id, actor=actor, now=now
        )
        made.booking = booking.public_id
        made.save(update_fields=["booking"])
        _tell_created(made, dispatch.order, actor=actor, now=now)
    return made


@retry_transaction
def use_own_line(shipment: Shipment, *, actor: Actor, now: datetime) -> Shipment:
    """Give up a booking with a carrier and make a label of the portal's line for the same units.

    Raises ``fulfillment.has_left`` (409) after the hand-over and for a label that is the portal's,
    and the errors of routing.
    """
    with transaction.atomic():
        [dispatch] = lock_dispatches([shipment.order_id])
        current = _alive(dispatch, shipment)
        if current is None or not current.booking:
            message = _("This label is the portal's own already.")
            raise DomainError("fulfillment.has_left", message)
        void_locked(current, dispatch, reason=_("The portal's line instead"), actor=actor, now=now)
        contents = ShipmentLine.objects.filter(shipment=current)
        lines = OrderLine.objects.filter(pk__in=contents.values("order_line_id"))
        group = list(lines.select_related("node").order_by("position"))
        attempt = _last_attempt(dispatch.order) + 1
        [made] = write_shipments(dispatch.order, [group], attempt, actor=actor, now=now)
    return made


@retry_transaction
def adopt_booking(booking: Booking, *, actor: Actor, now: datetime) -> Shipment | None:
    """Give a shipment the numbers and the price of its booking; a repeat changes nothing.

    A booking that nothing waits for any more is released, and so is one with a number that another
    parcel has: the shipment then needs a person. Returns the shipment that has its label now.
    """
    with transaction.atomic():
        found = Shipment.objects.filter(public_id=booking.subject).first()
        if found is None:
            carrier_services.release(booking, actor=actor, now=now)
            return None
        [dispatch] = lock_dispatches([found.order_id])
        shipment = _alive(dispatch, found)
        if shipment is not None and shipment.status != ShipmentStatus.QUOTED:
            return shipment
        parcels = dispatch.parcels[shipment.pk] if shipment is not None else []
        numbers = [clean_number(number) for number in booking.tracking_numbers]
        if shipment is None or not _are_free(numbers, parcels):
            carrier_services.release(booking, actor=actor, now=now)
            return None
        _take_over(shipment, parcels, numbers, booking, now=now)
        payload: dict[str, journal.Json] = {
            "order": dispatch.order.public_id,
            "number": dispatch.order.number,
            "booking": booking.public_id,
            "tracking_numbers": [*numbers],
            "amount_minor": booking.amount_minor,
            "currency": booking.currency,
        }
        fact = journal.Fact(events.LABEL_BOUGHT, "shipment", shipment.public_id, payload)
        journal.record_many([fact], tenant_id=shipment.merchant_id, actor=actor, now=now)
    return shipment


def build_request(booking: Booking) -> BookingRequest:
    """Return the request of a shipment's booking, written from what is stored now."""
    shipment = Shipment.objects.select_related("order", "node", "merchant").get(
        public_id=booking.subject
    )
    return write_request(shipment, reference=booking.reference, service=booking.service)


def forget_erased_labels(merchant_id: int) -> int:
    """Erase the carriers' labels of a company's orders whose buyer was erased; returns their number."""
    erased = Shipment.objects.filter(merchant=merchant_id, order__buyer_key=None)
    subjects = list(erased.exclude(booking="").values_list("public_id", flat=True))
    return carrier_services.forget_labels(merchant_id, subjects) if subjects else 0


def booking_of(shipment: Shipment) -> Booking | None:
    """Return the booking of a shipment, with its account; nothing on the portal's lines."""
    if not shipment.booking:
        return None
    return carriers.get_booking(shipment.merchant, shipment.booking)


def _alive(dispatch: Dispatch, shipment: Shipment) -> Shipment | None:
    return next((item for item in dispatch.shipments if item.pk == shipment.pk), None)


def _last_attempt(order: Order) -> int:
    last: int = Shipment.objects.filter(order=order).aggregate(last=Max("attempt"))["last"]
    return last


def _copy(
    old: Shipment, parcels: list[Parcel], account: CarrierAccount, *, now: datetime
) -> Shipment:
    """Write a shipment of the same units and weights that waits for a carrier."""
    order = old.order
    made: Shipment = Shipment.objects.create(
        merchant_id=old.merchant_id,
        order=order,
        node_id=old.node_id,
        attempt=_last_attempt(order) + 1,
        model=old.model,
        service=old.service,
        carrier=account.public_id,
        status=ShipmentStatus.QUOTED,
        origin_country=old.origin_country,
        ship_to_country=old.ship_to_country,
        weight_g=old.weight_g,
        currency=order.currency,
        ship_by_at=order.ship_by_at,
        created_at=now,
    )
    numbers = allocate_numbers(made.origin_country, len(parcels), lane=order.pk)
    Parcel.objects.bulk_create(
        Parcel(
            public_id=new_public_id("pcl"),
            merchant_id=made.merchant_id,
            shipment=made,
            position=parcel.position,
            tracking_number=number,
            weight_g=parcel.weight_g,
        )
        for parcel, number in zip(parcels, numbers, strict=True)
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            merchant_id=made.merchant_id,
            shipment=made,
            order_line_id=content.order_line_id,
            quantity=content.quantity,
        )
        for content in ShipmentLine.objects.filter(shipment=old)
    )
    return made


def _are_free(numbers: list[str], parcels: list[Parcel]) -> bool:
    """Say whether the numbers are as many as the parcels and no parcel of any company has one."""
    own = [parcel.pk for parcel in parcels]
    with scopes_disabled():
        taken = Parcel.objects.filter(tracking_number__in=numbers).exclude(pk__in=own).exists()
    return len(set(numbers)) == len(numbers) == len(own) and not taken


def _take_over(
    shipment: Shipment,
    parcels: list[Parcel],
    numbers: list[str],
    booking: Booking,
    *,
    now: datetime,
) -> None:
    for parcel, number in zip(parcels, numbers, strict=True):
        parcel.own_number, parcel.tracking_number = parcel.tracking_number, number
        parcel.save(update_fields=["own_number", "tracking_number"])
    price = Money.from_minor(booking.amount_minor, booking.currency)
    shown = convert(price, shipment.currency, now.date()) or price
    shipment.status = ShipmentStatus.BOOKED
    shipment.quote_minor, shipment.quote_currency = price.minor, price.currency
    shipment.postage_minor, shipment.currency = shown.minor, shown.currency
    shipment.save(
        update_fields=["status", "quote_minor", "quote_currency", "postage_minor", "currency"]
    )


def _tell_created(shipment: Shipment, order: Order, *, actor: Actor, now: datetime) -> None:
    payload: dict[str, journal.Json] = {
        "order": order.public_id,
        "number": order.number,
        "service": shipment.service,
        "carrier": shipment.carrier,
        "from": shipment.origin_country,
        "ship_to": shipment.ship_to_country,
        "tracking_numbers": [],
        "weight_g": shipment.weight_g,
        # The carrier is paid by the merchant: the portal charges nothing.
        "postage_minor": None,
        "currency": shipment.currency,
        "tariff": "",
        "booking": shipment.booking,
    }
    fact = journal.Fact(events.SHIPMENT_CREATED, "shipment", shipment.public_id, payload)
    journal.record_many([fact], tenant_id=shipment.merchant_id, actor=actor, now=now)
