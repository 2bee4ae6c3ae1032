"""Campaigns of the platform: opening, closing, ending and calling off."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.promotions import events
from apps.promotions.campaign_selectors import COUNTED
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.services.campaign_entries import decide, end_entry_promotion, lock_campaign
from apps.promotions.services.drafts import in_utc
from apps.promotions.states import CAMPAIGN_TRANSITIONS, CampaignStatus, EntryStatus

CLOSE = "promotions.campaign_close"
FINISH = "promotions.campaign_end"


@retry_transaction
def open_campaign(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """Let merchants submit until the entries close; then it closes, and later ends, by itself."""
    with transaction.atomic():
        locked = lock_campaign(campaign)
        _require_sound(locked, now)
        _move(locked, CampaignStatus.OPEN, events.CAMPAIGN_OPENED, actor=actor, now=now)
        ends = max(in_utc(locked.ends_local, market) for market in locked.markets.all())
        deadlines = [
            NewDeadline(CLOSE, locked.public_id, locked.entries_close_at),
            NewDeadline(FINISH, locked.public_id, ends),
        ]
        set_deadlines(journal.PLATFORM, deadlines)
    return locked


@retry_transaction
def close_entries(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """Take no more entries; those in review can still be decided."""
    with transaction.atomic():
        locked = lock_campaign(campaign)
        _move(locked, CampaignStatus.CLOSED, events.CAMPAIGN_CLOSED, actor=actor, now=now)
        close_deadline(CLOSE, locked.public_id, outcome="closed", now=now)
    return locked


@retry_transaction
def finish_campaign(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """End a campaign whose period has passed; what was not decided is declined."""
    with transaction.atomic():
        locked = lock_campaign(campaign)
        _move(locked, CampaignStatus.ENDED, events.CAMPAIGN_ENDED, actor=actor, now=now)
        waiting = CampaignEntry._base_manager.filter(campaign=locked, status=EntryStatus.SUBMITTED)
        for entry in waiting.select_related("merchant").order_by("id"):
            reason = _("The campaign ended before the entry was decided.")
            decide(entry, EntryStatus.DECLINED, reason=reason, actor=actor, now=now)
    return locked


@retry_transaction
def cancel_campaign(campaign: Campaign, *, reason: str, actor: Actor, now: datetime) -> Campaign:
    """Call a campaign off: its promotions end at once, orders placed keep their prices."""
    with transaction.atomic():
        locked = lock_campaign(campaign)
        _move(
            locked,
            CampaignStatus.CANCELLED,
            events.CAMPAIGN_CANCELLED,
            actor=actor,
            now=now,
            payload={"reason": reason[:200]},
        )
        for kind in (CLOSE, FINISH):
            close_deadline(kind, locked.public_id, outcome="cancelled", now=now)
        entries = CampaignEntry._base_manager.filter(campaign=locked, status__in=COUNTED)
        for entry in entries.select_related("merchant", "promotion").order_by("id"):
            decide(entry, EntryStatus.WITHDRAWN, reason=reason, actor=actor, now=now)
            end_entry_promotion(entry, actor=actor, now=now)
    return locked


def _require_sound(campaign: Campaign, now: datetime) -> None:
    """Raise ``promotions.campaign_invalid`` (422) for a campaign nobody could join."""
    wrong: dict[str, str] = {}
    markets = list(campaign.markets.all())
    if not markets:
        wrong["markets"] = _("Choose at least one market.")
    moments = {}
    for name in ("starts_local", "ends_local"):
        try:
            moments[name] = datetime.fromisoformat(getattr(campaign, name))
        except ValueError:
            wrong[name] = _("Write it such as 2026-12-01T00:00, in the time of the market.")
    if len(moments) == 2 and moments["starts_local"] >= moments["ends_local"]:
        wrong["ends_local"] = _("Let the campaign end after it starts.")
    if campaign.entries_close_at <= now:
        wrong["entries_close_at"] = _("Let the entries close in the future.")
    elif not wrong and campaign.entries_close_at > min(
        in_utc(campaign.starts_local, market) for market in markets
    ):
        wrong["entries_close_at"] = _("Let the entries close before the campaign starts.")
    if wrong:
        raise DomainError(
            "promotions.campaign_invalid",
            _("The campaign cannot be opened as it is: %(problems)s")
            % {"problems": " ".join(wrong.values())},
            status=422,
            fields=wrong,
        )


def _move(
    campaign: Campaign,
    following: CampaignStatus,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    payload: dict[str, journal.Json] | None = None,
) -> None:
    if following not in CAMPAIGN_TRANSITIONS[campaign.status]:
        raise DomainError(
            "promotions.wrong_state",
            _("“%(name)s” is “%(status)s”, so this is not possible now.")
            % {"name": campaign.name, "status": CampaignStatus(campaign.status).label},
        )
    campaign.status = following
    campaign.save(update_fields=["status", "updated_at"])
    facts: dict[str, journal.Json] = {"name": campaign.name, **(payload or {})}
    journal.record(event, merchant=None, subject=campaign, actor=actor, now=now, payload=facts)
