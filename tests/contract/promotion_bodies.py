"""What calls about promotions and campaigns send, and a campaign with an entry."""

from __future__ import annotations

from collections.abc import Mapping

from apps.common.clock import utc_now
from apps.merchants.models import Merchant
from apps.promotions.requests import PromotionDraft
from tests.factories.promotions import make_campaign, make_entry, make_listing

DRAFT = PromotionDraft(
    "Autumn",
    "product_discount",
    ("DE",),
    "2026-11-01T00:00",
    rule={"value": {"percent": "5"}},
)


def promotion_of(codes: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the body of the call."""
    return {
        "name": "Sale",
        "kind": "product_discount",
        "markets": ["DE"],
        "starts": "2026-11-01T00:00",
        "rule": {"value": {"percent": "5"}},
        "codes": list(codes),
    }


def floor_of(sku: str) -> dict[str, object]:
    """Return the body of the call."""
    floor = {"amount": "20.00", "currency": "EUR"}
    return {"floors": [{"sku": sku, "market": "DE", "floor": floor}]}


def entry_of(ids: Mapping[str, str]) -> dict[str, object]:
    """Return the body of the call."""
    price = {"amount": "39.00", "currency": "EUR"}
    entry = {"listing": ids["campaign_listing"], "price": price, "units": 10}
    return {"campaign": ids["campaign"], "entries": [entry]}


def add_campaign(merchant: Merchant) -> dict[str, str]:
    """Open a campaign, enter a product and leave another; returns what calls name of them."""
    now = utc_now()
    entered, other = make_listing(merchant), make_listing(merchant)
    campaign = make_campaign(now=now, markets=[entered.market])
    return {
        "campaign": campaign.public_id,
        "campaign_listing": other.public_id,
        "entry_id": make_entry(campaign, entered, now=now).public_id,
    }
