"""The network's dated rows, the editions they make up, and the capacity that is taken."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.markets.dated import DatedRow, RuleStatus, dated_constraints

__all__ = ["CapacityUse", "NetworkEdition", "NetworkRow", "RuleStatus"]


class NetworkRow(DatedRow):
    """One version of a dated row of the network (``card.line.europe``).

    ``body`` is the whole row as ``apps.logistics.network`` reads it; the kinds are services, lanes,
    zones, rate cards, cut-offs, capacities, restrictions and boxes.
    """

    public_id = PublicIdField(prefix="net")

    class Meta:
        """A version exists once, is decided by somebody else, and lasts at least a day."""

        constraints = dated_constraints("network_row")
        indexes = [models.Index(fields=["kind", "effective_from"], name="network_row_dated")]


class NetworkEdition(models.Model):
    """Which row versions are in force since a decision: what an answer of that time is replayed from.

    ``rows`` lists ``[rule, version, superseded_from or null]``, of every day. Rows are never changed;
    the newest edition counts.
    """

    version = PublicIdField(prefix="ned")
    rows = models.JSONField(_("rows"))
    reason = ExactCharField(_("because of"), max_length=80)
    made_at = models.DateTimeField(_("made"))

    def __str__(self) -> str:
        """Return the version."""
        return self.version

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an edition is never changed (``TypeError``)."""
        if not self._state.adding:
            raise TypeError("An edition of the network is never changed.")
        super().save(*args, **kwargs)


class CapacityUse(models.Model):
    """How many parcels a capacity rule has taken on a departure day; moved by guarded updates."""

    rule_id = ExactCharField(_("rule"), max_length=40)
    day = models.DateField(_("day"))
    taken = models.PositiveIntegerField(_("parcels taken"), default=0)

    class Meta:
        """One row per rule and day."""

        constraints = [
            models.UniqueConstraint(fields=["rule_id", "day"], name="capacity_use_once"),
            models.CheckConstraint(condition=models.Q(taken__gte=0), name="capacity_use_taken"),
        ]

    def __str__(self) -> str:
        """Return rule, day and parcels."""
        return f"{self.rule_id} {self.day}: {self.taken}"
