"""Who calls, and where one can sell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from apps.markets import places
from apps.markets import selectors as markets
from apps.markets.models import Market
from apps.markets.selectors import DatedRate
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import (
    HolidayView,
    MarketList,
    MarketRate,
    MarketView,
    PostalView,
)

HOLIDAYS = 5


class MerchantView(msgspec.Struct):
    """A company."""

    id: str
    name: str
    country: str
    base_currency: str


class Me(msgspec.Struct):
    """The key or app that calls."""

    id: str
    kind: str
    name: str
    scopes: list[str]
    expires_at: datetime | None
    merchant: MerchantView


class MeView(PartnerView):
    """The caller itself."""

    @operation("account.me", answers={200: Me})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the calling key or app, its scopes and its company."""
        grant, merchant = call.grant, call.merchant
        company = MerchantView(
            merchant.public_id, merchant.name, merchant.country, merchant.base_currency
        )
        actor, scopes = grant.actor, sorted(grant.scopes)
        return Answer(Me(actor.ident, actor.kind, actor.label, scopes, grant.expires_at, company))


class MarketsView(PartnerView):
    """The open markets."""

    @operation("markets.list", answers={200: MarketList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List the markets that are open for selling, with what is true of each today."""
        opened = markets.list_markets()
        base, today = call.merchant.base_currency, call.now.date()
        rates = markets.list_dated_rates({market.currency for market in opened}, base, today)
        return Answer(MarketList([_market(item, rates, today) for item in opened]))


def _market(market: Market, rates: Mapping[str, DatedRate], today: date) -> MarketView:
    found, postal = rates.get(market.currency), places.get_postal_rules(market.code)
    rate = MarketRate(found.quote, found.shown, found.fixed_on, found.source) if found else None
    return MarketView(
        code=market.code,
        currency=market.currency,
        locale=market.locale,
        time_zone=market.time_zone,
        is_price_with_tax=market.is_price_with_tax,
        return_window_days=market.return_window_days,
        ship_within_days=market.ship_within_days,
        rate=rate,
        postal=PostalView(list(postal.required), postal.pattern, postal.example),
        weekend=sorted(day + 1 for day in places.get_weekend(market.code)),
        holidays=[
            HolidayView(holiday.day, holiday.name)
            for holiday in places.list_holidays(market.code, today, count=HOLIDAYS)
        ],
    )
