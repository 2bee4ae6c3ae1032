"""Bookings and accounts that need a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.carriers.models import Booking
from apps.carriers.states import BookingStatus
from apps.merchants import concerns
from apps.merchants.concerns import Concern, Words
from apps.merchants.models import Merchant
from apps.merchants.permissions import SHIPMENTS_MANAGE

KIND = "carrier_booking"
# Longer unsure than this: looking again did not help.
UNSURE_FOR = timedelta(minutes=15)


def find_stuck_bookings(merchant: Merchant, now: datetime) -> list[Concern]:
    """Return one concern per account with bookings that go no further alone (one statement)."""
    refused = Q(status=BookingStatus.REFUSED)
    not_voided = Q(status=BookingStatus.BOOKED, released_at__isnull=False)
    unsure = Q(status=BookingStatus.UNSURE, unsure_since__lte=now - UNSURE_FOR)
    stuck = Booking.objects.filter(refused | not_voided | unsure, merchant=merchant)
    found = stuck.values("account__public_id", "account__name").annotate(
        count=Count("id"), at=Max("created_at")
    )
    return [
        Concern(row["count"], row["at"], row["account__public_id"], row["account__name"])
        for row in found.order_by("account__name")
    ]


def describe_stuck_bookings(concern: Concern) -> Words:
    """Return what is stuck, what that means, and the link to the bookings."""
    title = ngettext(
        "%(count)s booking with %(carrier)s needs you",
        "%(count)s bookings with %(carrier)s need you",
        concern.count,
    ) % {"count": concern.count, "carrier": concern.name}
    detail = _("The carrier refused, did not void, or does not say what it has.")
    link = reverse("carriers:account", args=[concern.subject]) + "?view=stuck"
    return Words("triangle-alert", title, detail, link, _("See why"))


def register() -> None:
    """Put stuck bookings on the list of what needs the company."""
    concerns.register(
        KIND,
        permission=SHIPMENTS_MANAGE,
        find=find_stuck_bookings,
        describe=describe_stuck_bookings,
    )
