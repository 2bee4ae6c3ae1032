"""Merchants (companies), their stores, the people in them and what those may do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager


class Role(models.TextChoices):
    """Presets of permissions, from all to almost nothing."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    OPERATIONS = "operations", _("Operations")
    WAREHOUSE = "warehouse", _("Warehouse")
    SERVICE = "service", _("Customer service")
    FINANCE = "finance", _("Finance")
    READ_ONLY = "read_only", _("Read only")


class Merchant(TimestampedModel):
    """A company that sells through the portal; the tenant of everything it owns."""

    class Status(models.TextChoices):
        """Whether the company may trade."""

        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    class Model(models.TextChoices):
        """The fulfilment model new listings start with."""

        DIRECT = "direct", _("Direct")
        OVERSEAS = "overseas", _("Overseas warehouse")
        CUSTODY = "custody", _("Full custody")

    public_id = PublicIdField(prefix="mer")
    name = models.CharField(_("company name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, default="CN")
    base_currency = models.CharField(_("own currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("reporting time zone"), max_length=40, default="Asia/Shanghai")
    default_model = models.CharField(
        _("fulfilment model"), max_length=10, choices=Model, default=Model.DIRECT
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    suspension_reason = models.CharField(_("why suspended"), max_length=200, blank=True, default="")
    suspended_at = models.DateTimeField(_("suspended since"), null=True, blank=True)

    def __str__(self) -> str:
        """Return the company's name."""
        return self.name


class Store(TimestampedModel):
    """A shop of a merchant as buyers see it."""

    public_id = PublicIdField(prefix="sto")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="stores")
    name = models.CharField(_("store name"), max_length=120)

    objects = TenantManager()

    def __str__(self) -> str:
        """Return the store's name."""
        return self.name


class Member(TimestampedModel):
    """A person in a merchant, with one role."""

    public_id = PublicIdField(prefix="mem")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.READ_ONLY)
    is_active = models.BooleanField(_("active"), default=True)

    objects = TenantManager()

    class Meta:
        """A person is a member of a merchant once."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="member_once"),
        ]

    def __str__(self) -> str:
        """Return outward id and role."""
        return f"{self.public_id} ({self.role})"


class Invitation(TimestampedModel):
    """An offer to an e-mail address to join a merchant; the token is stored as a digest."""

    public_id = PublicIdField(prefix="inv")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="invitations")
    email = ExactCharField(_("e-mail address"), max_length=254)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    language = models.CharField(_("language of the e-mail"), max_length=10, default="en")
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = TenantManager()

    def __str__(self) -> str:
        """Return the outward id: addresses are not for logs and titles."""
        return self.public_id
