"""Putting variants on sale in markets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.models import Listing, Product
from apps.catalog.rules import CustomsFacts, find_missing
from apps.catalog.sentences import refuse_missing
from apps.catalog.services.drafts import PriceDraft
from apps.catalog.states import TRANSITIONS, ListingStatus
from apps.common.bulk import insert_rows_for_ids, overwrite_rows
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


def list_in_markets(
    prices: Sequence[PriceDraft], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Put variants on sale in markets at prices; each pair passes its own gate.

    A pair whose customs facts are incomplete becomes ``rejected`` with the names of what is
    missing; the others go live. Existing listings get the new price and model. Returns listings in
    the order of ``prices``. Raises 422: ``catalog.price`` for a price that is not above zero,
    ``catalog.withdrawn`` for a variant that is off sale.
    """
    if any(price.price_minor <= 0 for price in prices):
        raise DomainError("catalog.price", _("A price must be above zero."), status=422)
    _refuse_withdrawn(prices)
    with transaction.atomic():
        wanted = {price.variant.pk for price in prices}
        known = {
            (item.variant_id, item.market_id): item
            for item in Listing.objects.select_for_update()
            .filter(merchant=merchant, variant_id__in=wanted)
            .order_by("pk")
        }
        result = [_listing(price, known, merchant) for price in prices]
        new = [item for item in result if item.pk is None]
        old = [item for item in result if item.pk is not None]
        _insert(new, now)
        _overwrite(old, now)
        facts = [_listing_fact(item, price) for item, price in zip(result, prices, strict=True)]
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return result


def relist_refused(
    product: Product, *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Try a product's refused listings again at their prices; returns those that were tried."""
    refused = (
        Listing.objects.filter(
            merchant=merchant,
            variant__product=product,
            variant__is_active=True,
            status=ListingStatus.REJECTED,
        )
        .select_related("market", "variant__product")
        .order_by("pk")
    )
    prices = [
        PriceDraft(item.variant, item.market, item.price_minor, item.model, item.currency)
        for item in refused
    ]
    if not prices:
        return []
    return list_in_markets(prices, merchant=merchant, actor=actor, now=now)


def change_listing(
    listing: Listing, following: ListingStatus, *, actor: Actor, now: datetime
) -> Listing:
    """Pause, resume or remove a listing as its life cycle allows (409 otherwise)."""
    with transaction.atomic():
        locked: Listing = Listing.objects.select_for_update().get(pk=listing.pk)
        if following not in TRANSITIONS[locked.status]:
            raise DomainError(
                "catalog.wrong_state",
                _("This listing is “%(status)s”, so this is not possible now.")
                % {"status": ListingStatus(locked.status).label},
            )
        locked.status = following
        locked.save(update_fields=["status", "updated_at"])
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


def _listing(
    price: PriceDraft, known: Mapping[tuple[int, int], Listing], merchant: Merchant
) -> Listing:
    listing = known.get((price.variant.pk, price.market.pk)) or Listing(
        merchant=merchant, variant=price.variant, market=price.market
    )
    listing.price_minor = price.price_minor
    listing.currency = price.currency or price.market.currency
    listing.model = price.model
    product = price.variant.product
    facts = CustomsFacts(
        product.origin_country, product.hs_code, product.customs_name, price.variant.weight_g
    )
    missing = list(find_missing(facts))
    if missing:
        listing.status = ListingStatus.REJECTED
        listing.refusal = refuse_missing(missing)
    elif listing.status not in {ListingStatus.PAUSED, ListingStatus.SUPPRESSED}:
        listing.status = ListingStatus.LIVE
        listing.refusal = ""
    return listing


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
    changing = ("price_minor", "currency", "model", "status", "refusal", "updated_at")
    overwrite_rows(Listing, columns, rows, changing=changing)


def _listing_fact(listing: Listing, price: PriceDraft) -> journal.Fact:
    payload: dict[str, journal.Json] = {
        "sku": price.variant.sku,
        "market": price.market.code,
        "status": listing.status,
        "price_minor": listing.price_minor,
        "currency": listing.currency,
    }
    return journal.Fact(events.LISTING_PRICED, "listing", listing.public_id, payload)
