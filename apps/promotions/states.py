"""Life of a promotion and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PromotionStatus(models.TextChoices):
    """Where a promotion stands. Prices follow its period to the second, whatever this says."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Planned")
    ACTIVE = "active", _("Running")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


TRANSITIONS: dict[str, frozenset[str]] = {
    PromotionStatus.DRAFT: frozenset({PromotionStatus.SCHEDULED, PromotionStatus.ACTIVE}),
    PromotionStatus.SCHEDULED: frozenset(
        {PromotionStatus.ACTIVE, PromotionStatus.PAUSED, PromotionStatus.ENDED}
    ),
    PromotionStatus.ACTIVE: frozenset({PromotionStatus.PAUSED, PromotionStatus.ENDED}),
    PromotionStatus.PAUSED: frozenset(
        {PromotionStatus.SCHEDULED, PromotionStatus.ACTIVE, PromotionStatus.ENDED}
    ),
    PromotionStatus.ENDED: frozenset(),
}
# What prices carts; the period inside the row says when.
PRICING = frozenset({PromotionStatus.SCHEDULED, PromotionStatus.ACTIVE})
# What may be changed: a promotion that prices carts is paused first.
EDITABLE = frozenset({PromotionStatus.DRAFT, PromotionStatus.PAUSED})


def may_follow(current: str, following: str) -> bool:
    """Say whether ``following`` is allowed right after ``current``."""
    return following in TRANSITIONS[current]


class CampaignStatus(models.TextChoices):
    """Where a campaign of the platform stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open for entries")
    CLOSED = "closed", _("Entries closed")
    ENDED = "ended", _("Ended")
    CANCELLED = "cancelled", _("Called off")


CAMPAIGN_TRANSITIONS: dict[str, frozenset[str]] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.OPEN, CampaignStatus.CANCELLED}),
    CampaignStatus.OPEN: frozenset({CampaignStatus.CLOSED, CampaignStatus.CANCELLED}),
    CampaignStatus.CLOSED: frozenset({CampaignStatus.ENDED, CampaignStatus.CANCELLED}),
    CampaignStatus.ENDED: frozenset(),
    CampaignStatus.CANCELLED: frozenset(),
}


class EntryStatus(models.TextChoices):
    """Where an entry to a campaign stands."""

    SUBMITTED = "submitted", _("In review")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENTRY_TRANSITIONS: dict[str, frozenset[str]] = {
    EntryStatus.SUBMITTED: frozenset(
        {EntryStatus.APPROVED, EntryStatus.DECLINED, EntryStatus.WITHDRAWN}
    ),
    EntryStatus.APPROVED: frozenset({EntryStatus.WITHDRAWN}),
    EntryStatus.DECLINED: frozenset(),
    EntryStatus.WITHDRAWN: frozenset(),
}
