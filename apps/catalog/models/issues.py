"""What is wrong with a listing, kept until it is not."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.listings import Listing
from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class ListingIssue(models.Model):
    """One thing that is wrong with a listing: a code with its parameters, never a sentence.

    ``field`` names the fact it is about, ``rows`` the rules that demand it, ``fix`` where it is put
    right (see ``apps.catalog.sentences``). An issue is deleted when it is gone; the journal keeps
    that it was there.
    """

    class Severity(models.TextChoices):
        """How bad it is."""

        ERROR = "error", _("Must be fixed")
        WARNING = "warning", _("Worth a look")

    class Effect(models.TextChoices):
        """What it does to the listing."""

        BLOCKED = "blocked", _("Not on sale")
        NONE = "none", _("On sale all the same")

    public_id = PublicIdField(prefix="iss")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="issues")
    code = ExactCharField(_("code"), max_length=48)
    field = ExactCharField(_("field"), max_length=48, default="", blank=True)
    parameters = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    fix = ExactCharField(_("fixed at"), max_length=32, default="", blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect)
    since = models.DateTimeField(_("since"))

    objects = TenantManager()

    class Meta:
        """One issue per listing, code and field."""

        constraints = [
            models.UniqueConstraint(fields=["listing", "code", "field"], name="listing_issue_once"),
            models.CheckConstraint(
                condition=models.Q(severity__in=["error", "warning"])
                & models.Q(effect__in=["blocked", "none"]),
                name="listing_issue_kind",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "effect"], name="listing_issue_list")]

    def __str__(self) -> str:
        """Return code and field."""
        return f"{self.code} {self.field}".strip()
