"""Putting variants on sale in markets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.sentences import explain_refusal
from apps.catalog.services.drafts import IssueDraft, PriceDraft
from apps.catalog.services.issues import judge_listing, keep_issues, load_issues, refusal_of
from apps.catalog.services.price_history import asked_of, keep_prices
from apps.catalog.services.search import refresh_tokens
from apps.catalog.states import TRANSITIONS, ListingStatus
from apps.common.bulk import insert_rows_for_ids, overwrite_rows
from apps.common.db import lock_by_pk, retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


@retry_transaction
def list_in_markets(
    prices: Sequence[PriceDraft], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Put variants on sale in markets at prices; each pair passes its own gate.

    This is the only way a price changes; each change is kept (``ListingPrice``) in the same
    transaction. A pair with something that blocks it – customs facts, or what the market's gate found
    – gets its issues and is ``rejected``, or ``suppressed`` if it was on sale; the others go live.
    Existing listings get the new price and model. Returns listings in the order of ``prices``. Raises
    422: ``catalog.price`` for a price that is not above zero, ``catalog.withdrawn`` for a variant that
    is off sale.
    """
    if any(price.price_minor <= 0 for price in prices):
        raise DomainError("catalog.price", _("A price must be above zero."), status=422)
    _refuse_withdrawn(prices)
    with transaction.atomic():
        products = {price.variant.product_id for price in prices}
        lock_by_pk(Product.objects.filter(pk__in=products).only("pk"))
        wanted = {price.variant.pk for price in prices}
        known = {
            (item.variant_id, item.market_id): item
            for item in Listing.objects.select_for_update()
            .filter(merchant=merchant, variant_id__in=wanted)
            .order_by("pk")
        }
        asked = [known.get((price.variant.pk, price.market.pk)) for price in prices]
        before = [asked_of(item) if item is not None else None for item in asked]
        issues = load_issues(item for item in asked if item is not None)
        result, wrong = [], []
        for price, item in zip(prices, asked, strict=True):
            found = judge_listing(price, issues.get(item.pk, {}) if item is not None else {})
            result.append(_listing(price, item, found, merchant))
            wrong.append(found)
        _store(result, now=now)
        keep_issues(list(zip(result, wrong, strict=True)), issues, merchant=merchant, now=now)
        keep_prices(
            list(zip(result, prices, before, strict=True)), merchant=merchant, actor=actor, now=now
        )
        refresh_tokens(products)
        facts = [_listing_fact(item, price) for item, price in zip(result, prices, strict=True)]
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return result


def relist_refused(
    product: Product, *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Try a product's refused listings again at their prices; returns those that were tried.

    What a market's gate found stays until that gate looks again.
    """
    return relist([product.pk], merchant=merchant, actor=actor, now=now)


def relist(
    products: Collection[int], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Try the refused listings of products by key again, as ``relist_refused`` does."""
    if not products:
        return []
    refused = (
        Listing.objects.filter(
            merchant=merchant,
            variant__product__in=products,
            variant__is_active=True,
            status__in=(ListingStatus.REJECTED, ListingStatus.SUPPRESSED),
        )
        .select_related("market", "variant__product")
        .order_by("pk")
    )
    prices = [keep_price(item) for item in refused if item.refusal]
    if not prices:
        return []
    return list_in_markets(prices, merchant=merchant, actor=actor, now=now)


def keep_price(listing: Listing) -> PriceDraft:
    """Return a draft that leaves a listing's price as it is; variant and market must be loaded."""
    return PriceDraft(
        listing.variant,
        listing.market,
        listing.price_minor,
        listing.model,
        listing.currency,
        source=listing.price_source,
        basis=listing.price_basis,
    )


@retry_transaction
def change_listing(
    listing: Listing, following: ListingStatus, *, actor: Actor, now: datetime
) -> Listing:
    """Pause, resume or remove a listing as its life cycle allows (409 otherwise).

    A paused listing with something that blocks it does not go live (``catalog.blocked``).
    """
    product_id = listing.variant.product_id
    with transaction.atomic():
        lock_by_pk(Product.objects.filter(pk=product_id).only("pk"))
        locked: Listing = Listing.objects.select_for_update().get(pk=listing.pk)
        if following not in TRANSITIONS[locked.status]:
            raise DomainError(
                "catalog.wrong_state",
                _("This listing is “%(status)s”, so this is not possible now.")
                % {"status": ListingStatus(locked.status).label},
            )
        if following == ListingStatus.LIVE and locked.refusal:
            raise DomainError("catalog.blocked", explain_refusal(locked.refusal))
        locked.status = following
        locked.save(update_fields=["status", "updated_at"])
        refresh_tokens([product_id])
        journal.record(
            events.LISTING_CHANGED,
            merchant=listing.merchant,
            subject=locked,
            actor=actor,
            now=now,
            payload={"status": following.value},
        )
    return locked


def take_off_sale(
    listings: Sequence[Listing], *, merchant: Merchant, actor: Actor, now: datetime
) -> None:
    """Remove listings that were put on sale by mistake, whatever step their life cycle is at.

    In the caller's transaction, on locked listings; a later price puts them on sale again.
    """
    for listing in listings:
        listing.status = ListingStatus.REMOVED
    _overwrite(listings, now)
    variants = Variant.objects.filter(pk__in={item.variant_id for item in listings})
    refresh_tokens(variants.values_list("product_id", flat=True))
    facts = [
        journal.Fact(
            events.LISTING_CHANGED, "listing", item.public_id, {"status": ListingStatus.REMOVED}
        )
        for item in listings
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)


def _refuse_withdrawn(prices: Sequence[PriceDraft]) -> None:
    gone = sorted({price.variant.sku for price in prices if not price.variant.is_active})
    if gone:
        sentence = _("SKU %(sku)s is withdrawn. Bring it back before you price it.")
        told = sentence % {"sku": gone[0]}
        raise DomainError("catalog.withdrawn", told, status=422, fields={"sku": told})


_COLUMNS = (
    "price_minor",
    "currency",
    "price_source",
    "price_basis",
    "model",
    "status",
    "refusal",
    "updated_at",
)


def _store(listings: Sequence[Listing], *, now: datetime) -> None:
    """Insert the new listings and write the others; all have their keys afterwards."""
    _insert([item for item in listings if item.pk is None], now)
    _overwrite([item for item in listings if item.pk is not None], now)


def _listing(
    price: PriceDraft, known: Listing | None, issues: Sequence[IssueDraft], merchant: Merchant
) -> Listing:
    listing = known or Listing(merchant=merchant, variant=price.variant, market=price.market)
    listing.price_minor = price.price_minor
    listing.currency = price.currency or price.market.currency
    listing.price_source, listing.price_basis = price.source, dict(price.basis)
    listing.model = price.model
    refusal = refusal_of(issues)
    listing.status = _status(listing, refusal)
    # A listing that somebody limited for another cause keeps that cause.
    if refusal or listing.status != ListingStatus.SUPPRESSED:
        listing.refusal = refusal
    return listing


def _status(listing: Listing, refusal: str) -> str:
    """Return where a listing stands after its gate: ``refusal`` is empty when nothing blocks it."""
    status = ListingStatus(listing.status)
    was_refused = bool(listing.refusal)
    if refusal:
        is_sold = status == ListingStatus.LIVE and listing.pk is not None
        keeps = status in {ListingStatus.PAUSED, ListingStatus.SUPPRESSED}
        return status if keeps else ListingStatus.SUPPRESSED if is_sold else ListingStatus.REJECTED
    if status == ListingStatus.PAUSED or (status == ListingStatus.SUPPRESSED and not was_refused):
        return status
    return ListingStatus.LIVE


def _insert(listings: Sequence[Listing], now: datetime) -> None:
    """Insert new listings and give them their keys."""
    columns = [item.attname for item in Listing._meta.concrete_fields if not item.primary_key]
    for listing in listings:
        listing.created_at = listing.updated_at = now
    rows = [tuple(getattr(listing, column) for column in columns) for listing in listings]
    for listing, pk in zip(
        listings, insert_rows_for_ids(Listing, columns, rows, key="public_id"), strict=True
    ):
        listing.pk = pk


def _overwrite(listings: Sequence[Listing], now: datetime) -> None:
    """Write the locked listings' prices and states: a fraction of the cost of ``bulk_update``."""
    columns = [item.attname for item in Listing._meta.concrete_fields]
    for listing in listings:
        listing.updated_at = now
    rows = [tuple(getattr(listing, column) for column in columns) for listing in listings]
    overwrite_rows(Listing, columns, rows, changing=_COLUMNS)


def _listing_fact(listing: Listing, price: PriceDraft) -> journal.Fact:
    payload: dict[str, journal.Json] = {
        "sku": price.variant.sku,
        "market": price.market.code,
        "status": listing.status,
        "price_minor": listing.price_minor,
        "currency": listing.currency,
        "source": listing.price_source,
        "reason": price.reason,
    }
    return journal.Fact(events.LISTING_PRICED, "listing", listing.public_id, payload)
