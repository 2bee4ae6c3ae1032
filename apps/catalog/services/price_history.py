"""Keeping every price that was asked, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from apps.catalog.models import Listing, ListingPrice
from apps.catalog.services.drafts import PriceDraft
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

Asked = tuple[int, str, str]
_CHUNK = 500


def asked_of(listing: Listing) -> Asked:
    """Return what of a listing's price the history keeps."""
    return listing.price_minor, listing.currency, listing.price_source


def keep_prices(
    pairs: Sequence[tuple[Listing, PriceDraft, Asked | None]],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> list[ListingPrice]:
    """Add a row for each listing whose amount, currency or source is not what it was.

    ``pairs`` holds the stored listing, what was asked for, and ``asked_of`` it before the change.
    """
    rows = [
        ListingPrice(
            merchant=merchant,
            listing=listing,
            price_minor=listing.price_minor,
            currency=listing.currency,
            from_at=now,
            source=listing.price_source,
            reason=price.reason,
            basis=dict(price.basis),
            actor=str(actor),
        )
        for listing, price, before in pairs
        if before != asked_of(listing)
    ]
    return list(ListingPrice.objects.bulk_create(rows, batch_size=_CHUNK))
