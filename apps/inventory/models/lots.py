"""Lots of stock that ends: which units of a balance belong to which lot, and where they went."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.inventory.models.stock import StockBalance, StockPosting
from apps.merchants.models import Merchant


class StockLot(models.Model):
    """Units of a balance that were made together and end together.

    ``units`` of it are available. Movements are booked on lots after the fact, up to the posting
    ``StockLotBook.booked_to``, so that orders pay nothing for lots.
    """

    public_id = PublicIdField(prefix="lot")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    balance = models.ForeignKey(
        StockBalance, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    code = ExactCharField(_("lot"), max_length=40)
    expires_on = models.DateField(_("ends on"))
    units = models.PositiveIntegerField(_("units"), default=0)

    objects = TenantManager()

    class Meta:
        """A code is one lot of a balance."""

        constraints = [models.UniqueConstraint(fields=["balance", "code"], name="lot_once")]
        indexes = [models.Index(fields=["balance", "expires_on", "id"], name="lot_order")]

    def __str__(self) -> str:
        """Return code and end."""
        return f"{self.code} ({self.expires_on})"


class StockLotBook(models.Model):
    """Up to which posting the movements of a balance with lots are booked on them."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    balance = models.OneToOneField(
        StockBalance, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    booked_to = models.BigIntegerField(default=0)

    objects = TenantManager()


class StockLotEntry(models.Model):
    """How a posting changed the available units of a lot."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(StockLot, on_delete=models.PROTECT, related_name="entries")
    posting = models.ForeignKey(
        StockPosting, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    change = models.BigIntegerField()

    objects = TenantManager()

    class Meta:
        """A posting changes a lot once."""

        constraints = [
            models.UniqueConstraint(fields=["posting", "lot"], name="lot_entry_once"),
            models.CheckConstraint(condition=~models.Q(change=0), name="lot_entry_changes"),
        ]
