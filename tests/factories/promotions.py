"""Promotions and campaigns."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django_scopes import scope

from apps.catalog.models import Listing
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.promotions import services as promotions
from apps.promotions.models import Campaign, CampaignEntry, Promotion
from apps.promotions.requests import PromotionDraft
from apps.promotions.services import campaign_entries, campaigns
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory

ACTOR = system_actor("tests")


def make_promotion(
    merchant: Merchant, *, now: datetime, is_published: bool = True, **changes: object
) -> Promotion:
    """Return 20 % off everything in Germany since yesterday; Germany must be open."""
    facts: dict[str, object] = {
        "name": "Black Friday",
        "kind": "product_discount",
        "markets": ("DE",),
        "starts": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "rule": {"value": {"percent": "20"}},
    }
    draft = PromotionDraft(**{**facts, **changes})  # type: ignore[arg-type]
    with scope(merchant=merchant):
        made = promotions.create_promotion(merchant, draft, actor=ACTOR, now=now)
        if not is_published:
            return made
        return promotions.publish_promotion(made, actor=ACTOR, now=now)


def make_campaign(*, now: datetime, is_open: bool = True, **changes: object) -> Campaign:
    """Return a campaign in five days, 20 % below the lowest price, 30 % paid by the platform."""
    facts: dict[str, object] = {
        "name": "Double Twelve",
        "starts_local": f"{now + timedelta(days=5):%Y-%m-%dT00:00}",
        "ends_local": f"{now + timedelta(days=7):%Y-%m-%dT00:00}",
        "entries_close_at": now + timedelta(days=3),
        "min_percent": Decimal(20),
        "min_units": 10,
        "platform_percent": Decimal(30),
    }
    markets = changes.pop("markets", ())
    made: Campaign = Campaign.objects.create(**{**facts, **changes})
    made.markets.set(markets)  # type: ignore[arg-type]
    return campaigns.open_campaign(made, actor=ACTOR, now=now) if is_open else made


def make_listing(merchant: Merchant, **changes: object) -> Listing:
    """Return a lamp on sale in Germany for €49.00."""
    variant = VariantFactory(product=ProductFactory(merchant=merchant))
    listing: Listing = ListingFactory(variant=variant, **changes)
    return listing


def make_entry(campaign: Campaign, listing: Listing, *, now: datetime) -> CampaignEntry:
    """Return ten units of a listing, submitted for €39.00."""
    new = campaign_entries.NewEntry(listing.public_id, 3900, 10)
    with scope(merchant=listing.merchant):
        return campaign_entries.submit_entries(
            campaign, [new], merchant=listing.merchant, actor=ACTOR, now=now
        )[0]
