"""Pictures of products."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.products import Product
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant

BANDS = ("band_1", "band_2", "band_3", "band_4")


class ProductImage(TimestampedModel):
    """One picture of a product; the one with the lowest position is the main one.

    ``fingerprint`` is 16 hexadecimal digits of what is seen (see ``photos``), empty for a picture
    without any structure. Its four bands of 16 bits are columns, so that likely copies are found by
    index. ``medium`` and ``small`` are made by a worker and empty until then.
    """

    public_id = PublicIdField(prefix="img")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="images")
    position = models.PositiveSmallIntegerField(_("position"))
    alt = models.CharField(_("what the picture shows"), max_length=200, blank=True)
    file = models.ImageField(_("picture"), upload_to="products/%Y/%m/", max_length=200)
    medium = models.ImageField(upload_to="products/%Y/%m/", max_length=200, blank=True)
    small = models.ImageField(upload_to="products/%Y/%m/", max_length=200, blank=True)
    fingerprint = ExactCharField(_("fingerprint"), max_length=16, blank=True)
    band_1 = models.PositiveIntegerField(null=True, editable=False)
    band_2 = models.PositiveIntegerField(null=True, editable=False)
    band_3 = models.PositiveIntegerField(null=True, editable=False)
    band_4 = models.PositiveIntegerField(null=True, editable=False)

    objects = TenantManager()

    class Meta:
        """Pictures in their order; each band by itself."""

        indexes = [
            models.Index(fields=["product", "position"], name="image_order_ix"),
            *(models.Index(fields=[band], name=f"image_{band}_ix") for band in BANDS),
        ]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id
