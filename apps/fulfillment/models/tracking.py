"""What carriers said about parcels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField
from apps.common.tenancy import TenantManager
from apps.fulfillment.models.shipments import Parcel
from apps.fulfillment.states import TrackingReason, TrackingStatus
from apps.merchants.models import Merchant


class TrackingEvent(models.Model):
    """What a carrier said about a parcel, once and as it came.

    ``code`` is the carrier's, ``status`` and ``reason`` are what it means to us; a code that no
    table knows has the status ``unknown`` and waits for the operator. Nothing but this meaning is
    ever changed, and only by a decision about the code (``CodeMapping``).
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="events")
    code = ExactCharField(_("carrier's code"), max_length=64)
    status = models.CharField(_("status"), max_length=24, choices=TrackingStatus)
    reason = models.CharField(
        _("reason"), max_length=12, choices=TrackingReason, default="", db_default="", blank=True
    )
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("received"))
    location = models.CharField(_("where"), max_length=120, default="", blank=True)
    description = models.CharField(_("what"), max_length=300, default="", blank=True)
    source = ExactCharField(_("source"), max_length=40)
    event_id = ExactCharField(max_length=80, default="", blank=True)
    dedupe_key = ExactCharField(max_length=64, unique=True)
    raw = models.JSONField(default=dict)

    objects = TenantManager()

    class Meta:
        """Read by parcel in time order, by status, and by code for the operator."""

        indexes = [
            models.Index(fields=["parcel", "occurred_at"], name="tracking_of_parcel"),
            models.Index(fields=["merchant", "status", "id"], name="tracking_by_status"),
            models.Index(fields=["source", "code", "id"], name="tracking_by_code"),
        ]

    def __str__(self) -> str:
        """Return code and time."""
        return f"{self.code} {self.occurred_at:%Y-%m-%d %H:%M}"
