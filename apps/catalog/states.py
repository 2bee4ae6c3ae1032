"""Life of a listing: draft → checking → live ⇄ paused; checking → rejected → draft; live → suppressed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListingStatus(models.TextChoices):
    """Where a listing stands."""

    DRAFT = "draft", _("Draft")
    CHECKING = "checking", _("Waiting for review")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    REJECTED = "rejected", _("Rejected")
    SUPPRESSED = "suppressed", _("Limited")
    REMOVED = "removed", _("Removed")


TRANSITIONS: dict[str, frozenset[str]] = {
    ListingStatus.DRAFT: frozenset({ListingStatus.CHECKING, ListingStatus.REMOVED}),
    ListingStatus.CHECKING: frozenset({ListingStatus.LIVE, ListingStatus.REJECTED}),
    ListingStatus.LIVE: frozenset({ListingStatus.PAUSED, ListingStatus.SUPPRESSED}),
    ListingStatus.PAUSED: frozenset({ListingStatus.LIVE, ListingStatus.REMOVED}),
    ListingStatus.REJECTED: frozenset({ListingStatus.DRAFT, ListingStatus.CHECKING}),
    ListingStatus.SUPPRESSED: frozenset({ListingStatus.LIVE, ListingStatus.REMOVED}),
    ListingStatus.REMOVED: frozenset(),
}
