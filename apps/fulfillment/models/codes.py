"""Carrier codes that the packaged table does not know, and what the operator decided they mean."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField
from apps.fulfillment.states import TrackingReason, TrackingStatus


class CarrierCode(models.Model):
    """One unknown code of one source, as it stands in the operator's inbox.

    ``status`` and ``reason`` are those of its newest ``CodeMapping``, empty while nobody decided.
    Descriptions are not kept here: a carrier's own words may hold the recipient's name.
    """

    source = ExactCharField(_("source"), max_length=40)
    code = ExactCharField(_("carrier's code"), max_length=64)
    status = models.CharField(
        _("means"), max_length=24, choices=TrackingStatus, default="", blank=True
    )
    reason = models.CharField(
        _("reason"), max_length=12, choices=TrackingReason, default="", blank=True
    )
    version = models.PositiveSmallIntegerField(_("decisions"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        """A code of a source stands in the inbox once; undecided ones first."""

        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="carrier_code_once"),
        ]
        indexes = [models.Index(fields=["status", "last_seen_at"], name="carrier_code_inbox")]

    def __str__(self) -> str:
        """Return source and code."""
        return f"{self.source} {self.code}"


_EDITED = "A decision about a code is never edited: decide again."


class CodeMappingQuerySet(models.QuerySet["CodeMapping"]):
    """Decisions in bulk, under the same guard as one."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        raise TypeError(_EDITED)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError(_EDITED)


class CodeMapping(models.Model):
    """A dated decision of what a code means; a later one counts instead, none is ever edited."""

    carrier_code = models.ForeignKey(CarrierCode, on_delete=models.PROTECT, related_name="mappings")
    version = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("means"), max_length=24, choices=TrackingStatus)
    reason = models.CharField(
        _("reason"), max_length=12, choices=TrackingReason, default="", blank=True
    )
    note = models.CharField(_("why"), max_length=200)
    decided_by = ExactCharField(_("decided by"), max_length=80)
    decided_at = models.DateTimeField(_("decided"))

    objects = CodeMappingQuerySet.as_manager()

    class Meta:
        """Decisions about a code are numbered."""

        constraints = [
            models.UniqueConstraint(fields=["carrier_code", "version"], name="code_mapping_once"),
        ]

    def __str__(self) -> str:
        """Return version and meaning."""
        return f"{self.version}: {self.status}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an existing row is refused."""
        if not self._state.adding:
            raise TypeError(_EDITED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError(_EDITED)
