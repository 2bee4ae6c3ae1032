"""Life of an import: reading → uploaded → checking → checked → applying → applied → undoing → undone.

A sheet that cannot be read is refused; one that nobody went on with for a month expires.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportStatus(models.TextChoices):
    """Where an import stands. Columns may be matched again until it is applied."""

    READING = "reading", _("Being read")
    REFUSED = "refused", _("Cannot be read")
    UPLOADED = "uploaded", _("Columns to match")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Ready to apply")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    EXPIRED = "expired", _("Expired")


TRANSITIONS: dict[str, frozenset[str]] = {
    ImportStatus.READING: frozenset(
        {ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.REFUSED, ImportStatus.EXPIRED}
    ),
    ImportStatus.REFUSED: frozenset(),
    ImportStatus.UPLOADED: frozenset({ImportStatus.CHECKING, ImportStatus.EXPIRED}),
    ImportStatus.CHECKING: frozenset(
        {ImportStatus.CHECKED, ImportStatus.CHECKING, ImportStatus.EXPIRED}
    ),
    ImportStatus.CHECKED: frozenset(
        {ImportStatus.CHECKING, ImportStatus.APPLYING, ImportStatus.EXPIRED}
    ),
    ImportStatus.APPLYING: frozenset(
        {ImportStatus.APPLIED, ImportStatus.UNDOING, ImportStatus.EXPIRED}
    ),
    ImportStatus.APPLIED: frozenset({ImportStatus.UNDOING}),
    ImportStatus.UNDOING: frozenset({ImportStatus.UNDONE, ImportStatus.EXPIRED}),
    ImportStatus.UNDONE: frozenset(),
    ImportStatus.EXPIRED: frozenset(),
}
