"""Listings: variants on sale in markets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.products import Variant
from apps.catalog.states import ListingStatus
from apps.common.models import PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Listing(TimestampedModel):
    """A variant on sale in one market, at that market's price and in one fulfilment model.

    In full custody the price is the supply price: what the portal pays the merchant for a unit.
    ``refusal`` is a code with its parameters (see ``sentences``), never a sentence.
    """

    class PriceSource(models.TextChoices):
        """Where the price comes from."""

        RULE = "rule", _("Follows the rule")
        EXPLICIT = "explicit", _("Own price")

    public_id = PublicIdField(prefix="lst")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="listings")
    market = models.ForeignKey("markets.Market", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=12, choices=ListingStatus, default=ListingStatus.DRAFT
    )
    model = models.CharField(_("fulfilment model"), max_length=10, choices=Merchant.Model)
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    price_source = models.CharField(
        _("price set by"), max_length=8, choices=PriceSource, default=PriceSource.EXPLICIT
    )
    # What a price that follows a rule was made of when it last moved.
    price_basis = models.JSONField(default=dict, blank=True)
    refusal = models.CharField(_("why not on sale"), max_length=300, blank=True)

    objects = TenantManager()

    class Meta:
        """One listing per variant and market, never free."""

        constraints = [
            models.UniqueConstraint(fields=["variant", "market"], name="listing_once"),
            models.CheckConstraint(condition=models.Q(price_minor__gt=0), name="listing_price"),
            models.CheckConstraint(
                condition=models.Q(status__in=ListingStatus.values), name="listing_status"
            ),
            models.CheckConstraint(
                condition=models.Q(price_source__in=["rule", "explicit"]),
                name="listing_price_source",
            ),
        ]
        # The order of a list is the key, or the time of the last change for those who follow it.
        indexes = [
            models.Index(fields=["merchant", "status", "market"], name="listing_status_ix"),
            models.Index(fields=["merchant", "status", "id"], name="listing_state_ix"),
            models.Index(fields=["merchant", "market", "id"], name="listing_market_ix"),
            models.Index(fields=["merchant", "updated_at"], name="listing_changed_ix"),
        ]

    def __str__(self) -> str:
        """Return variant and market."""
        return f"{self.variant_id}@{self.market_id}"
