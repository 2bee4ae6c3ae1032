"""What every page of the portal needs around its content."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from apps.common.clock import utc_now
from apps.common.web.access import permissions_of
from apps.dashboard.selectors import inbox
from apps.dashboard.selectors import shell as frame
from apps.dashboard.selectors.todos import visible
from apps.merchants import permissions
from apps.merchants.models import Member

_OUTSIDE = ("/admin/", "/api/", "/accounts/")


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the names, navigation, counts and running jobs of the shell.

    Pages outside the portal and parts that htmx asks for get only the names.
    """
    names: dict[str, object] = {"portal_name": settings.PORTAL_NAME}
    member: Member | None = getattr(request, "member", None)
    if member is None or request.path_info.startswith(_OUTSIDE):
        return names
    now = utc_now()
    facts = visible(frame.recent_facts(member.merchant, now=now), permissions_of(request))
    counts = frame.nav_counts(facts, now=now)
    return {
        **names,
        "merchant": member.merchant,
        "member": member,
        "memberships": frame.list_companies(member),
        "nav": frame.list_navigation(member, counts),
        "running_jobs": frame.list_running(member.merchant),
        "unread_count": inbox.count_unread(facts, inbox.read_marks(member)),
        "inbox_url": frame.find_url("dashboard:inbox"),
        "settings_url": frame.find_url("merchants:settings"),
        "profile_url": frame.find_url("accounts:profile"),
        "can_see_money": permissions.has_permission(member, permissions.MONEY_VIEW),
    }
