"""Texts of a product per language, and what a market says instead of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.products import Product
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class ProductText(TimestampedModel):
    """Title and description of a product in one language; an empty one falls back to the product."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="texts")
    locale = ExactCharField(_("language"), max_length=12)
    title = models.CharField(_("title"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)

    objects = TenantManager()

    class Meta:
        """One text per language."""

        constraints = [
            models.UniqueConstraint(fields=["product", "locale"], name="product_text_once"),
            models.CheckConstraint(condition=~models.Q(locale=""), name="product_text_locale"),
        ]

    def __str__(self) -> str:
        """Return product and language."""
        return f"{self.product_id} {self.locale}"


class ListingText(TimestampedModel):
    """What all listings of a product in one market say instead of the source, for one field.

    ``source_was`` is what the source said when this was written or last looked at: when the source
    says something else by now, the field is in conflict until the merchant decides.
    """

    class Field(models.TextChoices):
        """Which field is overridden."""

        TITLE = "title", _("Title")
        DESCRIPTION = "description", _("Description")

    public_id = PublicIdField(prefix="ltx")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="listing_texts")
    market = models.ForeignKey("markets.Market", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(_("field"), max_length=12, choices=Field)
    value = models.TextField(_("text"))
    source_was = models.TextField(_("the source then"), blank=True)

    objects = TenantManager()

    class Meta:
        """One text per market and field."""

        constraints = [
            models.UniqueConstraint(
                fields=["product", "market", "field"], name="listing_text_once"
            ),
            models.CheckConstraint(
                condition=models.Q(field__in=["title", "description"]), name="listing_text_field"
            ),
        ]

    def __str__(self) -> str:
        """Return product, market and field."""
        return f"{self.product_id}@{self.market_id} {self.field}"
