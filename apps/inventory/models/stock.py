"""Where stock stands, how much of it, and every movement that made it so."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.inventory.states import Disposition
from apps.merchants.models import Merchant


class Node(TimestampedModel):
    """A place that holds a merchant's stock."""

    class Kind(models.TextChoices):
        """What kind of place it is."""

        MERCHANT_HUB = "merchant_hub", _("Merchant hub")
        CONSOLIDATION_HUB = "consolidation_hub", _("Consolidation hub")
        OVERSEAS_WAREHOUSE = "overseas", _("Overseas warehouse")
        PLATFORM_WAREHOUSE = "platform", _("Platform warehouse")

    public_id = PublicIdField(prefix="nod")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    code = ExactCharField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    country = models.CharField(_("country"), max_length=2)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = TenantManager()

    class Meta:
        """A code names one node of a merchant."""

        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="node_code_once")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class StockBalance(models.Model):
    """How much of a variant stands at a node, by disposition. Never below zero."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="balances")
    inbound = models.BigIntegerField(default=0)
    qc_hold = models.BigIntegerField(default=0, db_default=0)
    available = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    picked = models.BigIntegerField(default=0, db_default=0)
    packed = models.BigIntegerField(default=0, db_default=0)
    in_transit = models.BigIntegerField(default=0, db_default=0)
    damaged = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0, db_default=0)
    customs_bonded = models.BigIntegerField(default=0, db_default=0)
    lost = models.BigIntegerField(default=0, db_default=0)
    disposed = models.BigIntegerField(default=0, db_default=0)
    # The units of a hot balance stand in its buckets (``apps.inventory.buckets``) and here together.
    is_hot = models.BooleanField(default=False, db_default=False)

    objects = TenantManager()

    class Meta:
        """One balance per variant and node; no disposition below zero."""

        constraints = [
            models.UniqueConstraint(fields=["variant", "node"], name="balance_once"),
            models.CheckConstraint(
                condition=models.Q(**{f"{name}__gte": 0 for name in Disposition.values}),
                name="balance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Return variant, node and what is available."""
        return f"{self.variant_id}@{self.node_id}: {self.available}"


class StockPosting(models.Model):
    """One movement of a quantity from one disposition to another; an empty side is the outside.

    ``reference`` makes a movement happen once: ``reserve:ord_…:line``. Rows are never changed.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    # The balance is updated before its posting is inserted: a child row first would take a shared
    # lock on the parent and deadlock with the next update of it.
    balance = models.ForeignKey(
        StockBalance, on_delete=models.PROTECT, related_name="postings", db_constraint=False
    )
    from_disposition = models.CharField(max_length=16, blank=True, default="")
    to_disposition = models.CharField(max_length=16, blank=True, default="")
    quantity = models.PositiveIntegerField()
    reason = ExactCharField(max_length=24)
    reference = ExactCharField(max_length=80, unique=True)
    occurred_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """A movement moves something, between two different sides."""

        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="posting_quantity"),
            models.CheckConstraint(
                condition=~models.Q(from_disposition=models.F("to_disposition")),
                name="posting_moves",
            ),
        ]
        indexes = [models.Index(fields=["balance", "id"], name="posting_history")]

    def __str__(self) -> str:
        """Return the movement."""
        sides = (self.from_disposition or "outside", self.to_disposition or "outside")
        return f"{self.quantity} {sides[0]} → {sides[1]}"


class StockAdjustment(models.Model):
    """What somebody did to stock by hand: why, who, and in which words.

    The references of its postings begin with its id (``adj_…:balance``): a column of the postings
    would cost every order an index entry. ``reference`` makes it happen once; ``mark`` tells a
    repeat from other content under the same reference.
    """

    public_id = PublicIdField(prefix="adj")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    reference = ExactCharField(_("reference"), max_length=64)
    mark = models.CharField(max_length=64)
    reason = ExactCharField(_("reason"), max_length=24)
    note = models.CharField(_("note"), max_length=300, default="", blank=True)
    made_by = ExactCharField(max_length=80)
    made_by_name = models.CharField(max_length=120, default="")
    made_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """A reference is one adjustment of a merchant."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="adjustment_once")
        ]

    def __str__(self) -> str:
        """Return the reason and the reference."""
        return f"{self.reason} {self.reference}"


class StockBucket(models.Model):
    """A share of a hot balance: buyers of one SKU queue on sixteen rows instead of on one.

    What is available or reserved of the balance is the sum of its own row and of its buckets.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    balance = models.ForeignKey(StockBalance, on_delete=models.PROTECT, related_name="buckets")
    number = models.PositiveSmallIntegerField()
    available = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    objects = TenantManager()

    class Meta:
        """A number names one bucket of a balance; no share below zero."""

        constraints = [
            models.UniqueConstraint(fields=["balance", "number"], name="bucket_once"),
            models.CheckConstraint(
                condition=models.Q(available__gte=0, reserved__gte=0), name="bucket_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """Return the balance, the number and what is available."""
        return f"{self.balance_id}/{self.number}: {self.available}"
