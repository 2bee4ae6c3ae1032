"""Dated rows that two people decide about and nobody edits: what rule books are made of."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField

_EDITED = "A dated row is never edited; supersede it by a new version."
_DELETED = "A dated row is never deleted: stored answers are replayed from it."


class RuleStatus(models.TextChoices):
    """What has been decided about a version of a row; its days decide when it applies."""

    BASELINE = "baseline", _("Shipped with the portal")
    PROPOSED = "proposed", _("Waits for a second person")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")


IN_FORCE = (RuleStatus.BASELINE, RuleStatus.APPROVED, RuleStatus.SUPERSEDED)
DECISION = frozenset({"status", "decided_by", "decided_at", "decision_note", "superseded_from"})


class DatedRowQuerySet(models.QuerySet[Any]):
    """Rows in bulk, under the same guard as one row."""

    def update(self, **kwargs: Any) -> int:
        """Write decision columns only."""
        if not set(kwargs) <= DECISION:
            raise TypeError(_EDITED)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError(_DELETED)


class DatedRow(models.Model):
    """One version of a dated row; ``body`` is the whole row as its engine reads it.

    A row is never edited: a change is a new version that ``replaces`` the old one. Only the decision
    columns are written after the insert, and each of them once. ``superseded_from`` is the first day
    on which the next version applies instead; days before it are still answered by this one.
    """

    rule_id = ExactCharField(_("rule"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = ExactCharField(_("kind"), max_length=24)
    body = models.JSONField(_("body"))
    digest = ExactCharField(max_length=64)
    sources = models.JSONField(_("sources"), default=list)
    effective_from = models.DateField(_("from"))
    effective_to = models.DateField(_("until"), null=True, blank=True)
    superseded_from = models.DateField(_("superseded from"), null=True, blank=True)
    status = ExactCharField(_("status"), max_length=12, choices=RuleStatus)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_by = ExactCharField(_("proposed by"), max_length=80)
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = ExactCharField(_("decided by"), max_length=80, default="", blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.CharField(_("reason"), max_length=300, default="", blank=True)

    objects = DatedRowQuerySet.as_manager()

    class Meta:
        """Abstract; ``dated_constraints`` belong to every table of such rows."""

        abstract = True

    def __str__(self) -> str:
        """Return rule and version."""
        return f"{self.rule_id} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert, or write decision columns only; anything else raises ``TypeError``."""
        changed = kwargs.get("update_fields")
        if not self._state.adding and (changed is None or not set(changed) <= DECISION):
            raise TypeError(_EDITED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: stored answers are replayed from these rows."""
        raise TypeError(_DELETED)


def dated_constraints(name: str) -> list[models.BaseConstraint]:
    """Return what holds of dated rows: a version once, decided by somebody else, at least a day."""
    return [
        models.UniqueConstraint(fields=["rule_id", "version"], name=f"{name}_once"),
        models.CheckConstraint(
            condition=~models.Q(decided_by=models.F("proposed_by")), name=f"{name}_two_people"
        ),
        models.CheckConstraint(
            condition=models.Q(status__in=["baseline", "proposed"])
            | (~models.Q(decided_by="") & models.Q(decided_at__isnull=False))
            | models.Q(status="superseded"),
            name=f"{name}_decided",
        ),
        models.CheckConstraint(
            condition=models.Q(status__in=RuleStatus.values), name=f"{name}_status"
        ),
        models.CheckConstraint(
            condition=models.Q(status="superseded", superseded_from__isnull=False)
            | (~models.Q(status="superseded") & models.Q(superseded_from__isnull=True)),
            name=f"{name}_superseded",
        ),
        models.CheckConstraint(
            condition=models.Q(effective_to__isnull=True)
            | models.Q(effective_to__gte=models.F("effective_from")),
            name=f"{name}_span",
        ),
    ]
