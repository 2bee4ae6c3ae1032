"""What was checked about an order, by which rule, and with what result."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant
from apps.orders.models import Order


class CheckRun(models.Model):
    """One run of one check. Rows are never changed; the newest of a kind counts.

    ``reasons`` holds codes and field names, never the buyer's data; ``inputs_digest`` is a keyed
    digest of what was looked at, by which a later run knows whether anything changed.
    """

    class Kind(models.TextChoices):
        """What is checked; also the kind of the hold it places."""

        ADDRESS = "address", _("Address")
        DECLARATION = "declaration", _("Customs declaration")

    class Verdict(models.TextChoices):
        """Outcome: a person may accept a hold, a failure must be corrected."""

        PASS = "pass", _("Passed")
        HOLD = "hold", _("Needs a look")
        FAIL = "fail", _("Failed")

    public_id = PublicIdField(prefix="chk")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(_("check"), max_length=16, choices=Kind)
    verdict = models.CharField(_("result"), max_length=8, choices=Verdict)
    reasons = models.JSONField(default=list)
    rule_version = ExactCharField(_("rule"), max_length=40)
    inputs_digest = models.CharField(max_length=64)
    ran_at = models.DateTimeField(_("checked"))

    objects = TenantManager()

    class Meta:
        """Read by order and kind, the newest first."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=["pass", "hold", "fail"]), name="check_verdict"
            )
        ]
        indexes = [models.Index(fields=["order", "kind", "id"], name="check_of_order")]

    def __str__(self) -> str:
        """Return kind and verdict."""
        return f"{self.kind}: {self.verdict}"
