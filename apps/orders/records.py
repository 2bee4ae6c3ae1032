"""What hangs on orders without being part of them: tags, and how the company wants intake checked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class OrderTag(models.Model):
    """A word that members put on an order; ``Order.tag_count`` says whether there are any."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="tags")
    name = ExactCharField(_("tag"), max_length=32)

    objects = TenantManager()

    class Meta:
        """An order has a tag once; found by tag."""

        constraints = [models.UniqueConstraint(fields=["order", "name"], name="order_tag_once")]
        indexes = [models.Index(fields=["merchant", "name", "order"], name="order_tag_list")]

    def __str__(self) -> str:
        """Return the tag."""
        return self.name


class IntakeSetting(models.Model):
    """How a company wants new orders checked; without a row the defaults count.

    Two orders of one buyer with the same SKUs and total placed within ``duplicate_minutes`` of each
    other are held as a possible duplicate; 0 switches that off.
    """

    DUPLICATE_MINUTES = 30

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, related_name="+")
    duplicate_minutes = models.PositiveSmallIntegerField(
        _("minutes between possible duplicates"), default=DUPLICATE_MINUTES
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantManager()

    def __str__(self) -> str:
        """Return the minutes."""
        return str(self.duplicate_minutes)
