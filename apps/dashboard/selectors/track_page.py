"""What a buyer sees of a shipment: the journey by leg and an honest range, nothing personal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.dashboard.case_words import buyer_step
from apps.fulfillment.case_rules import Signal
from apps.fulfillment.legs import route_legs, split_legs
from apps.fulfillment.models import ExceptionCase, Parcel, Shipment, TrackingEvent
from apps.fulfillment.rules import needs_customs
from apps.fulfillment.states import ParcelStatus, TrackingStatus

MAX_EVENTS = 60
# A carrier's free text may hold a street or a name; a place without digits is a town.
_TOWN = re.compile(r"[^\d@:;/\\]{1,48}")
_LEGS: dict[str, str | Promise] = {
    "first_mile": gettext_lazy("On the way to the hub"),
    "export": gettext_lazy("Leaving the country"),
    "linehaul": gettext_lazy("Between the countries"),
    "import": gettext_lazy("Customs of your country"),
    "last_mile": gettext_lazy("On the way to you"),
}
_SILENT = frozenset({TrackingStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Report:
    """One event as the buyer reads it: our word for it, when, and the town."""

    label: str
    at: datetime
    place: str
    is_arrival: bool


@dataclass(frozen=True, slots=True)
class Journey:
    """One parcel's way: its number, its legs, its reports, when it arrives and what to do.

    ``steps`` are ready for the steps component. ``arrives`` is the range (half of such parcels,
    nine of ten) or nothing.
    """

    number: str
    headline: str
    steps: list[dict[str, object]]
    reports: list[Report]
    arrives: tuple[datetime, datetime] | None
    asked: list[str]
    delivered_at: datetime | None


def read_journeys(shipment: Shipment) -> list[Journey]:
    """Return the journeys of a shipment's parcels; three statements."""
    parcels = list(Parcel.objects.filter(shipment=shipment).order_by("position"))
    events: dict[int, list[TrackingEvent]] = {parcel.pk: [] for parcel in parcels}
    rows = TrackingEvent.objects.filter(parcel_id__in=events).defer("raw", "description")
    for event in rows.order_by("-occurred_at", "-id"):
        events[event.parcel_id].append(event)
    cases: dict[int, list[ExceptionCase]] = {parcel.pk: [] for parcel in parcels}
    opened = ExceptionCase.objects.filter(parcel_id__in=events, open_key__isnull=False)
    for case in opened.order_by("id"):
        cases[case.parcel_id].append(case)
    return [_journey(shipment, parcel, events[parcel.pk], cases[parcel.pk]) for parcel in parcels]


def crosses_border(shipment: Shipment) -> bool:
    """Say whether the buyer must know about customs."""
    return needs_customs(shipment.origin_country, shipment.ship_to_country)


def _journey(
    shipment: Shipment,
    parcel: Parcel,
    events: Sequence[TrackingEvent],
    cases: Sequence[ExceptionCase],
) -> Journey:
    is_under_way = parcel.status == ParcelStatus.TENDERED
    arrives = None
    if is_under_way and parcel.eta_p50_at is not None and parcel.eta_p90_at is not None:
        arrives = (parcel.eta_p50_at, parcel.eta_p90_at)
    asked = [text for case in cases if (text := buyer_step(case))]
    if parcel.tracking_status == TrackingStatus.READY_FOR_PICKUP and is_under_way:
        asked.insert(0, _("Pick up your parcel. The pick-up point keeps it for about a week."))
    return Journey(
        parcel.tracking_number,
        _headline(parcel),
        _steps(shipment, parcel, events),
        [_report(event) for event in events[:MAX_EVENTS] if event.status not in _SILENT],
        arrives,
        list(dict.fromkeys(asked)),
        parcel.delivered_at,
    )


def _headline(parcel: Parcel) -> str:
    if parcel.status == ParcelStatus.VOID:
        return _("This label was replaced. Ask the seller for the new number.")
    if parcel.status == ParcelStatus.LABELLED:
        return _("The seller is preparing your parcel.")
    if parcel.tracking_status in {"", TrackingStatus.UNKNOWN}:
        return _("Your parcel was handed to the carrier.")
    return str(TrackingStatus(parcel.tracking_status).label)


def _report(event: TrackingEvent) -> Report:
    place = event.location if _TOWN.fullmatch(event.location) else ""
    label = str(TrackingStatus(event.status).label)
    return Report(label, event.occurred_at, place, event.status == TrackingStatus.DELIVERED)


def _steps(
    shipment: Shipment, parcel: Parcel, events: Sequence[TrackingEvent]
) -> list[dict[str, object]]:
    route = route_legs(shipment.origin_country, shipment.ship_to_country)
    if shipment.tendered_at is None:
        return [{"label": str(_LEGS[leg]), "note": "", "state": ""} for leg in route]
    signals = [Signal(event.status, event.occurred_at) for event in events]
    seen = {item.leg: item for item in split_legs(signals, route, shipment.tendered_at)}
    reached = max(route.index(leg) for leg in seen)
    steps: list[dict[str, object]] = []
    for place, leg in enumerate(route):
        ended = seen[leg].ended if leg in seen else None
        is_done = ended is not None or place < reached
        is_now = leg in seen and not is_done and parcel.status == ParcelStatus.TENDERED
        state = "done" if is_done else "now" if is_now else ""
        steps.append({"label": str(_LEGS[leg]), "note": "", "at": ended, "state": state})
    return steps
