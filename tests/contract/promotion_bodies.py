"""What calls about promotions and campaigns send, and a campaign with an entry."""

from __future__ import annotations

from collections.abc import Mapping

from django_scopes import scope

from apps.common.clock import utc_now
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.promotions.requests import PromotionDraft
from apps.promotions.services import create_promotion, publish_promotion
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


def add_promotions(merchant: Merchant) -> dict[str, str]:
    """Save a promotion, publish another and open a campaign; returns what calls name of them."""
    now, actor = utc_now(), system_actor("tests")
    with scope(merchant=merchant):
        draft, running = (
            create_promotion(merchant, DRAFT, actor=actor, now=now) for _number in range(2)
        )
        publish_promotion(running, actor=actor, now=now)
    ids = {"promotion_id": draft.public_id, "running_promotion_id": running.public_id}
    return ids | _add_campaign(merchant)


def _add_campaign(merchant: Merchant) -> dict[str, str]:
    """Open a campaign, enter a product and leave another; returns what calls name of them."""
    now = utc_now()
    entered, other = make_listing(merchant), make_listing(merchant)
    campaign = make_campaign(now=now, markets=[entered.market])
    return {
        "campaign": campaign.public_id,
        "campaign_listing": other.public_id,
        "entry_id": make_entry(campaign, entered, now=now).public_id,
    }
