"""The buyer's page about a shipment: public, by a signed link, without personal data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django_scopes import scope

from apps.common.web.access import READ, open_page
from apps.common.web.limits import limit_address
from apps.dashboard.selectors import track_page
from apps.dashboard.words import country_name
from apps.fulfillment.links import find_by_token
from apps.fulfillment.models import Shipment

PER_MINUTE = 60
_ASKED = {"en": "en", "zh": "zh-hans"}


@open_page(*READ)
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a shipment is, when it arrives, and what its buyer must do."""
    limit_address(request, "track", per_minute=PER_MINUTE)
    shipment = find_by_token(token)
    if shipment is None:
        raise Http404
    with translation.override(_language(request, shipment)), scope(merchant=shipment.merchant):
        context = {
            "shipment": shipment,
            "store": shipment.order.store.name,
            "journeys": track_page.read_journeys(shipment),
            "route": (
                country_name(shipment.origin_country),
                country_name(shipment.ship_to_country),
            ),
            "has_customs": track_page.crosses_border(shipment),
            "is_tax_in_price": shipment.order.market.is_price_with_tax,
            "zone": shipment.order.market.time_zone,
        }
        response = render(request, "dashboard/track.html", context)
        response.headers["Content-Language"] = translation.get_language() or "en"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, max-age=60"
    response.headers["Vary"] = "Accept-Language"
    return response


def _language(request: HttpRequest, shipment: Shipment) -> str:
    """Return the first language the browser asks for that we have, else the market's, else English."""
    asked = request.headers.get("Accept-Language", "")
    wanted = [part.split(";")[0].strip().lower() for part in asked.split(",")]
    for name in [*wanted, shipment.order.market.locale.lower()]:
        found = _ASKED.get(name.replace("_", "-").split("-")[0])
        if found:
            return found
    return "en"
