"""Markets, exchange rates, the dated rule book and the quotes made by it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.markets.dated import DatedRow, RuleStatus, dated_constraints

__all__ = ["FxRate", "HeldRate", "LandedQuote", "Market", "RuleRow", "RuleStatus"]


class Market(models.Model):
    """A country with its currency, language, zone and consumer rules."""

    code = ExactCharField(_("code"), max_length=2, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    locale = models.CharField(_("locale"), max_length=12)
    time_zone = models.CharField(_("time zone"), max_length=40)
    is_price_with_tax = models.BooleanField(_("prices include tax"), default=True)
    return_window_days = models.PositiveSmallIntegerField(_("return window in days"), default=14)
    ship_within_days = models.PositiveSmallIntegerField(_("ship within days"), default=3)
    is_active = models.BooleanField(_("open"), default=True)

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class FxRate(models.Model):
    """A dated rate: one unit of ``base`` costs ``rate`` units of ``quote``."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    valid_on = models.DateField()
    source = models.CharField(max_length=40)

    class Meta:
        """One rate per pair, day and source."""

        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "valid_on", "source"], name="fx_rate_once"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="fx_rate_positive"),
        ]

    def __str__(self) -> str:
        """Return pair, day and rate."""
        return f"{self.base}/{self.quote} {self.valid_on} {self.rate}"


class HeldRate(models.Model):
    """A rate that came in but was not taken: it waits for a person who knows why it is so.

    A rate is held once; a file that brings it again changes nothing.
    """

    class Reason(models.TextChoices):
        """Why it was not taken."""

        JUMP = "jump", _("More than a fifth from the last rate")
        CHANGED = "changed", _("Another rate is stored for this day")

    class Status(models.TextChoices):
        """What a person decided."""

        WAITING = "waiting", _("Waits for a person")
        TAKEN = "taken", _("Taken")
        REFUSED = "refused", _("Refused")

    base = models.CharField(_("base"), max_length=3)
    quote = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    valid_on = models.DateField(_("day"))
    source = models.CharField(_("source"), max_length=40)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    last_rate = models.DecimalField(_("last rate"), max_digits=20, decimal_places=10)
    last_on = models.DateField(_("last day"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    held_at = models.DateTimeField(_("held"))
    decided_by = ExactCharField(_("decided by"), max_length=80, default="", blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        """Held once per pair, day, source and rate; decided by somebody."""

        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "valid_on", "source", "rate"], name="held_rate_once"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="held_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(status="waiting", decided_by="", decided_at__isnull=True)
                | (
                    models.Q(status__in=["taken", "refused"], decided_at__isnull=False)
                    & ~models.Q(decided_by="")
                ),
                name="held_rate_decided",
            ),
        ]

    def __str__(self) -> str:
        """Return pair, day and rate."""
        return f"{self.base}/{self.quote} {self.valid_on} {self.rate.normalize():f}"


class RuleRow(DatedRow):
    """One version of a dated rule of import duty, tax or fees (``EU-DUTY-3``).

    ``body`` is the whole row as ``apps.markets.landed`` reads it.
    """

    public_id = PublicIdField(prefix="rul")
    market = ExactCharField(_("market"), max_length=2)
    confidence = ExactCharField(_("confidence"), max_length=8, default="", blank=True)
    verification = ExactCharField(_("verification"), max_length=24, default="", blank=True)
    is_pending = models.BooleanField(_("unconfirmed, priced 0"), default=False)

    class Meta:
        """A version exists once, is decided by somebody else, and lasts at least a day."""

        constraints = dated_constraints("rule_row")
        indexes = [models.Index(fields=["market", "effective_from"], name="rule_row_dated")]


class LandedQuote(models.Model):
    """A landed cost as it was told: inputs, rows and result, so that it can be worked out again.

    ``tenant_id`` is the merchant's key, 0 for the platform. ``book`` names every row version that
    was in force, used or not; ``result`` holds the exact text of the answer. Rows are never changed.
    """

    public_id = PublicIdField(prefix="lcq")
    tenant_id = models.BigIntegerField(default=0)
    country = ExactCharField(_("country"), max_length=2)
    sold_on = models.DateField(_("sold on"))
    inputs = models.JSONField(_("inputs"))
    book = models.JSONField(_("rule rows"))
    result = models.TextField(_("result"))
    quoted_by = ExactCharField(_("quoted by"), max_length=80)
    quoted_at = models.DateTimeField(_("quoted"))

    class Meta:
        """Read by company."""

        indexes = [models.Index(fields=["tenant_id", "id"], name="landed_quote_tenant")]

    def __str__(self) -> str:
        """Return the outward id."""
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a quote that was told is never changed (``TypeError``)."""
        if not self._state.adding:
            raise TypeError("A landed cost quote is never changed.")
        super().save(*args, **kwargs)
