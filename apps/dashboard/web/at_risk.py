"""The queue of orders at risk, and how near two orders must be to be held as one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, may, member_page
from apps.dashboard.selectors import at_risk
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders.selectors import duplicate_minutes
from apps.orders.services.settings import MAX_MINUTES, set_duplicate_minutes


@member_page(*READ, permission=permissions.ORDERS_VIEW)
def orders_at_risk(request: MemberRequest) -> HttpResponse:
    """Show what will be late or be cancelled by itself, the next deadline first."""
    now = utc_now()
    merchant = request.member.merchant
    can_manage = may(request, permissions.ORDERS_MANAGE)
    context = {
        "section": "orders",
        "page": at_risk.page_of_risk(merchant, cursor=request.GET.get("cursor", "")[:200], now=now),
        "risk": at_risk.sum_risk(merchant, now=now),
        "silent": at_risk.list_silent(merchant, now=now),
        "silent_days": at_risk.SILENCE.days,
        "can_manage": can_manage,
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
        "minutes": duplicate_minutes(merchant.pk) if can_manage else 0,
        "max_minutes": MAX_MINUTES,
    }
    return render(request, "dashboard/at_risk.html", context)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def set_duplicates(request: MemberRequest) -> HttpResponse:
    """Keep how many minutes apart two equal orders of one buyer are held; 0 switches it off."""
    text = request.POST.get("minutes", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        sentence = _("Write a number of minutes.")
        raise DomainError("orders.setting", sentence, status=422, fields={"minutes": sentence})
    set_duplicate_minutes(
        request.member.merchant, int(text), actor=user_actor(request.user), now=utc_now()
    )
    messages.success(request, _("Saved."))
    return redirect("dashboard:orders_at_risk")
