"""A merchant's accounts with carriers, and how their calls go."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.models import TimestampedModel as Timestamped
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class CarrierAccount(Timestamped):
    """A contract of a merchant with a carrier, reached at ``url``; its key is sealed.

    ``services`` is what the carrier said may be booked, as code and name, when it was last asked.
    """

    class Protocol(models.TextChoices):
        """What is spoken with the carrier."""

        PORTAL = "portal", _("Portal carrier protocol 1")

    public_id = PublicIdField(prefix="cra")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    protocol = models.CharField(
        _("protocol"), max_length=10, choices=Protocol, default=Protocol.PORTAL
    )
    url = models.CharField(_("address"), max_length=300)
    secret_key = models.BinaryField()
    secret_sealed = models.BinaryField()
    services = models.JSONField(_("services"), default=list)
    per_minute = models.PositiveIntegerField(_("calls a minute"), default=120)
    paused_at = models.DateTimeField(_("paused"), null=True)
    checked_at = models.DateTimeField(_("last asked"), null=True)
    created_by = ExactCharField(max_length=80)

    objects = TenantManager()

    class Meta:
        """Names are unique in a company; at least one call a minute."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="carrier_account_once"),
            models.CheckConstraint(
                condition=models.Q(per_minute__gte=1, per_minute__lte=6000),
                name="carrier_account_pace",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class CarrierHealth(models.Model):
    """The token bucket and the circuit breaker of an account (``rules.Health``), one row each."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.OneToOneField(CarrierAccount, on_delete=models.PROTECT, related_name="health")
    tokens = models.PositiveIntegerField(default=0)
    refilled_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    is_probing = models.BooleanField(default=False)
    last_error = models.CharField(max_length=300, default="", blank=True)

    objects = TenantManager()
