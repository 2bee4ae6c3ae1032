"""What of the stock is kept back from sale, and for which market or channel it is set aside."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import ExactCharField
from apps.common.tenancy import TenantManager
from apps.inventory.states import AllocationMode
from apps.merchants.models import Merchant


class SafetyStock(models.Model):
    """Units kept back from sale at each place, of one variant or of all variants of the company.

    ``variant_key`` is the variant's key, 0 for the company's default: a unique column without
    nulls, by which intake joins.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", null=True)
    variant_key = models.BigIntegerField(default=0)
    units = models.PositiveIntegerField(_("units kept back"))

    objects = TenantManager()

    class Meta:
        """One row per variant, one default per company."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "variant_key"], name="safety_stock_once")
        ]

    def __str__(self) -> str:
        """Return the units."""
        return f"{self.units} of {self.variant_key or 'everything'}"


class StockAllocation(models.Model):
    """What one market, one channel or both may sell of a variant; the others sell the rest.

    Manual: ``units`` set aside, fewer with each sale there. Dynamic: ``percent`` of what is for
    sale. An empty market or channel means any.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    market = ExactCharField(_("market"), max_length=2, default="", blank=True)
    channel = ExactCharField(_("channel"), max_length=24, default="", blank=True)
    mode = models.CharField(_("how"), max_length=8, choices=AllocationMode)
    units = models.PositiveIntegerField(_("units"), default=0)
    percent = models.PositiveSmallIntegerField(_("percent"), default=0)

    objects = TenantManager()

    class Meta:
        """One row per variant, market and channel; each says units or percent, never both."""

        constraints = [
            models.UniqueConstraint(
                fields=["variant", "market", "channel"], name="allocation_once"
            ),
            models.CheckConstraint(
                condition=models.Q(mode=AllocationMode.MANUAL, percent=0)
                | models.Q(mode=AllocationMode.DYNAMIC, units=0, percent__lte=100),
                name="allocation_amount",
            ),
            models.CheckConstraint(
                condition=~models.Q(market="", channel=""), name="allocation_for_somebody"
            ),
        ]

    def __str__(self) -> str:
        """Return where it counts."""
        return f"{self.market or '*'}/{self.channel or '*'}"
