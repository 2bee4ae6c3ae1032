"""Price rules, price history, and landed cost quotes of a basket."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog import selectors_pricing as pricing
from apps.catalog import services
from apps.catalog.models import ListingPrice, PriceRule, Product
from apps.catalog.pricing.reductions import is_bound
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.markets import selectors as markets
from apps.markets.landed.sale import Item, Sale
from apps.markets.models import LandedQuote
from apps.markets.services import quote_landed_cost
from apps.merchants.models import Merchant
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, known_currency, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import MoneyAmount, MoneyView, money_view
from apps.partners.api.structs.publishing import (
    HistoryQuery,
    LandedQuoteView,
    NewLandedQuote,
    NewPriceRule,
    NewQuoteItem,
    PriceHistory,
    PricePointView,
    PriceRuleList,
    PriceRuleView,
    QuoteBannerView,
    QuoteStepView,
)

_EARLIEST = date(2020, 1, 1)
_AHEAD_DAYS = 366


class PriceRulesView(PartnerView):
    """All price rules of the company."""

    @operation("price_rules.list", scope="products:read", answers={200: PriceRuleList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List the price rules, the company's first."""
        rules = pricing.list_rules(call.merchant)
        return Answer(PriceRuleList([_rule_view(rule) for rule in rules]))

    @operation(
        "price_rules.put", scope="products:write", body=NewPriceRule, answers={200: PriceRuleView}
    )
    def put(self, call: Call[Nothing, NewPriceRule]) -> Answer:
        """Keep a price rule in place of the one with the same product and market.

        Prices that follow it move at once and are kept in their history.
        """
        body = call.body
        currency = known_currency(body.currency, "currency")
        product = _product(call.merchant, body.product) if body.product else None
        draft = services.RuleDraft(
            currency=currency,
            percent=Decimal(body.percent),
            uplift_minor=_minor(body.uplift, currency, "uplift") or 0,
            floor_minor=_minor(body.floor, currency, "floor"),
            ceiling_minor=_minor(body.ceiling, currency, "ceiling"),
            ending=body.ending,
            hysteresis=Decimal(body.hysteresis),
            product=product,
            market=markets.get_market(body.market) if body.market else None,
        )
        rule = services.save_rule(draft, merchant=call.merchant, actor=call.actor, now=call.now)
        return Answer(_rule_view(pricing.get_rule(call.merchant, rule.public_id)))


class OnePriceRuleView(PartnerView):
    """One price rule."""

    @operation("price_rules.delete", scope="products:write", answers={204: None})
    def delete(self, call: Call[Nothing, Nothing]) -> Answer:
        """Remove a price rule; listings that followed it keep their prices."""
        rule = pricing.get_rule(call.merchant, call.path["rule_id"])
        services.remove_rule(rule, actor=call.actor, now=call.now)
        return Answer(None, 204)


class PriceHistoryView(PartnerView):
    """The prices of one listing."""

    @operation(
        "listings.prices",
        scope="products:read",
        query=HistoryQuery,
        answers={200: PriceHistory},
    )
    def get(self, call: Call[HistoryQuery, Nothing]) -> Answer:
        """Show every price a listing has had, and what may be struck through beside it now."""
        listing = pricing.get_listing(call.merchant, call.path["listing_id"])
        page = paginate(
            pricing.list_prices(listing).order_by(),
            key="from_at",
            cursor=call.query.cursor,
            size=call.query.limit,
        )
        found = pricing.find_reductions([listing], now=call.now)[listing.pk]
        currency = listing.currency
        return Answer(
            PriceHistory(
                items=[_point_view(row) for row in page.rows],
                reduction=found.reason,
                was_price=_optional(found.was_minor, currency),
                lowest_of_30_days=_optional(found.lowest_minor, currency),
                is_bound_by_eu_law=is_bound(listing.market.code),
                next_cursor=page.next_cursor or None,
            )
        )


class LandedQuotesView(PartnerView):
    """Landed cost of baskets."""

    @operation(
        "quotes.create_landed",
        scope="products:read",
        body=NewLandedQuote,
        answers={201: LandedQuoteView},
    )
    def post(self, call: Call[Nothing, NewLandedQuote]) -> Answer:
        """Work out duty, tax and fees of a basket by the rules of its day, and keep the quote.

        A charge that no rule answers is an error (`markets.no_rule`), never zero.
        """
        try:
            sale = _sale(call.body, call.now.date())
        except ValueError as error:
            name, _colon, problem = str(error).partition(": ")
            raise field_error("invalid", name, problem or str(error)) from error
        quote = quote_landed_cost(sale, tenant_id=call.merchant.pk, actor=call.actor, now=call.now)
        return Answer(_quote_view(quote), 201)


class OneLandedQuoteView(PartnerView):
    """One stored quote."""

    @operation("quotes.get_landed", scope="products:read", answers={200: LandedQuoteView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a stored landed cost quote: the same figures as when it was made."""
        try:
            quote = markets.get_quote(call.path["quote_id"], tenant_id=call.merchant.pk)
        except DomainError as error:
            raise LandedQuote.DoesNotExist from error
        return Answer(_quote_view(quote))


def _product(merchant: Merchant, public_id: str) -> Product:
    try:
        return catalog.get_product(merchant, public_id)
    except Product.DoesNotExist as error:
        sentence = _("This product does not exist.")
        raise field_error("catalog.unknown_product", "product", sentence) from error


def _sale(body: NewLandedQuote, today: date) -> Sale:
    currency = known_currency(body.currency, "currency")
    sold_on = body.sold_on or today
    if not sold_on >= _EARLIEST or (sold_on - today).days > _AHEAD_DAYS:
        raise field_error("out_of_range", "sold_on", _("This day is too far away."))
    return Sale(
        destination=body.country,
        sold_on=sold_on,
        currency=currency,
        items=tuple(_item(item, currency, index) for index, item in enumerate(body.items)),
        shipping=_amount(body.shipping, currency, "shipping"),
        insurance=_amount(body.insurance, currency, "insurance"),
        region=body.region,
        ship_from=body.ship_from,
        channel=body.channel,
    )


def _item(item: NewQuoteItem, currency: str, index: int) -> Item:
    return Item(
        unit_price=_amount(item.unit_price, currency, f"items.{index}.unit_price"),
        quantity=item.quantity,
        hs6=item.hs_code[:6],
        origin=item.origin_country,
        tariff_rate=Decimal(item.tariff_rate) if item.tariff_rate is not None else None,
        facts={name: Decimal(share) for name, share in item.rates.items()},
    )


def _amount(money: MoneyAmount | None, currency: str, attr: str) -> Decimal:
    if money is None:
        return Decimal(0)
    to_minor(money, currency, attr)
    return Decimal(money.amount)


def _minor(money: MoneyAmount | None, currency: str, attr: str) -> int | None:
    return None if money is None else to_minor(money, currency, attr)


def _rule_view(rule: PriceRule) -> PriceRuleView:
    return PriceRuleView(
        id=rule.public_id,
        product=rule.product.public_id if rule.product is not None else None,
        market=rule.market.code if rule.market is not None else None,
        percent=f"{rule.percent.normalize():f}",
        uplift=money_view(rule.uplift_minor, rule.currency),
        floor=_optional(rule.floor_minor, rule.currency),
        ceiling=_optional(rule.ceiling_minor, rule.currency),
        ending=rule.ending,
        hysteresis=f"{rule.hysteresis.normalize():f}",
        updated_at=rule.updated_at,
    )


def _point_view(row: ListingPrice) -> PricePointView:
    return PricePointView(
        money_view(row.price_minor, row.currency),
        row.from_at,
        row.source,
        row.reason,
        dict(row.basis),
    )


def _optional(minor: int | None, currency: str) -> MoneyView | None:
    return None if minor is None else money_view(minor, currency)


def _quote_view(quote: LandedQuote) -> LandedQuoteView:
    told: dict[str, Any] = json.loads(quote.result)
    currency = str(told["currency"])
    amounts = ("duty", "tax", "fees", "total_charges", "landed_total")
    return LandedQuoteView(
        id=quote.public_id,
        country=quote.country,
        sold_on=quote.sold_on,
        **{name: MoneyView(str(told[name]), currency) for name in amounts},
        collector=told["collector"],
        is_deemed_supplier=told["is_deemed_supplier"],
        rules=told["row_ids"],
        steps=[QuoteStepView(*step) for step in told["steps"]],
        banners=[QuoteBannerView(*banner) for banner in told["banners"]],
        gates=told["gates"],
        quoted_at=quote.quoted_at,
    )
