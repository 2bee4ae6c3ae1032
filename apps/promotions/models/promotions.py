"""Promotions of merchants, their markets and codes, how far they are used up, and who used them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions.states import PromotionStatus


class Promotion(TimestampedModel):
    """What a buyer saves, in which markets, from when to when, and who pays for it.

    ``rule`` is the row of the pricing engine without what has a column here; its schema stands in
    ``docs/guides/promotions.md``. ``starts_local`` and ``ends_local`` are ISO moments in the time of
    each market; an empty end is no end. ``version`` counts the published changes.
    """

    public_id = PublicIdField(prefix="prm")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    kind = ExactCharField(_("kind"), max_length=20)
    status = models.CharField(
        _("status"), max_length=10, choices=PromotionStatus, default=PromotionStatus.DRAFT
    )
    rule = models.JSONField(default=dict)
    starts_local = models.CharField(_("starts"), max_length=19)
    ends_local = models.CharField(_("ends"), max_length=19, default="", blank=True)
    priority = models.IntegerField(_("priority"), default=0)
    needs_code = models.BooleanField(_("behind codes"), default=False)
    platform_percent = models.DecimalField(
        _("paid by the platform, in %"), max_digits=5, decimal_places=2, default=Decimal(0)
    )
    campaign_ref = ExactCharField(_("campaign"), max_length=32, default="", blank=True)
    version = models.PositiveIntegerField(default=0)
    # What the simulator said when it was published last.
    simulation = models.JSONField(default=dict, blank=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """Known states; the platform pays between nothing and everything."""

        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PromotionStatus.values), name="promotion_status"
            ),
            models.CheckConstraint(
                condition=Q(platform_percent__gte=0, platform_percent__lte=100),
                name="promotion_funding",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "status", "id"], name="promotion_list")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class PromotionVersion(models.Model):
    """A promotion as it was published; rows are never changed, so that old prices can be explained."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    row = models.JSONField()
    markets = models.JSONField()
    published_by = ExactCharField(max_length=80)
    published_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """Each version once."""

        constraints = [
            models.UniqueConstraint(fields=["promotion", "version"], name="promotion_version_once")
        ]

    def __str__(self) -> str:
        """Return promotion and version."""
        return f"{self.promotion_id} v{self.version}"


class PromotionMarket(models.Model):
    """A promotion in one market, with its period there in UTC; no end is the year 9999."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="markets")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """A promotion is in a market once and ends after it starts; programs read by market."""

        constraints = [
            models.UniqueConstraint(fields=["promotion", "market"], name="promotion_market_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="promotion_market_period"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "market", "ends_at"], name="promotion_market_ix")
        ]

    def __str__(self) -> str:
        """Return promotion and market."""
        return f"{self.promotion_id}@{self.market_id}"


class PromotionCode(models.Model):
    """A code that buyers enter; ``plain`` is the form in which codes are compared.

    A code leads to one promotion of the merchant, for ever: what a buyer has on a flyer never
    becomes something else.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="codes")
    code = ExactCharField(_("code"), max_length=40)
    plain = ExactCharField(max_length=40)
    uses_limit = models.PositiveIntegerField(_("uses"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager()

    class Meta:
        """A code leads to one promotion."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "plain"], name="promotion_code_once")
        ]

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class PromotionCounter(models.Model):
    """How far a promotion is used up, in one scope; limits stand beside what they limit.

    ``scope`` is ``all``, ``buyer:INDEX``, ``code:PLAIN`` or ``money:CURRENCY``. Units and uses count
    orders' units and orders; ``spent_minor`` is in the currency of a ``money`` scope. A limit that
    would be passed fails the guarded update, and behind it the constraint (guarantee G9).
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    promotion = models.ForeignKey(
        Promotion, on_delete=models.CASCADE, related_name="counters", db_constraint=False
    )
    scope = ExactCharField(max_length=80)
    uses = models.PositiveIntegerField(default=0)
    units = models.PositiveIntegerField(default=0)
    spent_minor = models.BigIntegerField(default=0)
    uses_limit = models.PositiveIntegerField(null=True)
    units_limit = models.PositiveIntegerField(null=True)
    spent_limit_minor = models.BigIntegerField(null=True)

    objects = TenantManager()

    class Meta:
        """One counter per scope; nothing below zero, nothing above its limit."""

        constraints = [
            models.UniqueConstraint(fields=["promotion", "scope"], name="promotion_counter_once"),
            models.CheckConstraint(
                condition=Q(spent_minor__gte=0)
                & (Q(uses_limit=None) | Q(uses__lte=F("uses_limit")))
                & (Q(units_limit=None) | Q(units__lte=F("units_limit")))
                & (Q(spent_limit_minor=None) | Q(spent_minor__lte=F("spent_limit_minor"))),
                name="promotion_counter_limits",
            ),
        ]

    def __str__(self) -> str:
        """Return promotion and scope."""
        return f"{self.promotion_id} {self.scope}"


class Redemption(models.Model):
    """What one order took from a promotion; given back when the order is cancelled.

    ``uses`` is 1, or 0 for an order that was split off another one: a use is counted per checkout.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    promotion = models.ForeignKey(
        Promotion, on_delete=models.PROTECT, related_name="redemptions", db_constraint=False
    )
    order_ref = ExactCharField(max_length=32)
    buyer_index = models.CharField(max_length=64, default="")
    code = ExactCharField(max_length=40, default="", blank=True)
    currency = models.CharField(max_length=3)
    uses = models.PositiveSmallIntegerField(default=1)
    units = models.PositiveIntegerField(default=0)
    amount_minor = models.BigIntegerField()
    platform_minor = models.BigIntegerField(default=0)
    is_returned = models.BooleanField(default=False)
    taken_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """An order takes from a promotion once; the platform pays a part of the amount."""

        constraints = [
            models.UniqueConstraint(fields=["promotion", "order_ref"], name="redemption_once"),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gte=0,
                    platform_minor__gte=0,
                    platform_minor__lte=F("amount_minor"),
                ),
                name="redemption_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "order_ref"], name="redemption_order"),
            models.Index(fields=["promotion", "taken_at"], name="redemption_story"),
        ]

    def __str__(self) -> str:
        """Return promotion and order."""
        return f"{self.promotion_id} {self.order_ref}"


class MarketProgram(models.Model):
    """The version of a merchant's promotions in a market: another one after every change of them.

    Processes keep the compiled program of the version they have seen. It is drawn, not counted: a
    change that was rolled back, or a restored backup, never brings a version twice.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    version = PublicIdField(prefix="pgm")

    objects = TenantManager()

    class Meta:
        """One version per market."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "market"], name="market_program_once")
        ]

    def __str__(self) -> str:
        """Return market and version."""
        return f"{self.market_id} {self.version}"


class PriceFloor(TimestampedModel):
    """The lowest price of a variant in a market that any stack of promotions may reach."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    floor_minor = models.BigIntegerField(_("never below"))

    objects = TenantManager()

    class Meta:
        """One floor per variant and market, above nothing."""

        constraints = [
            models.UniqueConstraint(fields=["variant", "market"], name="price_floor_once"),
            models.CheckConstraint(condition=Q(floor_minor__gt=0), name="price_floor_positive"),
        ]

    def __str__(self) -> str:
        """Return variant, market and floor."""
        return f"{self.variant_id}@{self.market_id}: {self.floor_minor}"
