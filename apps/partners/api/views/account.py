"""Who calls, and where one can sell."""

from __future__ import annotations

from datetime import datetime

import msgspec

from apps.markets import selectors as markets
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import MarketList, MarketView


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
        """List the markets that are open for selling."""
        return Answer(
            MarketList(
                [
                    MarketView(
                        market.code,
                        market.currency,
                        market.locale,
                        market.time_zone,
                        market.is_price_with_tax,
                        market.return_window_days,
                        market.ship_within_days,
                    )
                    for market in markets.list_markets()
                ]
            )
        )
