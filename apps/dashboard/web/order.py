"""The page of one order."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.formatting import join_words
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.compliance import selectors as compliance
from apps.dashboard.selectors import order_page, order_pricing
from apps.dashboard.selectors.address_fixes import list_proposals
from apps.dashboard.selectors.checks import CheckWords, tell_checks
from apps.dashboard.selectors.holds import ADDRESS, DECLARATION, hold_name, tell_hold
from apps.dashboard.selectors.list_state import read_state
from apps.dashboard.selectors.order_changes import (
    reason_choices,
    tell_changes,
    tell_family,
    tell_request,
)
from apps.dashboard.selectors.order_clock import tell_clock
from apps.dashboard.selectors.order_rows import badge_of, photo_url
from apps.dashboard.selectors.timeline import tell_story
from apps.dashboard.words import country_name
from apps.finance import selectors as finance
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment.states import ShipmentStatus
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders import family_selectors as families
from apps.orders import selectors as orders
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest
from apps.orders.services.buyers import reveal_buyer
from apps.orders.states import CANCELLABLE, CHANGEABLE, OrderStatus


def listed_order(request: MemberRequest, number: str) -> Order:
    """Return the company's order of a number, or answer 404."""
    return find_or_404(orders.get_order, request.member.merchant, number)


@never_cache
@member_page(*READ, permission=permissions.ORDERS_VIEW)
def order(request: MemberRequest, number: str) -> HttpResponse:
    """Show one order: what keeps it, how far it is, and what is left of it."""
    return show(request, listed_order(request, number))


@never_cache
@member_page(*WRITE, permission=permissions.BUYER_DATA_REVEAL)
def reveal(request: MemberRequest, number: str) -> HttpResponse:
    """Show the order once with the buyer's data; the journal keeps who looked."""
    found = listed_order(request, number)
    buyer = reveal_buyer(found, actor=user_actor(request.user), now=utc_now())
    return show(request, found, buyer=buyer)


def show(
    request: MemberRequest,
    order: Order,
    *,
    buyer: BuyerRequest | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page; ``buyer`` is shown in the clear, ``errors`` beside their fields."""
    now = utc_now()
    merchant = request.member.merchant
    state = read_state(request.GET)
    lines = order_page.list_lines(order)
    holds = list(orders.list_holds(order))
    shipments = list(fulfillment.list_shipments_of(order))
    can_see_money = may(request, permissions.MONEY_VIEW)
    economics = finance.get_economics(order) if can_see_money else None
    open_holds = [tell_hold(hold, order) for hold in holds if hold.open_kind]
    checks = tell_checks(order, list(compliance.list_checks(order)))
    context = {
        "section": "orders",
        "order": order,
        "state": state,
        "badge_name": badge_of(order),
        "lines": [(line, photo_url(line.variant.product)) for line in lines],
        "weight_g": sum(line.unit_weight_g * line.quantity for line in lines),
        "open_holds": open_holds,
        "steps": order_page.list_steps(
            order, economics, waits_for=join_words(hold_name(w.kind) for w in open_holds), now=now
        ),
        "shipments": shipments,
        "has_label": any(item.status != ShipmentStatus.VOIDED for item in shipments),
        "story": tell_story(merchant, order, shipments, holds),
        "people_only": request.GET.get("story") == "people",
        "economics": economics,
        "my_name": request.user.full_name or request.user.email,
        "buyer": buyer,
        "other_orders": order_page.count_other_orders(merchant, order),
        "country": country_name(order.ship_to_country),
        "checks": checks,
        "price_story": order_pricing.tell_price(order),
        "customs_ok": _customs_verdict(checks),
        "neighbours": order_page.find_neighbours(merchant, order, state, now=now),
        "errors": errors or {},
        "reasons": reason_choices(),
        "clock": tell_clock(order),
        "family": tell_family(order, families.list_family(order)),
        "changes": tell_changes(families.list_changes(order), order.currency),
        **_request(order),
        "proposals": (
            list_proposals(order, is_revealed=buyer is not None)
            if any(words.kind == ADDRESS for words in open_holds)
            else []
        ),
        **_abilities(request, order),
    }
    return render(request, "dashboard/order.html", context, status=status)


def _request(order: Order) -> dict[str, object]:
    """Return the request to cancel that waits, if the order's state lets one wait."""
    found = families.find_open_request(order) if order.status == OrderStatus.ALLOCATED else None
    return {
        "cancel_request": found,
        "request_words": tell_request(found) if found is not None else "",
    }


def _customs_verdict(checks: list[CheckWords]) -> str:
    return next((check.verdict for check in checks if check.kind == DECLARATION), "")


def _abilities(request: MemberRequest, order: Order) -> dict[str, object]:
    """Return what the person may do to the order now, and why not when they may not."""
    can_manage = may(request, permissions.ORDERS_MANAGE)
    is_open = order.status in CANCELLABLE
    is_ready = order.status == OrderStatus.ALLOCATED and not order.open_hold_count
    reasons = {
        OrderStatus.PENDING: _("The checks are not done yet."),
        OrderStatus.CONFIRMED: _("The label is being made."),
    }
    return {
        "can_manage": can_manage,
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
        "can_reveal": may(request, permissions.BUYER_DATA_REVEAL) and bool(order.buyer_sealed),
        "is_open": is_open,
        "is_changeable": order.status in CHANGEABLE,
        "is_ready": is_ready,
        "why_not": _("The order is on hold.")
        if order.open_hold_count
        else reasons.get(OrderStatus(order.status), ""),
        "address_kind": ADDRESS,
        "declaration_kind": DECLARATION,
    }
