"""Comparing the quote a buyer was shown with the one at the moment of confirming."""

from __future__ import annotations

from typing import NamedTuple

from apps.promotions.pricing.quote import Quote


class Change(NamedTuple):
    """A promotion that gives something else than was shown; ``reason`` is empty while it applies."""

    promotion: str
    shown: int
    now: int
    reason: str


def changes(shown: Quote, now: Quote) -> tuple[Change, ...]:
    """Return the promotions whose amounts or gifts changed: the order must not be placed unasked."""
    before, after = _given(shown), _given(now)
    found = []
    for ident in dict.fromkeys((*before, *after)):
        if before.get(ident) != after.get(ident):
            reason = now.reason_of(ident)
            amounts = (before.get(ident, (0, ()))[0], after.get(ident, (0, ()))[0])
            found.append(Change(ident, *amounts, reason.code if reason else ""))
    return tuple(found)


def _given(quote: Quote) -> dict[str, tuple[int, tuple[tuple[str, int], ...]]]:
    gifts: dict[str, tuple[tuple[str, int], ...]] = {}
    for gift in quote.gifts:
        gifts[gift.promotion] = (*gifts.get(gift.promotion, ()), (gift.sku, gift.quantity))
    return {
        one.promotion: (one.goods + one.shipping, gifts.get(one.promotion, ()))
        for one in quote.applied
    }
