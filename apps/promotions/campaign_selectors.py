"""Reads of campaigns, and which of a merchant's listings could join one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from apps.catalog.models import Listing, ListingPrice
from apps.catalog.pricing.reductions import PricePoint, lowest_price
from apps.catalog.states import ListingStatus
from apps.merchants.models import Merchant
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.rules import Criteria, highest_price
from apps.promotions.states import CampaignStatus, EntryStatus

SHOWN = (CampaignStatus.OPEN, CampaignStatus.CLOSED, CampaignStatus.ENDED, CampaignStatus.CANCELLED)
COUNTED = (EntryStatus.SUBMITTED, EntryStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Eligible:
    """A listing that could join: ``highest_minor`` is the dearest price that meets the criteria."""

    listing: Listing
    lowest_minor: int
    highest_minor: int

    @property
    def lineage(self) -> list[str]:
        """The codes of the product's category and all above it, from the root."""
        category = self.listing.variant.product.category_ref
        return category.lineage.split("/") if category else []


def list_campaigns() -> QuerySet[Campaign]:
    """Return the campaigns merchants see, with their markets, the last to close first."""
    campaigns: QuerySet[Campaign] = Campaign.objects.filter(status__in=SHOWN)
    return campaigns.prefetch_related("markets").order_by("-entries_close_at", "-id")


def get_campaign(public_id: str) -> Campaign:
    """Return one campaign that merchants see; raises ``Campaign.DoesNotExist``."""
    return list_campaigns().get(public_id=public_id)


def criteria_of(campaign: Campaign) -> Criteria:
    """Return what a campaign asks of an entry."""
    return Criteria(
        campaign.min_percent,
        campaign.min_units,
        campaign.max_entries,
        frozenset(campaign.categories),
    )


def list_entries(merchant: Merchant, campaign: Campaign) -> QuerySet[CampaignEntry]:
    """Return the merchant's entries of a campaign with market and product, the newest first."""
    entries: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(
        merchant=merchant, campaign=campaign
    )
    return entries.select_related("market", "variant__product").order_by("-id")


def get_entry(merchant: Merchant, public_id: str) -> CampaignEntry:
    """Return one entry of the merchant; raises ``CampaignEntry.DoesNotExist``."""
    entry: CampaignEntry = CampaignEntry.objects.select_related("campaign", "merchant").get(
        merchant=merchant, public_id=public_id
    )
    return entry


def list_own_entries(merchant: Merchant) -> QuerySet[CampaignEntry]:
    """Return the merchant's entries of all campaigns with what they are shown with (unordered)."""
    entries: QuerySet[CampaignEntry] = CampaignEntry.objects.filter(merchant=merchant)
    return entries.select_related("campaign", "merchant", "market", "promotion")


def count_entries(merchant: Merchant, campaigns: Collection[Campaign]) -> dict[int, int]:
    """Return how many entries of the merchant count in each campaign; those without are absent."""
    counted: dict[int, int] = defaultdict(int)
    entries = CampaignEntry.objects.filter(
        merchant=merchant, campaign__in=[campaign.pk for campaign in campaigns], status__in=COUNTED
    )
    for key in entries.values_list("campaign_id", flat=True):
        counted[key] += 1
    return dict(counted)


def list_eligible(
    merchant: Merchant,
    campaign: Campaign,
    *,
    now: datetime,
    listings: Collection[str] | None = None,
    limit: int = 100,
) -> list[Eligible]:
    """Return live listings that could join and have not, by key; three statements.

    ``listings`` names some of them by outward id. Custody listings are priced by the platform and
    left out; so are listings whose category the campaign does not take.
    """
    markets = [market.pk for market in campaign.markets.all()]
    taken = CampaignEntry.objects.filter(
        merchant=merchant, campaign=campaign, open_key__isnull=False
    ).values_list("variant_id", "market_id")
    own = Listing.objects.filter(
        merchant=merchant, status=ListingStatus.LIVE, market__in=markets, variant__is_active=True
    ).exclude(model=Merchant.Model.CUSTODY)
    if listings is not None:
        own = own.filter(public_id__in=listings)
    prices = ListingPrice.objects.only("listing_id", "price_minor", "currency", "from_at")
    found = own.select_related("market", "variant__product__category_ref").prefetch_related(
        Prefetch("prices", queryset=prices, to_attr="price_points")
    )
    pairs = set(taken)
    criteria = criteria_of(campaign)
    rows = [
        _eligible(listing, criteria, now)
        for listing in found.order_by("id")[: limit + len(pairs)]
        if (listing.variant_id, listing.market_id) not in pairs
    ]
    return [row for row in rows if _fits(row, criteria)][:limit]


def _fits(row: Eligible, criteria: Criteria) -> bool:
    return not criteria.categories or not criteria.categories.isdisjoint(row.lineage)


def _eligible(listing: Listing, criteria: Criteria, now: datetime) -> Eligible:
    points = [
        PricePoint(row.from_at, row.price_minor)
        for row in getattr(listing, "price_points", ())
        if row.currency == listing.currency
    ]
    lowest = lowest_price(points, until=now)
    least = listing.price_minor if lowest is None else min(lowest, listing.price_minor)
    return Eligible(listing, least, highest_price(least, criteria))
