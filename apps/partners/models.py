"""Keys, OAuth apps and webhook endpoints of a merchant, and what was delivered to them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.models import TimestampedModel as Timestamped
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class ApiKey(Timestamped):
    """A secret of 32 random bytes that acts for a merchant; only its SHA-256 is stored."""

    public_id = PublicIdField(prefix="key")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    prefix = ExactCharField(max_length=16)
    digest = ExactCharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = ExactCharField(max_length=80)
    created_by_name = models.CharField(max_length=120, default="")
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # The key that replaces this one; both work until ``expires_at``.
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    objects = TenantManager()

    class Meta:
        """Lists by merchant."""

        indexes = [models.Index(fields=["merchant", "id"], name="api_key_list")]

    def __str__(self) -> str:
        """Return name and prefix."""
        return f"{self.name} ({self.prefix}…)"


class PartnerApp(AbstractApplication):  # type: ignore[misc]
    """An OAuth2 client of one merchant: client credentials only, secret stored hashed."""

    # Apps belong to a company, not to a person; the toolkit's column stays empty.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    public_id = PublicIdField(prefix="app")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    scopes = models.JSONField(default=list)
    created_by = ExactCharField(max_length=80)
    created_by_name = models.CharField(max_length=120, default="")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[PartnerApp]] = TenantManager()

    class Meta(AbstractApplication.Meta):  # type: ignore[misc]
        """Swapped in for the toolkit's own application."""

        indexes = [models.Index(fields=["merchant", "id"], name="partner_app_list")]

    def is_usable(self, request: HttpRequest) -> bool:
        """Say whether tokens may be issued: not revoked, company not suspended."""
        return self.revoked_at is None and self.merchant.status == Merchant.Status.ACTIVE


class WebhookEndpoint(Timestamped):
    """An address of a merchant that gets the events it subscribed to.

    The signing secret is sealed. After a rotation the previous secret signs as well until
    ``previous_until``. ``failing_since`` is the first failure after the last success;
    ``paused_at`` with its reason means that nothing is sent until somebody resumes it.
    """

    class Reason(models.TextChoices):
        """Why nothing is sent."""

        SWITCHED_OFF = "switched_off", _("Switched off")
        GONE = "gone", _("The receiver answered 410 Gone")
        FAILING = "failing", _("Every delivery failed for five days")

    public_id = PublicIdField(prefix="whk")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True, default="")
    events = models.JSONField(default=list)
    secret_key = models.BinaryField()
    secret_sealed = models.BinaryField()
    previous_key = models.BinaryField(null=True)
    previous_sealed = models.BinaryField(null=True)
    previous_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=16, choices=Reason, blank=True, default="")
    removed_at = models.DateTimeField(null=True)
    created_by = ExactCharField(max_length=80)

    objects = TenantManager()

    class Meta:
        """Found by merchant for every event."""

        indexes = [models.Index(fields=["merchant", "paused_at"], name="webhook_endpoint_active")]

    def __str__(self) -> str:
        """Return the address."""
        return self.url

    @property
    def is_active(self) -> bool:
        """Whether events are sent to it now."""
        return self.paused_at is None and self.removed_at is None


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint: the message, its attempts and the last answer.

    ``next_attempt_at`` is also the lease: a dispatcher moves it ahead before it sends, so that the
    delivery of a killed dispatcher comes back by itself.
    """

    class State(models.TextChoices):
        """Where the delivery stands."""

        PENDING = "pending", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    public_id = PublicIdField(prefix="dlv")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries"
    )
    entry_id = ExactCharField(max_length=40)
    event = ExactCharField(max_length=64)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease = NullableExactCharField(max_length=32)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, default="")
    response_body = models.CharField(max_length=500, default="")
    duration_ms = models.PositiveIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """One delivery per endpoint and entry; found by due time and by endpoint."""

        constraints = [
            models.UniqueConstraint(fields=["endpoint", "entry_id"], name="webhook_delivery_once")
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="webhook_delivery_due"),
            models.Index(fields=["endpoint", "id"], name="webhook_delivery_list"),
        ]
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        """Return event and state."""
        return f"{self.event} {self.state}"
