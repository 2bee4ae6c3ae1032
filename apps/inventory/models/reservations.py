"""Stock that a cart or checkout holds for a while, before there is an order."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.inventory.models.stock import StockBalance
from apps.inventory.states import ReservationStatus
from apps.merchants.models import Merchant


class StockReservation(models.Model):
    """Units held for a cart until ``expires_at``, unless its order takes them over before.

    ``reference`` is the channel's own id of the cart; ``order_ref`` its id of the order that took
    the units. A cart has one open reservation: ``open_reference`` is empty once it ended.
    """

    public_id = PublicIdField(prefix="rsv")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    channel = ExactCharField(_("channel"), max_length=24, default="app")
    market = ExactCharField(_("market"), max_length=2)
    reference = ExactCharField(_("reference of the cart"), max_length=64)
    open_reference = NullableExactCharField(max_length=64)
    status = models.CharField(
        _("status"), max_length=10, choices=ReservationStatus, default=ReservationStatus.OPEN
    )
    ttl_seconds = models.PositiveIntegerField()
    renewals = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(_("until"))
    order_ref = ExactCharField(max_length=64, default="", blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """One open reservation per cart; a known state; open ones have not ended."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "channel", "open_reference"], name="reservation_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ReservationStatus.values), name="reservation_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status=ReservationStatus.OPEN, ended_at__isnull=True)
                | (~models.Q(status=ReservationStatus.OPEN) & models.Q(ended_at__isnull=False)),
                name="reservation_ended",
            ),
        ]

    def __str__(self) -> str:
        """Return the cart and the state."""
        return f"{self.reference}: {self.status}"


class StockReservationLine(models.Model):
    """A quantity of one variant that a reservation holds at a place."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    reservation = models.ForeignKey(
        StockReservation, on_delete=models.PROTECT, related_name="lines"
    )
    position = models.PositiveSmallIntegerField()
    # Without a constraint for the reason postings have none: see there.
    balance = models.ForeignKey(
        StockBalance, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    objects = TenantManager()

    class Meta:
        """Positions are unique in a reservation; a line holds something."""

        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "position"], name="reservation_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="reservation_line_quantity"
            ),
        ]

    def __str__(self) -> str:
        """Return the quantity."""
        return f"{self.quantity} of {self.variant_id}"
