"""Why a shipment travels as it does."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.fulfillment.models.shipments import Shipment
from apps.merchants.models import Merchant


class RouteDecision(models.Model):
    """The way chosen for a shipment, with everything it was chosen from. Written once.

    ``inputs`` and ``edition`` (a ``NetworkEdition``) on the day ``decided_on`` give ``result`` again,
    byte for byte (``routing.replay``); ``result`` is the text of all options, the chosen one first,
    each with its parts, legs, reasons and the versions of the rows it rests on. ``capacity`` names
    the rules whose places on ``departs_on`` its parcels took.
    """

    public_id = PublicIdField(prefix="rte")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="route")
    edition = ExactCharField(_("edition of the network"), max_length=32)
    decided_on = models.DateField(_("decided on"))
    service = ExactCharField(_("service"), max_length=40)
    service_name = models.CharField(_("service's name"), max_length=80)
    departs_on = models.DateField(_("leaves on"))
    departs_at = models.DateTimeField(_("latest hand-over"))
    arrives_p50 = models.DateField(_("half have arrived by"))
    arrives_p90 = models.DateField(_("nearly all have arrived by"))
    keeps_promise = models.BooleanField(_("leaves in time"))
    parcel_count = models.PositiveSmallIntegerField(_("parcels"))
    capacity = models.JSONField(_("places taken of"), default=list)
    inputs = models.JSONField(_("inputs"))
    result = models.TextField(_("options"))

    objects = TenantManager()

    class Meta:
        """Nothing arrives before it leaves."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    arrives_p50__gte=models.F("departs_on"),
                    arrives_p90__gte=models.F("arrives_p50"),
                    parcel_count__gt=0,
                ),
                name="route_decision_days",
            )
        ]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a decision is never changed (``TypeError``)."""
        if not self._state.adding:
            raise TypeError("A route decision is never changed.")
        super().save(*args, **kwargs)
