"""What happened to a shipment: counts, put-aways, amendments and differences."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.inbound.models.shipments import InboundCarton, InboundLine, InboundShipment
from apps.inbound.states import ANSWERS, Condition, DiscrepancyKind, DiscrepancyStatus
from apps.merchants.models import Merchant


class _Document(models.Model):
    """What somebody booked, once per ``reference``; ``mark`` tells a repeat from other content."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    reference = ExactCharField(_("reference"), max_length=64)
    mark = models.CharField(max_length=64)
    made_by = ExactCharField(max_length=80)
    made_by_name = models.CharField(max_length=120, default="")
    made_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """Abstract."""

        abstract = True

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference


class InboundReceipt(_Document):
    """Units that were counted in together; a shipment has as many as it takes."""

    public_id = PublicIdField(prefix="rcp")
    shipment = models.ForeignKey(InboundShipment, on_delete=models.PROTECT, related_name="receipts")

    class Meta:
        """A scanner's reference is one receipt of a shipment."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "reference"], name="inbound_receipt_once")
        ]


class InboundReceiptLine(models.Model):
    """Units of a line in a receipt, in one condition; ``carton`` when a whole carton was scanned."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    receipt = models.ForeignKey(InboundReceipt, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InboundLine, on_delete=models.PROTECT, related_name="counted")
    carton = models.ForeignKey(
        InboundCarton, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    condition = models.CharField(_("condition"), max_length=8, choices=Condition)
    quantity = models.PositiveIntegerField()
    note = models.CharField(_("note"), max_length=300, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """Something was counted, in a known condition."""

        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inbound_counted_units"),
            models.CheckConstraint(
                condition=Q(condition__in=Condition.values), name="inbound_counted_condition"
            ),
        ]

    def __str__(self) -> str:
        """Return quantity and condition."""
        return f"{self.quantity} {self.condition}"


class InboundPutaway(_Document):
    """Units that left inspection together."""

    public_id = PublicIdField(prefix="pta")
    shipment = models.ForeignKey(InboundShipment, on_delete=models.PROTECT, related_name="putaways")

    class Meta:
        """A reference is one put-away of a shipment."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "reference"], name="inbound_putaway_once")
        ]


class InboundPutawayLine(models.Model):
    """Where the units of a line went after inspection."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    putaway = models.ForeignKey(InboundPutaway, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InboundLine, on_delete=models.PROTECT, related_name="shelved")
    shelved = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    note = models.CharField(_("note"), max_length=300, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """A line is in a put-away once."""

        constraints = [
            models.UniqueConstraint(fields=["putaway", "line"], name="inbound_shelved_once")
        ]

    def __str__(self) -> str:
        """Return what was shelved."""
        return f"{self.shelved} of {self.line_id}"


class InboundAmendment(models.Model):
    """How the expected units of a line were changed after it was announced."""

    public_id = PublicIdField(prefix="amd")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(InboundLine, on_delete=models.PROTECT, related_name="amendments")
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=300)
    made_by = ExactCharField(max_length=80)
    made_by_name = models.CharField(max_length=120, default="")
    made_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """An amendment changes something."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(before=models.F("after")), name="inbound_amendment_changes"
            )
        ]

    def __str__(self) -> str:
        """Return before and after."""
        return f"{self.before} → {self.after}"


class InboundDiscrepancy(models.Model):
    """How a line differs from what was announced, what the warehouse said, and the answer to it.

    ``allowed`` units were tolerated by the rules of ``rules_version``; more need an answer.
    """

    public_id = PublicIdField(prefix="dsc")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(
        InboundShipment, on_delete=models.PROTECT, related_name="discrepancies"
    )
    line = models.ForeignKey(InboundLine, on_delete=models.PROTECT, related_name="discrepancies")
    kind = models.CharField(_("kind"), max_length=8, choices=DiscrepancyKind)
    units = models.PositiveIntegerField(_("units"))
    allowed = models.PositiveIntegerField(_("tolerated"))
    rules_version = ExactCharField(max_length=16)
    said = models.CharField(_("what the warehouse said"), max_length=300, default="", blank=True)
    status = models.CharField(_("status"), max_length=8, choices=DiscrepancyStatus)
    answer = models.CharField(_("answer"), max_length=300, default="", blank=True)
    answered_by = ExactCharField(max_length=80, default="", blank=True)
    answered_by_name = models.CharField(max_length=120, default="", blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """One row per line and kind; only answered ones have a moment of their answer."""

        constraints = [
            models.UniqueConstraint(fields=["line", "kind"], name="inbound_discrepancy_once"),
            models.CheckConstraint(condition=Q(units__gt=0), name="inbound_discrepancy_units"),
            models.CheckConstraint(
                condition=Q(status__in=sorted(ANSWERS), answered_at__isnull=False)
                | Q(
                    status__in=(DiscrepancyStatus.NOTED, DiscrepancyStatus.OPEN),
                    answered_at__isnull=True,
                ),
                name="inbound_discrepancy_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "found_at"], name="inbound_open_answers")
        ]

    def __str__(self) -> str:
        """Return kind and units."""
        return f"{self.kind} {self.units}"
