"""What was answered about selling a product in a market, and the facts only the merchant can tell."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Product
from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Verdict(models.TextChoices):
    """Whether a product can be sold in a market."""

    CAN = "can", _("Can")
    CAN_WHEN = "can_when", _("Can, when")
    CANNOT = "cannot", _("Cannot")


class PublishAnswer(models.Model):
    """An answer on which a product was put on sale, or kept off. Rows are never changed.

    ``reasons`` are findings as codes with parameters, ``waterfalls`` what is kept of each variant's
    price, ``book`` the rule row versions in force, ``answered_on`` the day whose rules and rates count.
    """

    public_id = PublicIdField(prefix="pan")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="answers")
    market = models.ForeignKey("markets.Market", on_delete=models.PROTECT, related_name="+")
    model = models.CharField(_("fulfilment model"), max_length=10, choices=Merchant.Model)
    verdict = models.CharField(_("answer"), max_length=8, choices=Verdict)
    reasons = models.JSONField(default=list)
    waterfalls = models.JSONField(default=list)
    book = models.JSONField(_("rule rows"), default=list)
    rule_version = ExactCharField(_("gates"), max_length=40)
    answered_on = models.DateField(_("as of"))
    answered_at = models.DateTimeField(_("answered"))
    answered_by = ExactCharField(_("asked by"), max_length=80)

    objects = TenantManager()

    class Meta:
        """Read by product and market, the newest first."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="publish_answer_verdict"
            )
        ]
        indexes = [models.Index(fields=["product", "market", "id"], name="publish_answer_of")]

    def __str__(self) -> str:
        """Return the verdict."""
        return f"{self.product_id}@{self.market_id}: {self.verdict}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an answer that was acted on is never changed (``TypeError``)."""
        if not self._state.adding:
            raise TypeError("An answer that was acted on is never changed.")
        super().save(*args, **kwargs)


class TariffRate(models.Model):
    """The ordinary duty rate of a product in a country, as the merchant states it.

    ``rate`` is a share (0.039); ``facts`` holds further rates a rule asks for by name, as decimal
    text (``section_301_cn_rate``). ``source`` says where the merchant has it from.
    """

    public_id = PublicIdField(prefix="trf")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="tariff_rates")
    country = ExactCharField(_("country"), max_length=2)
    rate = models.DecimalField(_("duty rate"), max_digits=7, decimal_places=5)
    facts = models.JSONField(default=dict, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    stated_by = ExactCharField(_("stated by"), max_length=80)
    stated_at = models.DateTimeField(_("stated"))

    objects = TenantManager()

    class Meta:
        """One rate per product and country, between 0 and 1000 %."""

        constraints = [
            models.UniqueConstraint(fields=["product", "country"], name="tariff_rate_once"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=10), name="tariff_rate_range"
            ),
        ]

    def __str__(self) -> str:
        """Return country and rate."""
        return f"{self.country} {self.rate}"


class Registration(models.Model):
    """A number the merchant holds because a law demands it, such as a packaging register number."""

    public_id = PublicIdField(prefix="reg")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    obligation = ExactCharField(_("demanded by"), max_length=24)
    country = ExactCharField(_("country"), max_length=2)
    number = models.CharField(_("number"), max_length=64)
    stated_by = ExactCharField(_("stated by"), max_length=80)
    stated_at = models.DateTimeField(_("stated"))

    objects = TenantManager()

    class Meta:
        """One number per company, obligation and country."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "obligation", "country"], name="registration_once"
            ),
            models.CheckConstraint(condition=~models.Q(number=""), name="registration_given"),
        ]

    def __str__(self) -> str:
        """Return the obligation and the country."""
        return f"{self.obligation} {self.country}"
