"""Shipments: the list, and one shipment with the events of its parcels."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.pagination import paginate
from apps.common.web.access import READ, find_or_404, may, member_page
from apps.dashboard.web.case_forms import OpenForm
from apps.dashboard.web.labels import pdf_answer
from apps.dashboard.words import country_name
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services as fulfillment_services
from apps.fulfillment.case_selectors import list_cases
from apps.fulfillment.links import make_token
from apps.fulfillment.models import Shipment
from apps.fulfillment.services.settling import NOT_LEFT
from apps.fulfillment.states import ShipmentStatus
from apps.markets.models import Market
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

PAGE_SIZE = 50
VIEWS: dict[str, tuple[str, ...]] = {
    "ready": (ShipmentStatus.QUOTED, ShipmentStatus.BOOKED),
    "away": (ShipmentStatus.TENDERED, ShipmentStatus.IN_TRANSIT),
    "problem": (
        ShipmentStatus.RETURNING,
        ShipmentStatus.RETURNED,
        ShipmentStatus.LOST,
        ShipmentStatus.DISPOSED,
    ),
    "delivered": (ShipmentStatus.DELIVERED,),
    "voided": (ShipmentStatus.VOIDED,),
}


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def shipments(request: MemberRequest) -> HttpResponse:
    """List the company's shipments, the newest first; an exact number opens its shipment."""
    merchant = request.member.merchant
    query = request.GET.get("q", "").strip()[:64]
    if query:
        parcel = fulfillment.find_parcel(merchant, query)
        if parcel is not None:
            return redirect("dashboard:shipment", parcel.shipment.public_id)
    view = request.GET.get("view", "all")
    found = _select(merchant, view, query)
    page = paginate(found, key="created_at", cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    base = reverse("dashboard:shipments")
    tabs = [
        {"label": label, "url": f"{base}?view={slug}", "is_current": slug == view}
        for slug, label in _labels()
    ]
    context = {
        "section": "shipping",
        "page": page,
        "tabs": tabs,
        "view": view,
        "query": query,
        "zones": dict(Market.objects.values_list("code", "time_zone")),
        "now": utc_now(),
    }
    return render(request, "dashboard/shipments.html", context)


def _select(merchant: Merchant, view: str, query: str) -> QuerySet[Shipment]:
    found = fulfillment.list_shipments(merchant)
    if view in VIEWS:
        found = found.filter(status__in=VIEWS[view])
    if query:
        found = found.filter(Q(order__number__startswith=query.upper()) | Q(public_id=query))
    return found


def _labels() -> list[tuple[str, str]]:
    return [
        ("all", _("All")),
        ("ready", _("To hand over")),
        ("away", _("Under way")),
        ("problem", _("Problems")),
        ("delivered", _("Delivered")),
        ("voided", _("Label void")),
    ]


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def shipment(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Show one shipment, each parcel's events in two time zones, the latest first."""
    merchant = request.member.merchant
    found = find_or_404(fulfillment.get_shipment, merchant, shipment_id)
    market = Market.objects.filter(pk=found.order.market_id).get()
    parcels = [
        (parcel, list(fulfillment.list_events(parcel)[:200])) for parcel in found.parcels.all()
    ]
    context = {
        "section": "shipping",
        "shipment": found,
        "order": found.order,
        "parcels": parcels,
        "zone": market.time_zone,
        "route": (country_name(found.origin_country), country_name(found.ship_to_country)),
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
        "is_ready": found.status == ShipmentStatus.BOOKED,
        "booking": fulfillment_services.booking_of(found),
        "route_id": fulfillment.find_route_id(found),
        "tracking_url": reverse("public:track", args=[make_token(found)]),
        "cases": list(list_cases(merchant).filter(parcel__shipment=found).order_by("-id")[:20]),
        "open_form": OpenForm(auto_id="case-%s"),
        "may_have_left": found.status not in {*NOT_LEFT, ShipmentStatus.VOIDED},
        "contents": list(found.lines.select_related("order_line").order_by("order_line__position")),
    }
    return render(request, "dashboard/shipment.html", context)


@member_page(*READ, permission=permissions.SHIPMENTS_MANAGE)
def label(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Show the labels of one shipment."""
    found = find_or_404(fulfillment.get_shipment, request.member.merchant, shipment_id)
    usable = [] if found.status == ShipmentStatus.VOIDED else list(found.parcels.all())
    return pdf_answer(request, usable)
