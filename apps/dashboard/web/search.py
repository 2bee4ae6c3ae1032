"""Search: a page that works without scripts, and the fragment of the palette."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from apps.common.clock import utc_now
from apps.common.web.access import READ, may, member_page, permissions_of
from apps.dashboard.selectors import order_list
from apps.dashboard.selectors import shell as frame
from apps.dashboard.selectors.search import MAX_LENGTH, HitGroup, tell_carriers
from apps.dashboard.selectors.search import search as find
from apps.dashboard.selectors.todos import visible
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


def _find(request: MemberRequest, text: str) -> list[HitGroup]:
    now = utc_now()
    merchant = request.member.merchant
    held = permissions_of(request)
    facts = visible(frame.recent_facts(merchant, now=now), held)
    return find(merchant, text, held=held, facts=facts, now=now)


@member_page(*READ)
def search(request: MemberRequest) -> HttpResponse:
    """Show everything that matches; an exact order or tracking number opens its order."""
    text = request.GET.get("q", "").strip()[:MAX_LENGTH]
    if text and may(request, permissions.ORDERS_VIEW):
        exact = order_list.find_exact(request.member.merchant, text)
        if exact is not None:
            return redirect("dashboard:order", exact.number)
    groups = _find(request, text)
    carriers = "" if groups else tell_carriers(text)
    context = {"section": "search", "text": text, "groups": groups, "carriers": carriers}
    return render(request, "dashboard/search.html", context)


@member_page(*READ)
def palette(request: MemberRequest) -> HttpResponse:
    """Answer the options of the palette for what was typed."""
    text = request.GET.get("q", "").strip()[:MAX_LENGTH]
    groups = _find(request, text)
    # Without the request, so that the frame around pages is not read again for each key.
    response = HttpResponse(
        render_to_string("dashboard/_palette.html", {"groups": groups, "text": text})
    )
    response.headers["Cache-Control"] = "no-store"
    return response
