"""Which merchants live in a simulated world."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class SandboxTenant(models.Model):
    """A merchant whose buyers and carrier are simulated, and how fast its time passes."""

    class Pace(models.TextChoices):
        """How the simulated carrier works."""

        INSTANT = "instant", _("at once")
        GENTLE = "gentle", _("little by little")

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="+")
    pace = models.CharField(_("pace"), max_length=8, choices=Pace)

    objects = TenantManager()

    def __str__(self) -> str:
        """Return merchant and pace."""
        return f"{self.merchant_id} {self.pace}"
