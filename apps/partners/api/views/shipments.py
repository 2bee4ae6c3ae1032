"""Shipments, their labels, hand-over, and tracking from carriers."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from msgspec import structs

from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.fulfillment import selectors
from apps.fulfillment import services as fulfillment
from apps.fulfillment.labels import render_labels
from apps.fulfillment.links import make_token
from apps.fulfillment.models import Parcel, Shipment, TrackingEvent
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.states import ShipmentStatus
from apps.partners.api.base import PartnerView
from apps.partners.api.input import to_utc
from apps.partners.api.operation import PDF, Answer, Call, Nothing, operation
from apps.partners.api.structs.common import ItemError, money_view
from apps.partners.api.structs.order_changes import Division
from apps.partners.api.structs.shipments import (
    DividedShipment,
    NewTrackings,
    ParcelView,
    ShipmentDetail,
    ShipmentPage,
    ShipmentQuery,
    ShipmentView,
    TrackingResult,
    TrackingResults,
    TrackingView,
)
from apps.partners.api.views.order_changes import to_units

_CLOCK_TOLERANCE = timedelta(hours=26)


class ShipmentsView(PartnerView):
    """The shipments of the company."""

    @operation(
        "shipments.list", scope="shipments:read", query=ShipmentQuery, answers={200: ShipmentPage}
    )
    def get(self, call: Call[ShipmentQuery, Nothing]) -> Answer:
        """List shipments, the newest first."""
        query = call.query
        found = selectors.list_shipments(call.merchant)
        if query.status:
            found = found.filter(status__in=query.status)
        if query.order:
            found = found.filter(Q(order__public_id=query.order) | Q(order__number=query.order))
        page = paginate(found, key="created_at", cursor=query.cursor, size=query.limit)
        items = [_view(shipment) for shipment in page.rows]
        return Answer(ShipmentPage(items, page.next_cursor or None))


class OneShipmentView(PartnerView):
    """One shipment."""

    @operation("shipments.get", scope="shipments:read", answers={200: ShipmentDetail})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one shipment with what its carrier reported."""
        return Answer(_detail(_one(call)))


class LabelView(PartnerView):
    """The label of one shipment."""

    @operation("shipments.label", scope="shipments:read", answers={200: PDF}, errors=(409, 410))
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Print the labels of a shipment: PDF, 100 × 150 mm, one page per parcel."""
        shipment = _one(call)
        if shipment.status == ShipmentStatus.VOIDED:
            raise DomainError("fulfillment.voided", _("The labels of this shipment are void."))
        parcels = list(shipment.parcels.all())
        if self.request.method == "HEAD":  # asks about the file: nothing is printed
            return Answer(render_labels(parcels), content_type=PDF, is_secret=True)
        label = fulfillment.print_labels(
            parcels, merchant=call.merchant, actor=call.actor, now=call.now
        )
        return Answer(label, content_type=PDF, is_secret=True)


class HandOverView(PartnerView):
    """Hand-over to the carrier."""

    @operation("shipments.hand_over", scope="shipments:write", answers={200: ShipmentDetail})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Hand a shipment over to its carrier; its order becomes shipped."""
        fulfillment.hand_over(_one(call), actor=call.actor, now=call.now)
        return Answer(_detail(_one(call)))


class DivideView(PartnerView):
    """Dividing a shipment."""

    @operation(
        "shipments.divide",
        scope="shipments:write",
        body=Division,
        answers={201: DividedShipment},
    )
    def post(self, call: Call[Nothing, Division]) -> Answer:
        """Replace a shipment that has not left by two, so that the units named leave apart.

        The old label is void. Answers with the shipment of these units and the one of the rest.
        """
        units = to_units(call.body.lines)
        made = fulfillment.divide_shipment(_one(call), units, actor=call.actor, now=call.now)
        first, rest = (
            _view(selectors.get_shipment(call.merchant, item.public_id)) for item in made
        )
        return Answer(DividedShipment(first, rest), 201)


class TrackingPushView(PartnerView):
    """Tracking from carriers."""

    @operation(
        "tracking.push",
        scope="tracking:write",
        body=NewTrackings,
        answers={200: TrackingResults},
    )
    def post(self, call: Call[Nothing, NewTrackings]) -> Answer:
        """Send up to 500 carrier events, in any order; repeats change nothing."""
        results: dict[int, TrackingResult] = {}
        inputs: dict[int, TrackingInput] = {}
        for index, item in enumerate(call.body.events):
            try:
                moment = to_utc(
                    item.occurred_at, "occurred_at", now=call.now, ahead=_CLOCK_TOLERANCE
                )
            except DomainError as error:
                results[index] = _refused(index, item.tracking_number, error)
                continue
            inputs[index] = TrackingInput(
                tracking_number=item.tracking_number,
                code=item.code,
                occurred_at=moment,
                location=item.location,
                description=item.description,
                source=item.source,
                event_id=item.event_id,
            )
        outcomes = fulfillment.record_tracking(
            call.merchant, list(inputs.values()), actor=call.actor, now=call.now
        )
        for index, told in zip(inputs, outcomes, strict=True):
            results[index] = (
                _refused(index, told.tracking_number, told.error)
                if told.error is not None
                else TrackingResult(index, told.tracking_number, told.status, told.is_new, None)
            )
        return Answer(TrackingResults([results[at] for at in range(len(call.body.events))]))


def _refused(index: int, number: str, error: DomainError) -> TrackingResult:
    told = ItemError(error.code, error.message, error.fields)
    return TrackingResult(index, number, None, is_new=False, error=told)


def _one(call: Call[Nothing, Nothing] | Call[Nothing, Division]) -> Shipment:
    return selectors.get_shipment(call.merchant, call.path["shipment_id"])


def _detail(shipment: Shipment) -> ShipmentDetail:
    events = TrackingEvent.objects.filter(parcel__shipment=shipment)
    return ShipmentDetail(
        **structs.asdict(_view(shipment)),
        events=[
            TrackingView(
                event.status, event.code, event.occurred_at, event.location, event.description
            )
            for event in events.order_by("-occurred_at", "-id")[:500]
        ],
    )


def _view(shipment: Shipment) -> ShipmentView:
    return ShipmentView(
        id=shipment.public_id,
        order_id=shipment.order.public_id,
        order_number=shipment.order.number,
        node=shipment.node.code,
        model=shipment.model,
        service=shipment.service,
        carrier=shipment.carrier,
        status=shipment.status,
        ship_to_country=shipment.ship_to_country,
        postage=money_view(shipment.postage_minor, shipment.currency),
        parcels=[_parcel_view(parcel) for parcel in shipment.parcels.all()],
        ship_by_at=shipment.ship_by_at,
        created_at=shipment.created_at,
        tendered_at=shipment.tendered_at,
        delivered_at=shipment.delivered_at,
        tracking_url=settings.PORTAL_URL.rstrip("/")
        + reverse("public:track", args=[make_token(shipment)]),
    )


def _parcel_view(parcel: Parcel) -> ParcelView:
    return ParcelView(
        parcel.public_id,
        parcel.tracking_number,
        parcel.weight_g,
        parcel.status,
        parcel.tracking_status,
        parcel.last_event_at,
        parcel.delivered_at,
        parcel.eta_p50_at,
        parcel.eta_p90_at,
    )
