"""Reads of texts: what each market's buyers read, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.catalog.locales import clean_locale
from apps.catalog.models import ListingText, Product, ProductText
from apps.catalog.states import ListingStatus
from apps.catalog.text_rules import (
    FIELDS,
    FieldState,
    Override,
    Texts,
    field_state,
    shown_text,
)
from apps.markets.models import Market


@dataclass(frozen=True, slots=True)
class MarketText:
    """One field of one market: what buyers read, its state, and the source now and then."""

    market: str
    locale: str
    field: str
    state: FieldState
    shown: str
    source: str
    source_was: str


def load_texts(product: Product) -> Texts:
    """Return the source of a product's texts (one statement)."""
    rows = ProductText.objects.filter(product=product).order_by("locale")
    return Texts(
        {name: getattr(product, name) for name in FIELDS},
        {row.locale: {name: getattr(row, name) for name in FIELDS} for row in rows},
    )


def load_overrides(product: Product) -> dict[tuple[str, str], Override]:
    """Return (market, field) → what the market says instead (one statement)."""
    rows = ListingText.objects.filter(product=product).select_related("market")
    return {(row.market.code, row.field): Override(row.value, row.source_was) for row in rows}


def listed_markets(product: Product) -> dict[str, Market]:
    """Return the markets by code in which a variant of the product has a listing.

    Removed listings do not count. The product's variants and listings must be prefetched.
    """
    return {
        listing.market.code: listing.market
        for variant in product.variants.all()
        for listing in variant.listings.all()
        if listing.status != ListingStatus.REMOVED
    }


def locales_of(markets: Mapping[str, Market]) -> dict[str, str]:
    """Return market → its locale as texts are stored under."""
    return {code: clean_locale(market.locale) for code, market in markets.items()}


def list_market_texts(
    locales: Mapping[str, str], texts: Texts, overrides: Mapping[tuple[str, str], Override]
) -> list[MarketText]:
    """Return every field of every market given, conflicts first, then by market."""
    rows = [
        _market_text(market, locale, field, texts, overrides.get((market, field)))
        for market, locale in locales.items()
        for field in FIELDS
    ]
    return sorted(rows, key=lambda row: (row.state != FieldState.CONFLICT, row.market))


def _market_text(
    market: str, locale: str, field: str, texts: Texts, override: Override | None
) -> MarketText:
    source = texts.source_for(locale, field)
    return MarketText(
        market,
        locale,
        field,
        field_state(override, source),
        shown_text(override, source),
        source,
        override.source_was if override else "",
    )
