"""Campaigns of the platform, and what merchants submit to them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import (
    ExactCharField,
    NullableExactCharField,
    PublicIdField,
    TimestampedModel,
)
from apps.common.tenancy import TenantManager
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions.models.promotions import Promotion
from apps.promotions.states import CampaignStatus, EntryStatus


class Campaign(TimestampedModel):
    """An event of the platform: criteria, period, and the part of the discounts that it pays.

    ``starts_local`` and ``ends_local`` are ISO moments in the time of each market. Merchants submit
    until ``entries_close_at``. The criteria: at least ``min_percent`` below the lowest price of the
    30 days before, at least ``min_units`` units, at most ``max_entries`` of one merchant, and a
    category of ``categories`` (codes; empty: all).
    """

    class Kind(models.TextChoices):
        """What an approved entry becomes."""

        PRODUCT_DISCOUNT = "product_discount", _("Product discount")
        FLASH_SALE = "flash_sale", _("Flash sale")
        LIVE_PRICE = "live_price", _("Live-only price")

    public_id = PublicIdField(prefix="cmp")
    name = models.CharField(_("name"), max_length=120)
    terms = models.TextField(_("terms"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.FLASH_SALE)
    status = models.CharField(
        _("status"), max_length=10, choices=CampaignStatus, default=CampaignStatus.DRAFT
    )
    markets = models.ManyToManyField(Market, related_name="+", verbose_name=_("markets"))
    starts_local = models.CharField(
        _("starts (market time)"), max_length=19, help_text=_("Such as 2026-12-01T00:00.")
    )
    ends_local = models.CharField(
        _("ends (market time)"), max_length=19, help_text=_("Such as 2026-12-03T00:00.")
    )
    entries_close_at = models.DateTimeField(_("entries close"))
    min_percent = models.DecimalField(
        _("at least below the lowest price of 30 days, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
    )
    min_units = models.PositiveIntegerField(_("units at least"), default=1)
    max_entries = models.PositiveIntegerField(_("entries of one merchant at most"), default=100)
    categories = models.JSONField(_("category codes"), default=list, blank=True)
    platform_percent = models.DecimalField(
        _("paid by the platform, in %"), max_digits=5, decimal_places=2, default=Decimal(0)
    )

    class Meta:
        """Known states; percentages are percentages."""

        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CampaignStatus.values), name="campaign_status"
            ),
            models.CheckConstraint(
                condition=Q(min_percent__gte=0, min_percent__lt=100)
                & Q(platform_percent__gte=0, platform_percent__lte=100),
                name="campaign_percentages",
            ),
        ]
        indexes = [models.Index(fields=["status", "entries_close_at"], name="campaign_open")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class CampaignEntry(TimestampedModel):
    """A variant that a merchant submits for one market: the campaign price and how many units.

    ``listed_minor`` and ``lowest_minor`` are the price and the lowest one of the 30 days before when
    it was submitted, ``checks`` how it met each criterion. ``open_key`` names the variant while the
    entry counts, so that a variant is in a campaign's market once and may be submitted again after
    it was declined or withdrawn.
    """

    public_id = PublicIdField(prefix="cen")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="entries")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    sku = ExactCharField(_("SKU"), max_length=64)
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField(_("campaign price"))
    units = models.PositiveIntegerField(_("units"))
    listed_minor = models.BigIntegerField(_("price when submitted"))
    lowest_minor = models.BigIntegerField(_("lowest price of 30 days"))
    status = models.CharField(
        _("status"), max_length=10, choices=EntryStatus, default=EntryStatus.SUBMITTED
    )
    open_key = NullableExactCharField(max_length=32)
    checks = models.JSONField(default=list)
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_by = ExactCharField(max_length=80, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(_("reason"), max_length=200, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """A variant is once in a market of a campaign; a price and units are above nothing."""

        verbose_name_plural = _("campaign entries")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "market", "open_key"], name="campaign_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=EntryStatus.values), name="campaign_entry_status"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gt=0, units__gt=0), name="campaign_entry_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "campaign", "id"], name="campaign_entry_list"),
            models.Index(fields=["merchant", "id"], name="campaign_entry_own"),
            models.Index(fields=["status", "id"], name="campaign_entry_review"),
        ]

    def __str__(self) -> str:
        """Return SKU and market."""
        return f"{self.sku}@{self.market_id}"
