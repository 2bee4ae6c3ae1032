"""Markets and exchange rates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField


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
