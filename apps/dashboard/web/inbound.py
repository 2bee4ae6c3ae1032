"""Deliveries to warehouses: the list by day, and one delivery with what can be done about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, find_or_404, may, member_page
from apps.dashboard.selectors import inbound as shown
from apps.dashboard.selectors.inbound import ListState
from apps.inbound import selectors as inbound
from apps.inbound.models import InboundShipment
from apps.inbound.states import (
    AMENDABLE,
    COUNTABLE,
    SHELVABLE,
    DiscrepancyStatus,
    InboundStatus,
    may_follow,
)
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ, permission=permissions.INBOUND_VIEW)
def inbound_list(request: MemberRequest) -> HttpResponse:
    """List deliveries by the day they are expected."""
    merchant, state = request.member.merchant, shown.read_state(request.GET)
    page, rows = shown.page_of_inbound(merchant, state, now=utc_now())
    warehouses = inbound.list_warehouses(merchant)
    context = {
        "section": "inbound",
        "state": state,
        "page": page,
        "rows": rows,
        "tabs": _tabs(state),
        "nodes": [(node.public_id, node.name) for node in warehouses],
        "has_warehouse": bool(warehouses),
        "can_manage": may(request, permissions.INBOUND_MANAGE),
    }
    return render(request, "dashboard/inbound_list.html", context)


def _tabs(state: ListState) -> list[dict[str, str | bool]]:
    base = reverse("dashboard:inbound_list")
    names = {
        "open": _("Open"),
        "coming": _("Coming"),
        "house": _("At the warehouse"),
        "settle": _("Differences"),
        "all": _("All"),
    }
    return [
        {
            "label": label,
            "url": f"{base}?{state.as_query(view=slug)}",
            "is_current": slug == state.view,
        }
        for slug, label in names.items()
    ]


@member_page(*READ, permission=permissions.INBOUND_VIEW)
def one(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Show one delivery: progress by line, differences, appointment, and its story."""
    return show(request, found_inbound(request, inbound_id))


def found_inbound(request: MemberRequest, inbound_id: str) -> InboundShipment:
    """Return the company's delivery; 404 for any other."""
    return find_or_404(inbound.get_inbound, request.member.merchant, inbound_id)


def show(
    request: MemberRequest, shipment: InboundShipment, *, error: DomainError | None = None
) -> HttpResponse:
    """Answer with the page of a delivery; ``error`` says why something was not done."""
    merchant, now = request.member.merchant, utc_now()
    lines = inbound.list_lines(shipment)
    status = InboundStatus(shipment.status)
    differences = inbound.list_discrepancies(shipment)
    manages = may(request, permissions.INBOUND_MANAGE)
    receives = may(request, permissions.INBOUND_RECEIVE)
    context = {
        "section": "inbound",
        "shipment": shipment,
        "steps": shown.draw_steps(shipment),
        "lines": shown.show_lines(lines),
        "totals": inbound.sum_lines([shipment]).get(shipment.pk),
        "differences": differences,
        "open_count": sum(row.status == DiscrepancyStatus.OPEN for row in differences),
        "amendments": inbound.list_amendments(shipment),
        "cartons": inbound.list_cartons(shipment),
        "story": shown.tell_story(merchant, shipment),
        "zone": inbound.zone_of(shipment.node, merchant),
        "is_late": shown.is_late(shipment, now),
        "error": error,
        "posted": request.POST,
        "can_manage": manages,
        "can_receive": receives,
        "may_edit": manages and status == InboundStatus.DRAFT,
        "may_cancel": manages and may_follow(status, InboundStatus.CANCELLED),
        "may_amend": manages and status in AMENDABLE,
        "may_appoint": manages
        and status in {InboundStatus.ACCEPTED, InboundStatus.APPOINTED, InboundStatus.IN_TRANSIT},
        "may_depart": manages and status == InboundStatus.APPOINTED,
        "may_decide": receives and status == InboundStatus.SUBMITTED,
        "may_arrive": receives and status in {InboundStatus.APPOINTED, InboundStatus.IN_TRANSIT},
        "may_count": receives and status in {*COUNTABLE, InboundStatus.PAUSED},
        "may_shelve": receives
        and status in SHELVABLE
        and any(line.counts.waiting for line in lines),
    }
    return render(request, "dashboard/inbound.html", context, status=error.status if error else 200)
