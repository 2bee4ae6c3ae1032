"""Differences that wait for an answer, and appointments that nobody kept, as things to do."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inbound.models import InboundDiscrepancy, InboundShipment
from apps.inbound.states import DiscrepancyStatus, InboundStatus
from apps.merchants.concerns import Concern, Words
from apps.merchants.models import Merchant

KIND = "inbound"
_DIFFERS, _MISSED = "differs", "missed"
_MOST = 200


def find_waiting(merchant: Merchant, now: datetime) -> list[Concern]:
    """Return differences without an answer and missed appointments, one concern each (one statement).

    The subject names the shipment that waits longest.
    """
    waiting = InboundDiscrepancy.objects.filter(merchant=merchant, status=DiscrepancyStatus.OPEN)
    late = InboundShipment.objects.filter(
        merchant=merchant,
        status__in=(InboundStatus.APPOINTED, InboundStatus.IN_TRANSIT),
        appointment_at__lt=now,
    )
    differs = waiting.order_by().values_list(
        Value(_DIFFERS),
        F("shipment__public_id"),
        F("shipment__reference"),
        F("found_at"),
    )
    missed = late.order_by().values_list(
        Value(_MISSED), F("public_id"), F("reference"), F("appointment_at")
    )
    rows = sorted(differs.union(missed, all=True)[:_MOST], key=lambda row: (row[3], row[1]))
    concerns = []
    for kind in (_DIFFERS, _MISSED):
        found = [row for row in rows if row[0] == kind]
        if found:
            subject = f"{kind}:{found[0][1]}"
            concerns.append(Concern(len(found), found[-1][3], subject, found[0][2]))
    return concerns


def describe_waiting(concern: Concern) -> Words:
    """Return how many wait, why, and the link to the shipment that waits longest."""
    kind, _sep, public_id = concern.subject.partition(":")
    url = reverse("dashboard:inbound", args=[public_id])
    if kind == _DIFFERS:
        title = ngettext(
            "%(count)s difference in a delivery needs your answer",
            "%(count)s differences in deliveries need your answer",
            concern.count,
        ) % {"count": concern.count}
        detail = _("%(reference)s stays open until you agree or dispute.") % {
            "reference": concern.name
        }
        return Words("clipboard-check", title, detail, url, _("Answer"))
    title = ngettext(
        "%(count)s delivery missed its appointment",
        "%(count)s deliveries missed their appointments",
        concern.count,
    ) % {"count": concern.count}
    detail = _("%(reference)s was not at the gate in time. Book another time.") % {
        "reference": concern.name
    }
    return Words("clock", title, detail, url, _("Book another time"))
