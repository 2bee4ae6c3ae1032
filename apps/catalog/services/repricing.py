"""Working out again the prices that follow rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.catalog import selectors_pricing as reads
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.services.drafts import PriceDraft
from apps.catalog.services.listings import list_in_markets
from apps.common.db import retry_transaction
from apps.journal.actors import Actor
from apps.markets.selectors.dated_rates import load_day_rates
from apps.merchants.models import Merchant

_CHUNK = 200


@retry_transaction
def reprice(
    merchant: Merchant, *, product: Product | None = None, actor: Actor, now: datetime
) -> list[Listing]:
    """Work out the prices that follow rules again; return the listings whose price moved.

    A price stays when the exchange rate alone moved it by less than the rule's hysteresis, when there
    is no fresh rate, and when no rule speaks any more. Six statements for each 200 listings, and one
    transaction for all.
    """
    with transaction.atomic():
        following = reads.list_following(merchant)
        if product is not None:
            following = following.filter(variant__product=product)
        listings = list(following.order_by("pk"))
        if not listings:
            return []
        drafts = _moved(merchant, listings, now)
        moved: list[Listing] = []
        for start in range(0, len(drafts), _CHUNK):
            chunk = drafts[start : start + _CHUNK]
            moved += list_in_markets(chunk, merchant=merchant, actor=actor, now=now)
    return moved


def _moved(merchant: Merchant, listings: Sequence[Listing], now: datetime) -> list[PriceDraft]:
    rules = reads.rules_of(merchant, {item.variant.product_id for item in listings})
    currencies = reads.currencies_of((item.variant for item in listings), rules)
    currencies |= {item.market.currency for item in listings}
    rates = load_day_rates(currencies, now.date())
    drafts: list[PriceDraft] = []
    for item in listings:
        rule = rules.find(item.variant.product_id, item.market_id)
        if rule is None:
            continue
        found = reads.price_by_rule(item.variant, item.market, rule, rates, listing=item)
        if found is not None and found.decision.moves:
            drafts.append(draft_of(item.variant, item, found))
    return drafts


def draft_of(variant: Variant, listing: Listing, found: reads.RulePrice) -> PriceDraft:
    """Return the draft of a price that follows a rule, in a listing's market and model."""
    return PriceDraft(
        variant,
        listing.market,
        found.price.minor,
        listing.model,
        found.price.currency,
        source=Listing.PriceSource.RULE.value,
        reason=found.decision.reason,
        basis=found.as_json() if found.decision.moves else listing.price_basis,
    )
