"""What promotions gave and why others did not, as the API writes it; sentences in the open language."""

from __future__ import annotations

from apps.orders.services.pricing import PriceChangedError
from apps.partners.api.structs.common import (
    AppliedView,
    CodeView,
    GiftView,
    PriceChangeView,
    RefusedView,
    money_view,
)
from apps.promotions.explanation import Explanation


def applied_views(told: Explanation | None) -> list[AppliedView]:
    """Return what each promotion gave, in the order they applied."""
    if told is None:
        return []
    return [
        AppliedView(
            one.promotion,
            told.promotions[one.promotion].name,
            money_view(one.goods, told.currency),
            money_view(one.shipping, told.currency),
            money_view(one.platform, told.currency),
        )
        for one in told.applied
    ]


def refused_views(told: Explanation | None) -> list[RefusedView]:
    """Return why promotions gave nothing, or less than they say."""
    if told is None:
        return []
    return [
        RefusedView(
            one.promotion,
            told.promotions[one.promotion].name,
            one.code,
            told.tell(one),
            one.is_partial,
        )
        for one in told.reasons
    ]


def gift_views(told: Explanation | None) -> list[GiftView]:
    """Return the gifts that come."""
    gifts = told.gifts if told is not None else ()
    return [GiftView(one.promotion, one.sku, one.quantity) for one in gifts]


def code_views(told: Explanation | None) -> list[CodeView]:
    """Return what became of each code."""
    if told is None:
        return []
    return [
        CodeView(one.code, list(one.promotions), one.reason, told.tell_code(one))
        for one in told.codes
    ]


def price_change_view(error: PriceChangedError) -> PriceChangeView:
    """Return both totals and what the new one is made of."""
    return PriceChangeView(
        money_view(error.shown_minor, error.currency),
        money_view(error.due_minor, error.currency),
        applied_views(error.explanation),
        refused_views(error.explanation),
        code_views(error.explanation),
    )
