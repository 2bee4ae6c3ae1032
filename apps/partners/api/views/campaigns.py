"""Campaigns of the platform: what is open, and the company's entries to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.catalog.selectors_pricing import find_listing_currencies
from apps.common.pagination import paginate
from apps.partners.api.base import PartnerView
from apps.partners.api.input import known_currency, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.campaigns import (
    CampaignPage,
    CampaignQuery,
    CampaignView,
    CheckView,
    CriteriaView,
    EntryList,
    EntryPage,
    EntryQuery,
    EntryView,
    NewEntries,
    NewEntryItem,
)
from apps.partners.api.structs.common import money_view
from apps.partners.scopes import PROMOTIONS_READ, PROMOTIONS_WRITE
from apps.promotions import campaign_selectors as reads
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.services import campaign_entries as entries
from apps.promotions.services.campaign_entries import NewEntry
from apps.promotions.services.drafts import in_utc


class CampaignsView(PartnerView):
    """The campaigns of the platform."""

    @operation(
        "campaigns.list", scope=PROMOTIONS_READ, query=CampaignQuery, answers={200: CampaignPage}
    )
    def get(self, call: Call[CampaignQuery, Nothing]) -> Answer:
        """List campaigns with their criteria, the last to close first."""
        found = reads.list_campaigns()
        if call.query.status:
            found = found.filter(status=call.query.status)
        page = paginate(
            found, key="entries_close_at", cursor=call.query.cursor, size=call.query.limit
        )
        own = reads.count_entries(call.merchant, page.rows)
        items = [_campaign_view(campaign, own.get(campaign.pk, 0)) for campaign in page.rows]
        return Answer(CampaignPage(items, page.next_cursor or None))


class CampaignEntriesView(PartnerView):
    """The company's entries to campaigns."""

    @operation(
        "campaign_entries.list", scope=PROMOTIONS_READ, query=EntryQuery, answers={200: EntryPage}
    )
    def get(self, call: Call[EntryQuery, Nothing]) -> Answer:
        """List the company's entries with what the review says, the newest first."""
        found = reads.list_own_entries(call.merchant)
        if call.query.campaign:
            found = found.filter(campaign__public_id=call.query.campaign)
        if call.query.status:
            found = found.filter(status=call.query.status)
        page = paginate(
            found, key="id", cursor=call.query.cursor, size=call.query.limit, is_time=False
        )
        return Answer(EntryPage([_entry_view(row) for row in page.rows], page.next_cursor or None))

    @operation(
        "campaign_entries.submit",
        scope=PROMOTIONS_WRITE,
        body=NewEntries,
        answers={201: EntryList},
    )
    def post(self, call: Call[Nothing, NewEntries]) -> Answer:
        """Submit listings to an open campaign, all or none.

        What does not meet the criteria is refused with `promotions.entry_refused` and a sentence
        for each entry that says what would do.
        """
        campaign = reads.get_campaign(call.body.campaign)
        made = entries.submit_entries(
            campaign,
            _new_entries(call, call.body.entries),
            merchant=call.merchant,
            actor=call.actor,
            now=call.now,
        )
        return Answer(EntryList([_entry_view(entry) for entry in made]), 201)


class OneCampaignEntryView(PartnerView):
    """One entry."""

    @operation("campaign_entries.get", scope=PROMOTIONS_READ, answers={200: EntryView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one entry."""
        return Answer(_entry_view(_one(call)))


class WithdrawEntryView(PartnerView):
    """Withdrawing an entry."""

    @operation("campaign_entries.withdraw", scope=PROMOTIONS_WRITE, answers={200: EntryView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Take an entry back before its campaign starts in its market; its promotion ends."""
        done = entries.withdraw_entry(_one(call), actor=call.actor, now=call.now)
        return Answer(_entry_view(done))


def _one(call: Call[Any, Any]) -> CampaignEntry:
    return reads.list_own_entries(call.merchant).get(public_id=call.path["entry_id"])


def _new_entries(call: Call[Any, Any], items: Sequence[NewEntryItem]) -> list[NewEntry]:
    """Return the entries in minor units of each listing's currency.

    A listing that is not the company's has none: the service refuses it like any that cannot join.
    """
    currencies = find_listing_currencies(call.merchant, [item.listing for item in items])
    made = []
    for place, item in enumerate(items):
        attr = f"entries.{place}.price"
        given = known_currency(item.price.currency, f"{attr}.currency")
        currency = currencies.get(item.listing, given)
        made.append(NewEntry(item.listing, to_minor(item.price, currency, attr), item.units))
    return made


def _campaign_view(campaign: Campaign, own: int) -> CampaignView:
    criteria = CriteriaView(
        f"{campaign.min_percent.normalize():f}",
        campaign.min_units,
        campaign.max_entries,
        list(campaign.categories),
    )
    return CampaignView(
        id=campaign.public_id,
        name=campaign.name,
        terms=campaign.terms,
        kind=campaign.kind,
        status=campaign.status,  # type: ignore[arg-type]
        markets=sorted(market.code for market in campaign.markets.all()),
        starts=campaign.starts_local,
        ends=campaign.ends_local,
        entries_close_at=campaign.entries_close_at,
        criteria=criteria,
        platform_percent=f"{campaign.platform_percent.normalize():f}",
        entries=own,
    )


def _entry_view(entry: CampaignEntry) -> EntryView:
    code = entry.currency
    return EntryView(
        id=entry.public_id,
        campaign=entry.campaign.public_id,
        sku=entry.sku,
        market=entry.market.code,
        status=entry.status,  # type: ignore[arg-type]
        price=money_view(entry.price_minor, code),
        units=entry.units,
        price_when_submitted=money_view(entry.listed_minor, code),
        lowest_of_30_days=money_view(entry.lowest_minor, code),
        checks=[
            CheckView(check["criterion"], check["is_met"], check["needed"], check["given"])
            for check in entry.checks
        ],
        reason=entry.decision_reason,
        promotion=entry.promotion.public_id if entry.promotion else None,
        starts_at=in_utc(entry.campaign.starts_local, entry.market),
        submitted_at=entry.created_at,
        decided_at=entry.decided_at,
    )
