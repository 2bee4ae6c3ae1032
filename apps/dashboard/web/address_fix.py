"""Accepting the portal's proposals for an address."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, member_page
from apps.dashboard.selectors.address_fixes import find_corrected_buyer
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.order import listed_order
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders.services.buyers import correct_buyer
from apps.orders.states import CANCELLABLE


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def accept_address(request: MemberRequest, number: str) -> HttpResponse:
    """Write the address as proposed; it is checked again."""
    order = listed_order(request, number)
    buyer = find_corrected_buyer(order) if order.status in CANCELLABLE else None
    if buyer is None:
        raise DomainError("orders.no_proposal", _("There is no proposal for this address."))
    correct_buyer(order, buyer, actor=user_actor(request.user), now=utc_now())
    forget_facts(request.member.merchant)
    messages.success(request, _("Address corrected. It is being checked again."))
    return redirect("dashboard:order", order.number)
