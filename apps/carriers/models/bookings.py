"""What was booked with a carrier, written before it is asked and after it answered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.carriers.contract import Operation
from apps.carriers.models.accounts import CarrierAccount
from apps.carriers.states import BookingStatus, CallOutcome
from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Booking(models.Model):
    """One booking with a carrier, from the wish to its end.

    ``reference`` is the portal's key of it, told to the carrier; ``subject`` is the outward id of
    what it is for, ``kind`` names who can build its request again. ``released_at`` means that nobody
    wants it any more: whatever the carrier has of it is voided. ``lease`` and ``lease_until`` belong
    to the one worker that may call for it; ``next_at`` is when it needs attention, null if never.
    """

    public_id = PublicIdField(prefix="bkg")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="bookings")
    reference = ExactCharField(_("reference"), max_length=64)
    kind = ExactCharField(max_length=20)
    subject = ExactCharField(_("for"), max_length=32)
    service = ExactCharField(_("service"), max_length=40)
    boxes = models.PositiveSmallIntegerField(_("parcels"), default=1)
    status = models.CharField(
        _("status"), max_length=8, choices=BookingStatus, default=BookingStatus.WANTED
    )
    carrier_id = NullableExactCharField(_("the carrier's id"), max_length=80)
    tracking_numbers = models.JSONField(_("tracking numbers"), default=list)
    amount_minor = models.BigIntegerField(_("price"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="", blank=True)
    detail = models.CharField(_("what the carrier said"), max_length=300, default="", blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease = ExactCharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    unsure_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"))
    booked_at = models.DateTimeField(_("booked"), null=True)
    released_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """A reference is booked once, a booking of the carrier is ours once; known states."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="booking_once"),
            models.UniqueConstraint(fields=["account", "carrier_id"], name="booking_carrier_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=BookingStatus.values), name="booking_status"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[BookingStatus.BOOKED, BookingStatus.VOIDING])
                | models.Q(carrier_id__isnull=False),
                name="booking_has_carrier_id",
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gte=0), name="booking_amount"),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="booking_due"),
            models.Index(fields=["merchant", "subject"], name="booking_of_subject"),
            models.Index(fields=["merchant", "status", "id"], name="booking_by_status"),
        ]

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference


class BookingLabel(models.Model):
    """The labels of a booking, sealed: they show the recipient's address.

    Erasing the recipient deletes the row; the carrier can be asked for it again.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="label")
    key = models.BinaryField()
    sealed = models.BinaryField()

    objects = TenantManager()


class CarrierCall(models.Model):
    """One call to a carrier: written before it is made, completed when it ended."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="calls")
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="calls", null=True, blank=True
    )
    operation = models.CharField(
        _("call"), max_length=10, choices=[(item.value, item.value) for item in Operation]
    )
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=CallOutcome, default="", blank=True
    )
    status_code = models.PositiveSmallIntegerField(_("HTTP status"), default=0)
    detail = models.CharField(_("what the carrier said"), max_length=300, default="", blank=True)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = TenantManager()

    class Meta:
        """Read by account and by booking, the newest first."""

        indexes = [
            models.Index(fields=["account", "id"], name="carrier_call_of_account"),
        ]
