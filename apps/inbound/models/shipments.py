"""An announced shipment to a warehouse (ASN), its lines and its cartons."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import (
    ExactCharField,
    NullableExactCharField,
    PublicIdField,
    TimestampedModel,
)
from apps.common.tenancy import TenantManager
from apps.inbound.rules import DEFAULT_PERCENT, DEFAULT_UNITS, Counts, Tolerance
from apps.inbound.states import InboundStatus
from apps.inventory.models import Node
from apps.merchants.models import Merchant


class InboundShipment(TimestampedModel):
    """Goods on their way to a warehouse, announced before they come.

    ``expected_on`` is a day at the warehouse. ``reason`` says why it was rejected, cancelled or
    closed by force.
    """

    public_id = PublicIdField(prefix="asn")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+")
    reference = ExactCharField(_("reference"), max_length=40)
    status = models.CharField(
        _("status"), max_length=12, choices=InboundStatus, default=InboundStatus.DRAFT
    )
    carrier = models.CharField(_("carrier"), max_length=60, default="", blank=True)
    tracking_ref = ExactCharField(_("tracking number"), max_length=60, default="", blank=True)
    note = models.CharField(_("note"), max_length=300, default="", blank=True)
    expected_on = models.DateField(_("expected on"))
    appointment_at = models.DateTimeField(_("appointment"), null=True, blank=True)
    appointment_ref = ExactCharField(_("dock or slot"), max_length=40, default="", blank=True)
    tolerance_percent = models.PositiveSmallIntegerField(default=DEFAULT_PERCENT)
    tolerance_units = models.PositiveSmallIntegerField(default=DEFAULT_UNITS)
    reason = models.CharField(_("reason"), max_length=300, default="", blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantManager()

    class Meta:
        """A reference is one shipment of a merchant; states are known and have their moments."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="inbound_reference"),
            models.CheckConstraint(
                condition=Q(status__in=InboundStatus.values), name="inbound_status"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_percent__lte=100), name="inbound_tolerance"
            ),
            models.CheckConstraint(
                condition=~Q(status=InboundStatus.APPOINTED) | Q(appointment_at__isnull=False),
                name="inbound_has_appointment",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=("rejected", "closed", "cancelled", "expired"),
                    ended_at__isnull=False,
                )
                | (
                    ~Q(status__in=("rejected", "closed", "cancelled", "expired"))
                    & Q(ended_at__isnull=True)
                ),
                name="inbound_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "expected_on", "id"], name="inbound_by_day"),
            models.Index(fields=["merchant", "status", "expected_on"], name="inbound_by_state"),
        ]

    def __str__(self) -> str:
        """Return the reference and the state."""
        return f"{self.reference}: {self.status}"

    @property
    def tolerance(self) -> Tolerance:
        """What may differ without anybody's answer."""
        return Tolerance(self.tolerance_percent, self.tolerance_units)


class InboundLine(models.Model):
    """Units of a variant, and of one lot of it, within a shipment.

    ``announced`` is what was submitted; ``expected`` follows amendments. ``received`` are all units
    that came; ``accepted`` stand on the shelf, ``damaged`` and ``rejected`` were set apart, and the
    rest of them waits. ``short`` is known once everything was counted.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(InboundShipment, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    lot_code = ExactCharField(_("lot"), max_length=40, default="", blank=True)
    expires_on = models.DateField(_("ends on"), null=True, blank=True)
    cartons = models.PositiveIntegerField(_("cartons"), default=0)
    announced = models.PositiveIntegerField(default=0)
    expected = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    over = models.PositiveIntegerField(default=0)
    short = models.PositiveIntegerField(default=0)

    objects = TenantManager()

    class Meta:
        """A lot of a variant is one line; no unit is in two conditions."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "position"], name="inbound_line_position"),
            models.UniqueConstraint(
                fields=["shipment", "variant", "lot_code"], name="inbound_line_once"
            ),
            models.CheckConstraint(
                condition=Q(received__gte=F("accepted") + F("damaged") + F("rejected")),
                name="inbound_line_counts",
            ),
            models.CheckConstraint(
                condition=Q(over__lte=F("received"), short__lte=F("expected")),
                name="inbound_line_differs",
            ),
            models.CheckConstraint(
                condition=Q(lot_code="", expires_on__isnull=True)
                | (~Q(lot_code="") & Q(expires_on__isnull=False)),
                name="inbound_line_lot",
            ),
        ]

    def __str__(self) -> str:
        """Return position and quantities."""
        return f"{self.position}: {self.received}/{self.expected}"

    @property
    def counts(self) -> Counts:
        """The quantities as the rules take them."""
        return Counts(self.expected, self.received, self.accepted, self.damaged, self.rejected)


class InboundCarton(models.Model):
    """A carton of a shipment; it is counted in at most once, by ``receipt``."""

    public_id = PublicIdField(prefix="ctn")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(InboundShipment, on_delete=models.PROTECT, related_name="boxes")
    number = models.PositiveIntegerField(_("carton"))
    sscc = NullableExactCharField(_("SSCC"), max_length=18, blank=True)
    receipt = models.ForeignKey(
        "InboundReceipt", on_delete=models.PROTECT, related_name="boxes", null=True, blank=True
    )

    objects = TenantManager()

    class Meta:
        """Numbers and SSCCs name one carton of a shipment."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "number"], name="inbound_carton_number"),
            models.UniqueConstraint(fields=["shipment", "sscc"], name="inbound_carton_sscc"),
        ]

    def __str__(self) -> str:
        """Return the SSCC or the number."""
        return self.sscc or str(self.number)


class InboundCartonLine(models.Model):
    """Units of a line that are in a carton."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    carton = models.ForeignKey(InboundCarton, on_delete=models.PROTECT, related_name="contents")
    line = models.ForeignKey(InboundLine, on_delete=models.PROTECT, related_name="in_cartons")
    quantity = models.PositiveIntegerField()

    objects = TenantManager()

    class Meta:
        """A line is in a carton once, with something of it."""

        constraints = [
            models.UniqueConstraint(fields=["carton", "line"], name="inbound_carton_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inbound_carton_line_units"),
        ]

    def __str__(self) -> str:
        """Return the quantity."""
        return f"{self.quantity} of {self.line_id}"
