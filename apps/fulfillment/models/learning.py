"""What past parcels tell about each leg of a lane."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField


class LegStatistic(models.Model):
    """How long one leg takes on a lane or in a zone, learned from parcels of all merchants.

    ``group`` is ``lane:CN-DE/line`` or ``zone:europe/line``. ``lengths`` are the quantiles of
    ``eta.SHARES`` in seconds by Kaplan–Meier, of ``samples`` parcels of which ``cut_off`` were still
    under way; ``silence_s`` is the P95 of the time between two reports. No merchant, order or parcel
    is named here.
    """

    group = ExactCharField(_("lane or zone"), max_length=48)
    leg = ExactCharField(_("leg"), max_length=12)
    samples = models.PositiveIntegerField(_("parcels"))
    cut_off = models.PositiveIntegerField(_("still under way"))
    lengths = models.JSONField(_("lengths in seconds"))
    gap_samples = models.PositiveIntegerField(_("times between reports"))
    silence_s = models.PositiveIntegerField(_("silence, P95 in seconds"))
    version = ExactCharField(_("version of the rules"), max_length=16)
    learned_at = models.DateTimeField(_("learned"))

    class Meta:
        """A leg of a group stands here once."""

        constraints = [
            models.UniqueConstraint(fields=["group", "leg"], name="leg_statistic_once"),
        ]

    def __str__(self) -> str:
        """Return group and leg."""
        return f"{self.group} {self.leg}"
