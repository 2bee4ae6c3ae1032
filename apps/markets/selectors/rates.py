"""Reads of markets and exchange rates."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db.models import Q

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.markets.models import FxRate, Market

MAX_AGE_DAYS = 10
_EURO = "EUR"


def get_market(code: str) -> Market:
    """Return an open market; an unknown code raises ``markets.unknown`` (422)."""
    market = Market.objects.filter(code=code, is_active=True).first()
    if market is None:
        raise DomainError("markets.unknown", f"Market {code} is not open.", status=422)
    return market


def list_markets() -> list[Market]:
    """Return the open markets by code."""
    return list(Market.objects.filter(is_active=True).order_by("code"))


@lru_cache(maxsize=4096)
def find_rate(base: str, quote: str, on: date) -> Decimal | None:
    """Return how many ``quote`` one ``base`` costs, from euro reference rates at most 10 days old."""
    if base == quote:
        return Decimal(1)
    euro_base, euro_quote = _euro_rate(base, on), _euro_rate(quote, on)
    if euro_base is None or euro_quote is None:
        return None
    return euro_quote / euro_base


def _euro_rate(currency: str, on: date) -> Decimal | None:
    if currency == _EURO:
        return Decimal(1)
    recent = FxRate.objects.filter(
        Q(base=_EURO, quote=currency, valid_on__lte=on),
        valid_on__gte=on - timedelta(days=MAX_AGE_DAYS),
    )
    return recent.order_by("-valid_on").values_list("rate", flat=True).first()


def convert(money: Money, currency: str, on: date) -> Money | None:
    """Return ``money`` in another currency at the day's rate, or nothing without a fresh rate."""
    rate = find_rate(money.currency, currency, on)
    if rate is None:
        find_rate.cache_clear()
        return None
    return Money.rounded(money.amount * rate, currency)
