"""Campaigns of the platform, and what the company submits to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MoneyAmount, MoneyView, PageQuery, PublicId

CampaignState = Literal["open", "closed", "ended", "cancelled"]
EntryState = Literal["submitted", "approved", "declined", "withdrawn"]


class CampaignQuery(PageQuery):
    """Which campaigns."""

    status: CampaignState | None = None


class EntryQuery(PageQuery):
    """Which entries."""

    campaign: Annotated[str, Meta(max_length=40, description="Entries of this campaign only")] = ""
    status: EntryState | None = None


class CriteriaView(msgspec.Struct):
    """What an entry must meet.

    Its price is at least `min_percent` below the lowest of the 30 days before, and below that price
    in any case; `categories` empty takes every category.
    """

    min_percent: str
    min_units: int
    max_entries: int
    categories: list[str]


class CampaignView(msgspec.Struct):
    """A campaign; `starts` and `ends` are in the time of each market.

    `entries` counts the company's own that are in review or approved.
    """

    id: str
    name: str
    terms: str
    kind: str
    status: CampaignState
    markets: list[str]
    starts: str
    ends: str
    entries_close_at: datetime
    criteria: CriteriaView
    platform_percent: str
    entries: int


class CampaignPage(msgspec.Struct):
    """Campaigns, the last to close first."""

    items: list[CampaignView]
    next_cursor: str | None


class NewEntryItem(msgspec.Struct, forbid_unknown_fields=True):
    """A listing, the price it has in the campaign, and how many units are sold at it."""

    listing: PublicId
    price: MoneyAmount
    units: Annotated[int, Meta(ge=1, le=9_999_999)]


class NewEntries(msgspec.Struct, forbid_unknown_fields=True):
    """What is submitted to a campaign: all of it, or nothing."""

    campaign: PublicId
    entries: Annotated[list[NewEntryItem], Meta(min_length=1, max_length=200)]


class CheckView(msgspec.Struct):
    """How the entry met a criterion when it was submitted: what was needed and what there was.

    Prices are in minor units of the entry's currency.
    """

    criterion: str
    is_met: bool
    needed: str
    given: str


class EntryView(msgspec.Struct):
    """An entry; `reason` is what the review says, `promotion` what an approved one became.

    It can be withdrawn until `starts_at`, the start of the campaign in the entry's market.
    """

    id: str
    campaign: str
    sku: str
    market: str
    status: EntryState
    price: MoneyView
    units: int
    price_when_submitted: MoneyView
    lowest_of_30_days: MoneyView
    checks: list[CheckView]
    reason: str
    promotion: str | None
    starts_at: datetime
    submitted_at: datetime
    decided_at: datetime | None


class EntryPage(msgspec.Struct):
    """Entries, the newest first."""

    items: list[EntryView]
    next_cursor: str | None


class EntryList(msgspec.Struct):
    """The entries that were submitted."""

    items: list[EntryView]
