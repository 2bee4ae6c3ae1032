"""What was checked about an order, by which rule, and with what result."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.compliance.publishing.records import (
    PublishAnswer,
    Registration,
    TariffRate,
    Verdict,
)
from apps.compliance.rule_impact.models import RuleDryRun, RuleDryRunPart, RuleImpact
from apps.merchants.models import Merchant
from apps.orders.models import Order

__all__ = [
    "CheckRun",
    "HsImport",
    "HsRow",
    "PublishAnswer",
    "Registration",
    "RuleDryRun",
    "RuleDryRunPart",
    "RuleImpact",
    "TariffRate",
    "Verdict",
]


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


class HsImport(models.Model):
    """One load of a public tariff file. The newest active one of a source counts.

    A file that lost more than 5 % of its rows against the active load is kept as quarantined,
    without rows, and the old one stays in force.
    """

    class Source(models.TextChoices):
        """What a file holds; the names of the references in the index."""

        NOMENCLATURE = "nomenclature", _("HS nomenclature")
        UK = "uk", _("UK search references")
        UK_EXTRA = "uk_extra", _("UK further references")
        US = "us", _("US tariff lines")
        VAGUE = "vague", _("Vague terms")

    class Status(models.TextChoices):
        """Whether its rows are in force."""

        ACTIVE = "active", _("In force")
        REPLACED = "replaced", _("Replaced")
        QUARANTINED = "quarantined", _("Quarantined")

    public_id = PublicIdField(prefix="hsi")
    source = models.CharField(_("source"), max_length=16, choices=Source)
    status = models.CharField(_("status"), max_length=12, choices=Status)
    file_name = models.CharField(_("file"), max_length=200)
    content_digest = models.CharField(_("digest"), max_length=64)
    row_count = models.PositiveIntegerField(_("rows"))
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        """Found by source, the newest first."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "replaced", "quarantined"]),
                name="hs_import_status",
            )
        ]
        indexes = [models.Index(fields=["source", "status", "id"], name="hs_import_newest")]

    def __str__(self) -> str:
        """Return source and file."""
        return f"{self.source}: {self.file_name}"


class HsRow(models.Model):
    """One row of a load: a text of the nomenclature (2, 4 or 6 digits), or a text filed under a code.

    A vague term has no code.
    """

    load = models.ForeignKey(HsImport, on_delete=models.CASCADE, related_name="rows")
    code = ExactCharField(_("code"), max_length=6, blank=True)
    text = models.TextField(_("text"))

    def __str__(self) -> str:
        """Return code and text."""
        return f"{self.code} {self.text}"
