"""Reads of shipments, parcels, tracking and routes."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from apps.carriers.recognition import clean_number
from apps.fulfillment.models import Parcel, RouteDecision, Shipment, TrackingEvent
from apps.fulfillment.rules import UNKNOWN
from apps.fulfillment.states import ShipmentStatus
from apps.merchants.models import Merchant
from apps.orders.models import Order


def list_shipments(merchant: Merchant) -> QuerySet[Shipment]:
    """Return the merchant's shipments with order, node and parcels, in no particular order.

    Three statements for any number of rows; the buyer's sealed data is not loaded.
    """
    shipments: QuerySet[Shipment] = Shipment.objects.filter(merchant=merchant)
    return (
        shipments.select_related("order", "node")
        .prefetch_related(Prefetch("parcels", queryset=Parcel.objects.order_by("position")))
        .defer("order__buyer_sealed", "order__buyer_key")
    )


def list_shipments_of(order: Order) -> QuerySet[Shipment]:
    """Return an order's shipments with node and parcels, voided ones too, the oldest first."""
    shipments: QuerySet[Shipment] = Shipment.objects.filter(order=order)
    return (
        shipments.select_related("node")
        .prefetch_related(Prefetch("parcels", queryset=Parcel.objects.order_by("position")))
        .order_by("id")
    )


def get_shipment(merchant: Merchant, public_id: str) -> Shipment:
    """Return one shipment of the merchant; raises ``Shipment.DoesNotExist``."""
    return list_shipments(merchant).get(public_id=public_id)


def find_parcel(merchant: Merchant, tracking_number: str) -> Parcel | None:
    """Return the merchant's parcel of a number (spaces and case do not matter), or nothing."""
    parcels: QuerySet[Parcel] = Parcel.objects.filter(merchant=merchant)
    found = parcels.select_related("shipment", "shipment__order").defer(
        "shipment__order__buyer_sealed", "shipment__order__buyer_key"
    )
    return found.filter(tracking_number=clean_number(tracking_number)).first()


def list_parcels_to_print(merchant: Merchant, order_ids: list[str]) -> QuerySet[Parcel]:
    """Return the parcels that are not void of orders by outward id, in printing order."""
    parcels: QuerySet[Parcel] = Parcel.objects.filter(
        merchant=merchant, shipment__order__public_id__in=order_ids
    )
    return parcels.exclude(shipment__status=ShipmentStatus.VOIDED).order_by(
        "shipment__order__number", "shipment_id", "position"
    )


def list_events(parcel: Parcel) -> QuerySet[TrackingEvent]:
    """Return a parcel's events, the latest first."""
    events: QuerySet[TrackingEvent] = TrackingEvent.objects.filter(parcel=parcel)
    return events.order_by("-occurred_at", "-id")


def list_unmapped(merchant: Merchant) -> QuerySet[TrackingEvent]:
    """Return the events whose code no table knows, for the operator, the newest first."""
    events: QuerySet[TrackingEvent] = TrackingEvent.objects.filter(merchant=merchant)
    return events.filter(status=UNKNOWN).select_related("parcel").order_by("-id")


def get_route(merchant: Merchant, public_id: str) -> RouteDecision:
    """Return a decision with shipment, order and node, by its own id or its shipment's.

    Raises ``RouteDecision.DoesNotExist``.
    """
    routes: QuerySet[RouteDecision] = RouteDecision.objects.filter(merchant=merchant)
    found = routes.select_related("shipment", "shipment__order", "shipment__node").defer(
        "shipment__order__buyer_sealed", "shipment__order__buyer_key"
    )
    if public_id.startswith("rte_"):
        return found.get(public_id=public_id)
    return found.get(shipment__public_id=public_id)


def find_route_id(shipment: Shipment) -> str:
    """Return the outward id of the decision about a shipment; empty for one older than decisions."""
    ids = RouteDecision.objects.filter(shipment=shipment).values_list("public_id", flat=True)
    return ids.first() or ""
