"""Exception cases that wait for the company, as things that need it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.fulfillment.models import ExceptionCase
from apps.fulfillment.states import OPEN_CASES, CaseKind, CaseOwner
from apps.merchants.concerns import Concern, Words
from apps.merchants.models import Merchant

KIND = "exception"


def find_open_cases(merchant: Merchant, now: datetime) -> list[Concern]:
    """Return the cases the company must act on, one concern per kind (one statement)."""
    # What others must do comes to the company when their answer is late.
    mine = Q(owner=CaseOwner.MERCHANT) | Q(due_at__lte=now)
    waiting = ExceptionCase.objects.filter(mine, merchant=merchant, status__in=OPEN_CASES)
    rows = waiting.values("kind").order_by("kind")
    return [
        Concern(row["n"], row["grew"], subject=row["kind"])
        for row in rows.annotate(n=Count("id"), grew=Max("opened_at"))
    ]


def describe_open_cases(concern: Concern) -> Words:
    """Return how many parcels have the trouble, and the link to them."""
    title = ngettext(
        "%(count)s parcel in trouble: %(kind)s",
        "%(count)s parcels in trouble: %(kind)s",
        concern.count,
    ) % {"count": concern.count, "kind": CaseKind(concern.subject).label}
    detail = _("Each says what to do next, until when, and what it may cost.")
    url = f"{reverse('dashboard:exceptions')}?kind={concern.subject}"
    return Words("triangle-alert", title, detail, url, _("Look at them"))
