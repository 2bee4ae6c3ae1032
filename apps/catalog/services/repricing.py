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


def reprice(
    merchant: Merchant, *, product: Product | None = None, actor: Actor, now: datetime
) -> list[Listing]:
    """Work out the prices that follow rules again; return the listings whose price moved.

    A price stays when the exchange rate alone moved it by less than the rule's hysteresis, when there
    is no fresh rate, and when no rule speaks any more. Batches of 200 listings, each a transaction of
    its own unless the caller has one open; twelve statements for a batch in which prices move.
    """
    following = reads.list_following(merchant)
    if product is not None:
        following = following.filter(variant__product=product)
    moved: list[Listing] = []
    last = 0
    while True:
        batch = list(following.filter(pk__gt=last).order_by("pk")[:_CHUNK])
        moved += _reprice_batch(batch, merchant=merchant, actor=actor, now=now)
        if len(batch) < _CHUNK:
            return moved
        last = batch[-1].pk


@retry_transaction
def _reprice_batch(
    listings: Sequence[Listing], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    drafts = _moved(merchant, listings, now) if listings else []
    if not drafts:
        return []
    with transaction.atomic():
        return list_in_markets(drafts, merchant=merchant, actor=actor, now=now)


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
