"""Shipments, what is in them, their parcels, and the numbers those get."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.fulfillment.states import ParcelStatus, ShipmentStatus, TrackingStatus
from apps.inventory.models import Node
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderLine


class NumberRange(models.Model):
    """The serials of one S10 prefix and country: eight digits, handed out once and in order."""

    prefix = ExactCharField(_("service letters"), max_length=2)
    country = ExactCharField(_("country"), max_length=2)
    next_serial = models.PositiveIntegerField(_("next serial"), default=1)

    class Meta:
        """One range per prefix and country, never past its last serial."""

        constraints = [
            models.UniqueConstraint(fields=["prefix", "country"], name="number_range_once"),
            models.CheckConstraint(
                condition=models.Q(next_serial__gte=1, next_serial__lte=100_000_000),
                name="number_range_serial",
            ),
        ]

    def __str__(self) -> str:
        """Return prefix, country and the next serial."""
        return f"{self.prefix}…{self.country} {self.next_serial}"


class Shipment(models.Model):
    """What leaves one node for one order: its service, its postage and where it stands.

    ``postage_minor`` is in ``currency``, the order's currency unless no exchange rate was known;
    ``quote_minor`` is the price in the rate card's own ``quote_currency``; ``tariff`` is the version of
    that card. ``route`` (a ``RouteDecision``) says why it travels so.
    ``booking`` is the outward id of its booking with a carrier of the merchant's own (``carrier`` is
    then the account), empty on the portal's lines; the carrier is paid by the merchant.
    """

    class Service(models.TextChoices):
        """How it travels."""

        LINE = "line", _("Tracked line")
        LOCAL = "local", _("Local tracked")
        PALLET = "pallet", _("Pallet freight")

    public_id = PublicIdField(prefix="shp")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1)
    model = models.CharField(_("fulfilment model"), max_length=10, choices=Merchant.Model)
    service = models.CharField(_("service"), max_length=10, choices=Service)
    carrier = ExactCharField(_("carrier"), max_length=32, default="portal")
    booking = ExactCharField(_("booking"), max_length=32, default="", blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=ShipmentStatus, default=ShipmentStatus.BOOKED
    )
    origin_country = models.CharField(_("from"), max_length=2)
    ship_to_country = models.CharField(_("ship to"), max_length=2)
    weight_g = models.PositiveBigIntegerField(_("weight in grams"), default=0)
    postage_minor = models.BigIntegerField(_("postage"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    quote_minor = models.BigIntegerField(default=0)
    quote_currency = models.CharField(max_length=3, default="CNY")
    tariff = ExactCharField(_("tariff"), max_length=48, default="")
    ship_by_at = models.DateTimeField(_("ship by"))
    created_at = models.DateTimeField(_("created"))
    tendered_at = models.DateTimeField(_("handed over"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """One shipment per order, node and attempt; lists by date and by what is due."""

        constraints = [
            models.UniqueConstraint(fields=["order", "node", "attempt"], name="shipment_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=ShipmentStatus.values), name="shipment_status"
            ),
            models.CheckConstraint(
                condition=models.Q(postage_minor__gte=0, quote_minor__gte=0),
                name="shipment_postage",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "created_at", "id"], name="shipment_list"),
            models.Index(fields=["merchant", "status", "ship_by_at", "id"], name="shipment_due"),
        ]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id


class ShipmentLine(models.Model):
    """How many units of an order line are in a shipment."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    objects = TenantManager()

    class Meta:
        """A line is in a shipment once, with at least one unit."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="shipment_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="shipment_line_units"),
        ]


class Parcel(models.Model):
    """One box or pallet with its own number and label.

    The label is drawn from the stored facts whenever it is printed (``labels.render_labels``), the
    same bytes every time; no file with the buyer's address is kept, so erasing the buyer's key
    erases it everywhere. ``tracking_status``, ``delivered_at`` and ``last_event_at`` are what its
    events add up to.

    ``eta_p50_at`` and ``eta_p90_at`` are when one half and nine of ten parcels like it arrive, with
    the sample and version of rules in ``eta_basis``; ``promised_p90_at`` is the first of them and
    never changes, so that promises can be held against what happened. ``watch_at`` is when the
    portal must look at it again: at once after an event, and when its silence would begin.
    """

    public_id = PublicIdField(prefix="pcl")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="parcels")
    position = models.PositiveSmallIntegerField(default=1)
    tracking_number = ExactCharField(_("tracking number"), max_length=40, unique=True)
    # The portal's own number of a parcel that got one from a carrier of the merchant's.
    own_number = ExactCharField(_("the portal's number"), max_length=40, default="", blank=True)
    weight_g = models.PositiveIntegerField(_("weight in grams"))
    status = models.CharField(
        _("status"), max_length=10, choices=ParcelStatus, default=ParcelStatus.LABELLED
    )
    tracking_status = models.CharField(
        _("at the carrier"), max_length=24, choices=TrackingStatus, default="", blank=True
    )
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    last_event_at = models.DateTimeField(_("last event"), null=True)
    eta_p50_at = models.DateTimeField(_("arrives, one half"), null=True)
    eta_p90_at = models.DateTimeField(_("arrives, nine of ten"), null=True)
    eta_at = models.DateTimeField(_("estimated"), null=True)
    eta_basis = models.JSONField(_("estimated from"), null=True)
    promised_p90_at = models.DateTimeField(_("first estimate, nine of ten"), null=True)
    watch_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """Positions are unique in a shipment; due parcels are found by time."""

        constraints = [
            models.UniqueConstraint(fields=["shipment", "position"], name="parcel_position"),
            models.CheckConstraint(
                condition=models.Q(status__in=ParcelStatus.values), name="parcel_status"
            ),
        ]
        indexes = [models.Index(fields=["watch_at"], name="parcel_watch")]

    def __str__(self) -> str:
        """Return the tracking number."""
        return self.tracking_number
