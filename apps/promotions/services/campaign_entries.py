"""Entries of merchants to campaigns: submitting, review and withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.formatting import format_money
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.merchants.services import require_active
from apps.promotions import events
from apps.promotions.campaign_selectors import COUNTED, Eligible, criteria_of, list_eligible
from apps.promotions.models import Campaign, CampaignEntry, Promotion
from apps.promotions.requests import PromotionDraft
from apps.promotions.rules import CATEGORY, COUNT, PRICE, UNITS, Check, Offered, judge_entry
from apps.promotions.services import lifecycle
from apps.promotions.services.drafts import create_promotion, in_utc
from apps.promotions.states import (
    ENTRY_TRANSITIONS,
    CampaignStatus,
    EntryStatus,
    PromotionStatus,
    may_follow,
)

MAX_BATCH = 200


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a merchant submits: a listing's outward id, the campaign price and how many units."""

    listing: str
    price_minor: int
    units: int


@retry_transaction
def submit_entries(
    campaign: Campaign,
    entries: Sequence[NewEntry],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> list[CampaignEntry]:
    """Submit listings to an open campaign, all or none.

    Raises ``promotions.campaign_closed`` (409), or ``promotions.entry_refused`` (422) with a sentence
    for every entry (field ``entries.N``) that does not meet the criteria.
    """
    require_active(merchant)
    with transaction.atomic():
        locked = lock_campaign(campaign)
        if locked.status != CampaignStatus.OPEN or locked.entries_close_at <= now:
            raise DomainError(
                "promotions.campaign_closed",
                _("“%(name)s” takes no entries now.") % {"name": locked.name},
            )
        _require_batch(entries)
        wanted = {entry.listing for entry in entries}
        found = {
            row.listing.public_id: row
            for row in list_eligible(merchant, locked, now=now, listings=wanted, limit=len(wanted))
        }
        made = _judge_all(locked, entries, found, merchant)
        CampaignEntry.objects.bulk_create(made)
        _announce(events.ENTRY_SUBMITTED, made, merchant, actor=actor, now=now)
    return made


@retry_transaction
def approve_entry(entry: CampaignEntry, *, actor: Actor, now: datetime) -> CampaignEntry:
    """Approve an entry: it becomes a promotion of the merchant that the platform pays its part of."""
    with transaction.atomic():
        locked = _lock_entry(entry)
        campaign = locked.campaign
        # The platform's staff work without a company's scope.
        with scope(merchant=locked.merchant):
            promotion = create_promotion(
                locked.merchant,
                _draft_of(locked),
                actor=actor,
                now=now,
                platform_percent=campaign.platform_percent,
                campaign_ref=campaign.public_id,
            )
            locked.promotion = lifecycle.publish_promotion(promotion, actor=actor, now=now)
        decide(locked, EntryStatus.APPROVED, reason="", actor=actor, now=now)
    return locked


@retry_transaction
def decline_entry(
    entry: CampaignEntry, *, reason: str, actor: Actor, now: datetime
) -> CampaignEntry:
    """Decline an entry with a reason the merchant reads; the variant may be submitted again."""
    if not reason.strip():
        sentence = _("Say why: the merchant needs to know what to change.")
        raise DomainError("promotions.reason", sentence, status=422, fields={"reason": sentence})
    with transaction.atomic():
        locked = _lock_entry(entry)
        decide(locked, EntryStatus.DECLINED, reason=reason, actor=actor, now=now)
    return locked


@retry_transaction
def withdraw_entry(entry: CampaignEntry, *, actor: Actor, now: datetime) -> CampaignEntry:
    """Take an entry back before its campaign starts in its market.

    Afterwards buyers have seen the price: ``promotions.campaign_running`` (409).
    """
    with transaction.atomic():
        locked = _lock_entry(entry)
        if in_utc(locked.campaign.starts_local, locked.market) <= now:
            raise DomainError(
                "promotions.campaign_running",
                _("The campaign has started. Ask the platform to take the entry out."),
            )
        decide(locked, EntryStatus.WITHDRAWN, reason="", actor=actor, now=now)
        end_entry_promotion(locked, actor=actor, now=now)
    return locked


def lock_campaign(campaign: Campaign) -> Campaign:
    """Return the campaign's row locked for this transaction, as it is now."""
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def _lock_entry(entry: CampaignEntry) -> CampaignEntry:
    locked: CampaignEntry = (
        CampaignEntry._base_manager.select_for_update()
        .select_related("campaign", "merchant", "market", "promotion")
        .get(pk=entry.pk)
    )
    return locked


def _require_batch(entries: Sequence[NewEntry]) -> None:
    if not 1 <= len(entries) <= MAX_BATCH:
        raise DomainError(
            "promotions.too_many_entries",
            _("Between 1 and %(limit)s entries at once.") % {"limit": MAX_BATCH},
            status=422,
        )
    if len({entry.listing for entry in entries}) < len(entries):
        raise DomainError("promotions.entry_twice", _("Name every listing once."), status=422)


def _judge_all(
    campaign: Campaign,
    entries: Sequence[NewEntry],
    found: dict[str, Eligible],
    merchant: Merchant,
) -> list[CampaignEntry]:
    criteria = criteria_of(campaign)
    own = CampaignEntry.objects.filter(merchant=merchant, campaign=campaign, status__in=COUNTED)
    entered = own.count()
    made, wrong = [], {}
    for number, entry in enumerate(entries):
        row = found.get(entry.listing)
        if row is None:
            wrong[f"entries.{number}"] = _(
                "This listing cannot join: it is not live in one of the campaign’s markets, of"
                " another category, or already part of it."
            )
            continue
        offered = Offered(
            entry.price_minor, entry.units, row.lowest_minor, row.lineage, entered + number
        )
        checks = judge_entry(offered, criteria)
        unmet = [check for check in checks if not check.is_met]
        if unmet:
            wrong[f"entries.{number}"] = " ".join(say_check(check, row) for check in unmet)
        else:
            made.append(_entry(campaign, entry, row, checks, merchant))
    if wrong:
        raise DomainError(
            "promotions.entry_refused",
            _("Some entries do not meet the criteria. Nothing was submitted."),
            status=422,
            fields=wrong,
        )
    return made


def say_check(check: Check, row: Eligible) -> str:
    """Return a criterion that is not met as a sentence that says what to do."""
    sentences = {
        PRICE: _("A campaign price of at most %(needed)s is needed."),
        UNITS: _("At least %(needed)s units are needed."),
        COUNT: _("At most %(needed)s entries of one company are taken."),
        CATEGORY: _("Only products of the categories %(needed)s are taken."),
    }
    needed = check.needed
    if check.criterion == PRICE:
        needed = format_money(int(check.needed), row.listing.currency)
    return sentences[check.criterion] % {"needed": needed}


def _entry(
    campaign: Campaign,
    entry: NewEntry,
    row: Eligible,
    checks: Sequence[Check],
    merchant: Merchant,
) -> CampaignEntry:
    listing = row.listing
    return CampaignEntry(
        merchant=merchant,
        campaign=campaign,
        variant=listing.variant,
        market=listing.market,
        sku=listing.variant.sku,
        currency=listing.currency,
        price_minor=entry.price_minor,
        units=entry.units,
        listed_minor=listing.price_minor,
        lowest_minor=row.lowest_minor,
        open_key=str(listing.variant_id),
        checks=[asdict(check) for check in checks],
    )


def _draft_of(entry: CampaignEntry) -> PromotionDraft:
    campaign = entry.campaign
    return PromotionDraft(
        name=f"{campaign.name} · {entry.sku}"[:120],
        kind=campaign.kind,
        markets=(entry.market.code,),
        starts=campaign.starts_local,
        ends=campaign.ends_local,
        rule={
            "currency": entry.currency,
            "value": {"price": entry.price_minor},
            "target": {"skus": [entry.sku]},
            "limits": {"units": entry.units},
        },
    )


def decide(
    entry: CampaignEntry, following: EntryStatus, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Move a locked entry to ``following`` and tell its merchant; ``reason`` is what they read."""
    if following not in ENTRY_TRANSITIONS[entry.status]:
        raise DomainError(
            "promotions.wrong_state",
            _("The entry of %(sku)s is “%(status)s”, so this is not possible now.")
            % {"sku": entry.sku, "status": EntryStatus(entry.status).label},
        )
    entry.status = following
    if following != EntryStatus.APPROVED:
        entry.open_key = None
    entry.decided_by, entry.decided_at = str(actor), now
    entry.decision_reason = reason[:200]
    entry.save()
    names = {
        EntryStatus.APPROVED: events.ENTRY_APPROVED,
        EntryStatus.DECLINED: events.ENTRY_DECLINED,
        EntryStatus.WITHDRAWN: events.ENTRY_WITHDRAWN,
    }
    _announce(names[following], [entry], entry.merchant, actor=actor, now=now)


def end_entry_promotion(entry: CampaignEntry, *, actor: Actor, now: datetime) -> None:
    """End what an approved entry became; orders placed keep their prices."""
    promotion: Promotion | None = entry.promotion
    if promotion is not None and may_follow(promotion.status, PromotionStatus.ENDED):
        with scope(merchant=entry.merchant):
            lifecycle.end_promotion(promotion, actor=actor, now=now)


def _announce(
    event: str,
    entries: Sequence[CampaignEntry],
    merchant: Merchant,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    facts = [
        journal.Fact(
            event,
            "campaignentry",
            entry.public_id,
            {
                "campaign": entry.campaign.public_id,
                "name": entry.campaign.name,
                "sku": entry.sku,
                "price_minor": entry.price_minor,
                "currency": entry.currency,
                "units": entry.units,
                "reason": entry.decision_reason,
            },
        )
        for entry in entries
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
