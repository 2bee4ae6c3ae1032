"""What went wrong with parcels: one row per parcel, kind and episode, with its evidence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.fulfillment.models.shipments import Parcel
from apps.fulfillment.states import (
    OPEN_CASES,
    CaseKind,
    CaseOwner,
    CaseResolution,
    CaseStatus,
)
from apps.merchants.models import Merchant


class ExceptionCase(models.Model):
    """One thing that went wrong with a parcel, who must act until when, and what it may cost.

    ``since_at`` is when it happened by the carrier's clock, ``opened_at`` when the portal knew.
    ``risk_minor`` is the parcel's share of the declared value and the postage in ``currency``, the
    order's; ``risk_base_minor`` the same in the merchant's own currency, for sorting.
    ``open_key`` is parcel and kind while the case is open: a parcel has one open case of a kind
    (MariaDB has no conditional unique constraint). ``reasons`` and ``end_reasons`` say by which
    event and version of the rules it was opened and ended.
    """

    class Origin(models.TextChoices):
        """What opened it."""

        EVENT = "event", _("The carrier’s report")
        SILENCE = "silence", _("No report for too long")
        PERSON = "person", _("A person")

    public_id = PublicIdField(prefix="exc")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="cases")
    kind = ExactCharField(_("kind"), max_length=12, choices=CaseKind)
    origin = ExactCharField(_("opened by"), max_length=8, choices=Origin)
    owner = ExactCharField(_("who must act"), max_length=10, choices=CaseOwner)
    status = ExactCharField(_("status"), max_length=10, choices=CaseStatus, default=CaseStatus.OPEN)
    open_key = NullableExactCharField(max_length=40, unique=True)
    since_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"))
    claim_by_at = models.DateTimeField(_("claim until"), null=True)
    risk_minor = models.BigIntegerField(_("at risk"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    risk_base_minor = models.BigIntegerField(default=0)
    reasons = models.JSONField(_("why"), default=dict)
    resolution = ExactCharField(
        _("how it ended"), max_length=16, choices=CaseResolution, default="", blank=True
    )
    end_note = models.CharField(_("note"), max_length=300, default="", blank=True)
    end_reasons = models.JSONField(_("why it ended"), default=dict)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = ExactCharField(max_length=80, default="", blank=True)
    claim_reference = ExactCharField(
        _("number of the claim"), max_length=64, default="", blank=True
    )
    claim_minor = models.BigIntegerField(_("claimed"), default=0)
    claim_filed_at = models.DateTimeField(_("claim filed"), null=True)

    objects = TenantManager()

    class Meta:
        """Open exactly while nothing ended it; queues by deadline and by money."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=OPEN_CASES,
                    ended_at__isnull=True,
                    open_key__isnull=False,
                    resolution="",
                )
                | (
                    models.Q(status__in=(CaseStatus.RESOLVED, CaseStatus.CLOSED))
                    & models.Q(ended_at__isnull=False, open_key__isnull=True)
                    & ~models.Q(resolution="")
                ),
                name="exception_open",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=CaseKind.values, owner__in=CaseOwner.values),
                name="exception_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(risk_minor__gte=0, risk_base_minor__gte=0, claim_minor__gte=0),
                name="exception_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "due_at", "id"], name="exception_due"),
            models.Index(fields=["merchant", "due_at", "id"], name="exception_due_all"),
            models.Index(fields=["merchant", "risk_base_minor", "id"], name="exception_money"),
        ]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id

    @property
    def is_open(self) -> bool:
        """Whether somebody must still act."""
        return self.status in OPEN_CASES


class CaseEvidence(models.Model):
    """What people added to a case: notes, weights and papers. Rows are only ever added.

    Carrier events are evidence too; they stay in ``TrackingEvent``. A file was told by its content
    (PDF, JPEG or PNG); ``sha256`` is over the stored bytes, ``grams`` set for weights alone.
    """

    class Kind(models.TextChoices):
        """What it is."""

        NOTE = "note", _("Note")
        SCALE = "scale", _("Weight on our scale")
        BILL = "bill", _("Weight on the carrier’s bill")
        PAPER = "paper", _("Picture or paper")

    public_id = PublicIdField(prefix="evd")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(ExceptionCase, on_delete=models.PROTECT, related_name="evidence")
    kind = ExactCharField(_("kind"), max_length=8, choices=Kind)
    text = models.CharField(_("text"), max_length=500, default="", blank=True)
    grams = models.PositiveIntegerField(_("grams"), null=True)
    file = models.FileField(_("file"), upload_to="evidence/%Y/%m/", max_length=200, blank=True)
    content_type = models.CharField(_("type of file"), max_length=40, default="", blank=True)
    sha256 = ExactCharField(_("digest"), max_length=64, default="", blank=True)
    added_by = ExactCharField(_("added by"), max_length=80)
    added_at = models.DateTimeField(_("added"))

    objects = TenantManager()

    class Meta:
        """Weights have grams; read by case in order."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("scale", "bill"), grams__gt=0)
                | (~models.Q(kind__in=("scale", "bill")) & models.Q(grams__isnull=True)),
                name="evidence_grams",
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="evidence_of_case")]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind
