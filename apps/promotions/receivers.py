"""What promotions do when their deadlines come."""

from __future__ import annotations

from datetime import datetime

from apps.jobs.deadlines import deadline_handler
from apps.jobs.models import Deadline
from apps.journal.actors import system_actor
from apps.promotions.models import Campaign, Promotion
from apps.promotions.services import campaigns, lifecycle
from apps.promotions.states import (
    CAMPAIGN_TRANSITIONS,
    CampaignStatus,
    PromotionStatus,
    may_follow,
)

_ACTOR = system_actor("deadlines")


@deadline_handler(lifecycle.START)
def start_planned(deadline: Deadline, now: datetime) -> str:
    """Mark a planned promotion as running."""
    promotion = Promotion.objects.get(public_id=deadline.subject_id)
    if promotion.status != PromotionStatus.SCHEDULED:
        return f"promotion is {promotion.status}"
    lifecycle.start_promotion(promotion, actor=_ACTOR, now=now)
    return "started"


@deadline_handler(lifecycle.END)
def end_running(deadline: Deadline, now: datetime) -> str:
    """End a promotion whose period has passed everywhere."""
    promotion = Promotion.objects.get(public_id=deadline.subject_id)
    if not may_follow(promotion.status, PromotionStatus.ENDED):
        return f"promotion is {promotion.status}"
    lifecycle.end_promotion(promotion, actor=_ACTOR, now=now)
    return "ended"


@deadline_handler(campaigns.CLOSE)
def close_campaign(deadline: Deadline, now: datetime) -> str:
    """Close the entries of a campaign."""
    campaign = Campaign.objects.get(public_id=deadline.subject_id)
    if CampaignStatus.CLOSED not in CAMPAIGN_TRANSITIONS[campaign.status]:
        return f"campaign is {campaign.status}"
    campaigns.close_entries(campaign, actor=_ACTOR, now=now)
    return "closed"


@deadline_handler(campaigns.FINISH)
def end_campaign(deadline: Deadline, now: datetime) -> str:
    """End a campaign whose period has passed in every market."""
    campaign = Campaign.objects.get(public_id=deadline.subject_id)
    if CampaignStatus.ENDED not in CAMPAIGN_TRANSITIONS[campaign.status]:
        return f"campaign is {campaign.status}"
    campaigns.finish_campaign(campaign, actor=_ACTOR, now=now)
    return "ended"
