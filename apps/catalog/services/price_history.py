"""Keeping every price that was asked, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from apps.catalog.models import Listing, ListingPrice
from apps.catalog.services.drafts import PriceDraft
from apps.common.bulk import insert_rows
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

Asked = tuple[int, str, str]
_COLUMNS = (
    "merchant",
    "listing",
    "price_minor",
    "currency",
    "from_at",
    "source",
    "reason",
    "basis",
    "actor",
)


def asked_of(listing: Listing) -> Asked:
    """Return what of a listing's price the history keeps."""
    return listing.price_minor, listing.currency, listing.price_source


def keep_prices(
    pairs: Sequence[tuple[Listing, PriceDraft, Asked | None]],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> None:
    """Add a row for each listing whose amount, currency or source is not what it was.

    ``pairs`` holds the stored listing, what was asked for, and ``asked_of`` it before the change.
    """
    who = str(actor)
    rows = [
        (
            merchant.pk,
            listing.pk,
            listing.price_minor,
            listing.currency,
            now,
            listing.price_source,
            price.reason,
            dict(price.basis),
            who,
        )
        for listing, price, before in pairs
        if before != asked_of(listing)
    ]
    # As plain values: making an object of each is a third of what a sheet of prices costs.
    insert_rows(ListingPrice, _COLUMNS, rows)
