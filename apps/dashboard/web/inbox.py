"""Notifications of the person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.common.clock import utc_now
from apps.common.web.access import READ, WRITE, may, member_page, permissions_of
from apps.dashboard import services
from apps.dashboard.selectors import inbox as notices
from apps.dashboard.selectors import shell as frame
from apps.dashboard.selectors.todos import collect_facts, visible
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ)
def inbox(request: MemberRequest) -> HttpResponse:
    """Show what needs the person, in three levels, with what is unread marked."""
    now = utc_now()
    facts = visible(collect_facts(request.member.merchant, now=now), permissions_of(request))
    found = notices.list_notices(
        facts,
        notices.read_marks(request.member),
        now=now,
        can_see_money=may(request, permissions.MONEY_VIEW),
    )
    levels = [
        (level, [notice for notice in found if notice.todo.level == level])
        for level in ("now", "soon", "know")
    ]
    context = {
        "section": "inbox",
        "levels": [(level, items) for level, items in levels if items],
        "keys": [notice.todo.key for notice in found if notice.is_unread],
    }
    return render(request, "dashboard/inbox.html", context)


@member_page(*WRITE)
def mark_read(request: MemberRequest) -> HttpResponse:
    """Mark notifications as read; only keys that exist now are kept."""
    now = utc_now()
    known = {fact.key for fact in frame.recent_facts(request.member.merchant, now=now)}
    wanted = [key for key in request.POST.getlist("key") if key in known]
    services.mark_read(request.member, wanted, now=now)
    return redirect("dashboard:inbox")
