"""Requests to cancel that wait for an answer, as things that need the company."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.merchants.concerns import Concern, Words
from apps.merchants.models import Merchant
from apps.orders.models import CancelRequest
from apps.orders.states import RequestStatus

KIND = "cancel_request"
_MOST = 100


def find_open_requests(merchant: Merchant, now: datetime) -> list[Concern]:
    """Return the requests that wait as one concern; its subject is the most urgent order (one statement)."""
    waiting = CancelRequest.objects.filter(merchant=merchant, status=RequestStatus.OPEN)
    rows = list(waiting.order_by("answer_by_at").values_list("order__number", "asked_at")[:_MOST])
    if not rows:
        return []
    return [Concern(len(rows), max(asked for _number, asked in rows), name=rows[0][0])]


def describe_open_requests(concern: Concern) -> Words:
    """Return how many wait, what happens without an answer, and the link to the most urgent one."""
    title = ngettext(
        "%(count)s request to cancel waits for you",
        "%(count)s requests to cancel wait for you",
        concern.count,
    ) % {"count": concern.count}
    detail = _("Without an answer the order is cancelled by itself. The next is %(number)s.") % {
        "number": concern.name
    }
    url = reverse("dashboard:order", args=[concern.name])
    return Words("package-x", title, detail, url, _("Answer"))
