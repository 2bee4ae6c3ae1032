"""Price rules, and every price a listing has ever had."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.listings import Listing
from apps.catalog.models.products import Product
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Ending(models.TextChoices):
    """What the prices of a rule end in; currencies without cents know whole prices only."""

    NONE = "none", _("Exact")
    WHOLE = "whole", _("Whole")
    END_99 = "99", _("Ends in .99")
    END_95 = "95", _("Ends in .95")
    END_90 = "90", _("Ends in .90")


class PriceRule(TimestampedModel):
    """How prices follow from base prices: for the company or a product, in all markets or in one.

    The closest rule counts: product and market, product, market, company. ``percent`` is added to
    the base price, then ``uplift_minor``; uplift, floor and ceiling are in ``currency`` and converted
    at the rate of the price. ``hysteresis`` is the share below which the exchange rate alone does not
    move a price. ``scope_key`` says what the rule is for, so that there is one of each.
    """

    public_id = PublicIdField(prefix="prl")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="price_rules"
    )
    market = models.ForeignKey(
        "markets.Market", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope_key = ExactCharField(max_length=48)
    percent = models.DecimalField(
        _("added to the base price, in %"), max_digits=7, decimal_places=3, default=Decimal(0)
    )
    uplift_minor = models.BigIntegerField(_("fixed uplift"), default=0)
    floor_minor = models.BigIntegerField(_("never below"), null=True, blank=True)
    ceiling_minor = models.BigIntegerField(_("never above"), null=True, blank=True)
    currency = models.CharField(_("currency of the amounts"), max_length=3)
    ending = models.CharField(_("ending"), max_length=8, choices=Ending, default=Ending.END_99)
    hysteresis = models.DecimalField(
        _("moves by the rate from"), max_digits=5, decimal_places=4, default=Decimal("0.01")
    )

    objects = TenantManager()

    class Meta:
        """One rule per scope, with sensible figures."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "scope_key"], name="price_rule_once"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=-100, percent__lte=1000), name="price_rule_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(hysteresis__gte=0, hysteresis__lte=Decimal("0.5")),
                name="price_rule_hysteresis",
            ),
            models.CheckConstraint(
                condition=models.Q(floor_minor__isnull=True) | models.Q(floor_minor__gt=0),
                name="price_rule_floor",
            ),
            models.CheckConstraint(
                condition=models.Q(ceiling_minor__isnull=True)
                | models.Q(floor_minor__isnull=True, ceiling_minor__gt=0)
                | models.Q(ceiling_minor__gte=models.F("floor_minor")),
                name="price_rule_ceiling",
            ),
            models.CheckConstraint(
                condition=models.Q(ending__in=Ending.values), name="price_rule_ending"
            ),
        ]

    def __str__(self) -> str:
        """Return what the rule is for."""
        return self.scope_key


class ListingPrice(models.Model):
    """One price of a listing from a moment on; rows are only ever added.

    ``reason`` says why it changed (see ``apps.catalog.pricing.deriving``), ``basis`` what a price
    that follows a rule was made of: base price, rule, rate, its day and the keys of its rows.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="prices")
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    from_at = models.DateTimeField(_("from"))
    source = models.CharField(_("set by"), max_length=8, choices=Listing.PriceSource)
    reason = ExactCharField(_("why"), max_length=24)
    basis = models.JSONField(default=dict)
    actor = ExactCharField(_("who"), max_length=80)

    objects = TenantManager()

    class Meta:
        """Read by listing and time."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gt=0), name="listing_price_above"
            )
        ]
        indexes = [models.Index(fields=["listing", "from_at", "id"], name="listing_price_history")]

    def __str__(self) -> str:
        """Return listing and price."""
        return f"{self.listing_id}: {self.price_minor} {self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a price that was asked is never changed (``TypeError``)."""
        if not self._state.adding:
            raise TypeError("A price that was asked is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: the 30-day rule is proven by these rows."""
        raise TypeError("A price that was asked is never deleted.")
