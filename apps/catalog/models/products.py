"""Global products and their variants."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.catalog.rules import is_gtin
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


def refuse_wrong_gtin(code: str) -> None:
    """Raise ``ValidationError`` for a GTIN whose check digit is wrong (forms and the admin)."""
    if code and not is_gtin(code):
        raise ValidationError(gettext("The check digit of this GTIN is wrong."))


class Product(TimestampedModel):
    """What is sold, described once; the customs facts belong to it, not to a market."""

    class Status(models.TextChoices):
        """Whether the product is still sold."""

        ACTIVE = "active", _("Active")
        ARCHIVED = "archived", _("Archived")

    public_id = PublicIdField(prefix="prd")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    category = models.CharField(_("category"), max_length=120, blank=True)
    category_ref = models.ForeignKey(
        "catalog.Category",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("platform category"),
    )
    origin_country = models.CharField(_("country of origin"), max_length=2, blank=True)
    hs_code = ExactCharField(_("HS code"), max_length=12, blank=True)
    customs_name = models.CharField(_("customs description"), max_length=120, blank=True)
    image = models.ImageField(_("photo"), upload_to="products/%Y/%m/", max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)

    objects = TenantManager()

    class Meta:
        """Lists by merchant, newest first."""

        indexes = [
            models.Index(fields=["merchant", "status", "created_at", "id"], name="product_list")
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Variant(TimestampedModel):
    """One sellable form of a product, with its SKU, size, cost and base price.

    Prices of markets follow from the base price by rules; 0 means that it is not told.
    """

    public_id = PublicIdField(prefix="var")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = ExactCharField(_("SKU"), max_length=64)
    option = models.CharField(_("option"), max_length=120, blank=True)
    gtin = ExactCharField(_("GTIN"), max_length=14, blank=True, validators=[refuse_wrong_gtin])
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    length_mm = models.PositiveIntegerField(_("length in mm"), default=0)
    width_mm = models.PositiveIntegerField(_("width in mm"), default=0)
    height_mm = models.PositiveIntegerField(_("height in mm"), default=0)
    cost_minor = models.BigIntegerField(_("cost"), default=0)
    cost_currency = models.CharField(_("cost currency"), max_length=3, default="CNY")
    base_price_minor = models.BigIntegerField(_("base price"), default=0)
    base_price_currency = models.CharField(_("base price currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("on offer"), default=True)

    objects = TenantManager()

    class Meta:
        """A SKU names one variant of a merchant."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="variant_sku_once"),
            models.CheckConstraint(condition=models.Q(cost_minor__gte=0), name="variant_cost"),
            models.CheckConstraint(
                condition=models.Q(base_price_minor__gte=0), name="variant_base_price"
            ),
            models.CheckConstraint(condition=~models.Q(sku=""), name="variant_sku_given"),
        ]

    def __str__(self) -> str:
        """Return the SKU."""
        return self.sku
