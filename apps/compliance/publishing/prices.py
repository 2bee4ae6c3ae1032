"""Setting prices of single variants, and asking the gates of what is listed already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog import services as listings
from apps.catalog.models import Product
from apps.catalog.states import ListingStatus
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.compliance.publishing.answering import Answer, answer_case
from apps.compliance.publishing.facts import Case, Offer
from apps.compliance.publishing.outcomes import Outcome, draft_of, keep_answer
from apps.compliance.publishing.reading import Wanted, read_cases
from apps.journal.actors import Actor
from apps.markets.models import Market


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A variant's own price in a market, in minor units of the market's currency.

    Without a model the listing keeps its own, and a new one gets the company's.
    """

    variant_id: int
    market: Market
    price_minor: int
    model: str = ""


@retry_transaction
def set_prices(
    product: Product, wishes: Sequence[PriceWish], *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Give variants their own prices in markets, each market through the same gate as publishing.

    One transaction and one answer per market and model, stored as publishing stores it. A pair the
    gate refuses keeps its price and is ``rejected``, or ``suppressed`` if it was on sale, with the
    findings as issues; variants that are not named stay as they are. Raises 422: ``catalog.price``
    for a price that is not above zero, ``catalog.withdrawn`` for a variant that is off sale.
    """
    if any(wish.price_minor <= 0 for wish in wishes):
        sentence = _("A price must be above zero.")
        raise DomainError("catalog.price", sentence, status=422, fields={"price": sentence})
    with transaction.atomic():
        fresh = catalog.get_product(product.merchant, product.public_id)
        _refuse_withdrawn(fresh, wishes)
        cases = _cases_of(fresh, wishes, now=now)
        return _list(cases, product, actor=actor, now=now)


@retry_transaction
def recheck_listed(product: Product, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Ask the gates of all markets again in which the product is listed; prices stay as they are.

    What is on sale and refused now is limited with its cause; what the gate kept off and no longer
    refuses goes live.
    """
    with transaction.atomic():
        fresh = catalog.get_product(product.merchant, product.public_id)
        offered = (variant for variant in fresh.variants.all() if variant.is_active)
        found = [listing for variant in offered for listing in variant.listings.all()]
        markets = {
            listing.market_id: listing.market
            for listing in found
            if listing.status != ListingStatus.REMOVED
        }
        chosen = sorted(markets.values(), key=lambda market: market.code)
        cases = read_cases(fresh, chosen, merchant=product.merchant, on=now.date())
        kept = [_narrow(case, _is_listed) for case in cases]
        return _list([case for case in kept if case.offers], product, actor=actor, now=now)


def _is_listed(offer: Offer) -> bool:
    return offer.listing is not None and offer.listing.status != ListingStatus.REMOVED


def _narrow(case: Case, keep: Callable[[Offer], bool]) -> Case:
    return replace(case, offers=tuple(offer for offer in case.offers if keep(offer)))


def _cases_of(product: Product, wishes: Sequence[PriceWish], *, now: datetime) -> list[Case]:
    """Return a case per market and model with the named variants only."""
    known = {
        (variant.pk, listing.market_id): listing.model
        for variant in product.variants.all()
        for listing in variant.listings.all()
    }
    groups: dict[str, dict[Market, dict[int, int]]] = {}
    for wish in wishes:
        told = wish.model or known.get((wish.variant_id, wish.market.pk), "")
        model = told or product.merchant.default_model
        groups.setdefault(model, {}).setdefault(wish.market, {})[wish.variant_id] = wish.price_minor
    cases: list[Case] = []
    for model, prices in sorted(groups.items()):
        found = read_cases(
            product,
            list(prices),
            merchant=product.merchant,
            on=now.date(),
            wanted={at.code: Wanted(model=model, prices=own) for at, own in prices.items()},
        )
        cases += [_named(case, prices[case.market]) for case in found]
    return cases


def _named(case: Case, prices: Mapping[int, int]) -> Case:
    return _narrow(case, lambda offer: offer.variant.pk in prices)


def _list(cases: Sequence[Case], product: Product, *, actor: Actor, now: datetime) -> list[Outcome]:
    answers: list[Answer] = [answer_case(case) for case in cases]
    drafts = [
        draft_of(answer, offer, offer.price)
        for answer in answers
        for offer in answer.case.offers
        if offer.price is not None
    ]
    made = iter(
        listings.list_in_markets(drafts, merchant=product.merchant, actor=actor, now=now)
        if drafts
        else ()
    )
    outcomes = []
    for answer in answers:
        priced = sum(offer.price is not None for offer in answer.case.offers)
        keep_answer(answer, actor=actor, now=now)
        outcomes.append(Outcome(answer, tuple(next(made) for _at in range(priced))))
    return outcomes


def _refuse_withdrawn(product: Product, wishes: Sequence[PriceWish]) -> None:
    named = {wish.variant_id for wish in wishes}
    gone = [item.sku for item in product.variants.all() if item.pk in named and not item.is_active]
    if gone:
        told = _("SKU %(sku)s is withdrawn. Bring it back before you price it.") % {"sku": gone[0]}
        raise DomainError("catalog.withdrawn", told, status=422, fields={"sku": told})
