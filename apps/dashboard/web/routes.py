"""The page that says why a shipment travels as it does."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from apps.common.web.access import READ, find_or_404, member_page
from apps.dashboard.selectors.route_page import read_route_page
from apps.dashboard.words import country_name
from apps.fulfillment import selectors as fulfillment
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def route(request: MemberRequest, route_id: str) -> HttpResponse:
    """Show the chosen way beside the next best, the legs, the parts of the price, and what closed others."""
    decision = find_or_404(fulfillment.get_route, request.member.merchant, route_id)
    shipment = decision.shipment
    context = {
        "section": "shipping",
        "decision": decision,
        "shipment": shipment,
        "page": read_route_page(decision),
        "way": (country_name(shipment.origin_country), country_name(shipment.ship_to_country)),
    }
    return render(request, "dashboard/route.html", context)
