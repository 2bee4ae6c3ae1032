"""Prices of carts under the promotions of the moment."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _

from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest
from apps.orders.services import quoting
from apps.orders.services.quoting import CartQuote
from apps.partners.api.base import PartnerView
from apps.partners.api.explained import applied_views, code_views, gift_views, refused_views
from apps.partners.api.input import field_error, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.carts import CartLineView, CartQuoteView, CartStepView, NewCart
from apps.partners.api.structs.common import money_view


class CartQuotesView(PartnerView):
    """Prices of carts."""

    @operation(
        "quotes.create_cart", scope="products:read", body=NewCart, answers={200: CartQuoteView}
    )
    def post(self, call: Call[Nothing, NewCart]) -> Answer:
        """Price a cart.

        Says what each promotion gave, why others gave nothing, what became of each code, and the
        arithmetic. Send the total as `expected_total` with the order. Nothing is reserved or counted.
        """
        request = _request(call.body, call.grant.currencies, call)
        quote = quoting.quote_cart(request, merchant=call.merchant, now=call.now)
        with translation.override(call.body.language):
            return Answer(_view(call, quote))


def _request(
    cart: NewCart, currencies: Mapping[str, str], call: Call[Nothing, NewCart]
) -> OrderRequest:
    currency = currencies.get(cart.market)
    if currency is None:
        raise field_error("markets.unknown", "market", _("This market is not open."))
    return OrderRequest(
        external_ref="",
        market=cart.market,
        buyer=BuyerRequest(name=cart.buyer_contact, country=cart.country or cart.market),
        lines=tuple(LineRequest(line.sku, line.quantity) for line in cart.lines),
        placed_at=call.now,
        channel=cart.channel,
        shipping_minor=to_minor(cart.shipping, currency, "shipping") if cart.shipping else 0,
        content_ref=cart.content_ref,
        shipping_method=cart.shipping_method,
        codes=tuple(cart.codes),
        is_follower=cart.is_follower,
        buyer_tags=tuple(cart.buyer_tags),
    )


def _view(call: Call[Nothing, NewCart], quote: CartQuote) -> CartQuoteView:
    told = quote.explanation
    currency = told.currency
    lines = [
        CartLineView(
            line.position,
            line.sku,
            line.quantity,
            money_view(line.before // line.quantity, currency),
            money_view(line.before - line.total, currency),
            money_view(line.total, currency),
        )
        for line in quote.lines
    ]
    return CartQuoteView(
        market=call.body.market,
        currency=currency,
        lines=lines,
        items=money_view(told.goods_minor, currency),
        shipping=money_view(told.shipping_minor, currency),
        discount=money_view(told.goods_discount_minor, currency),
        shipping_discount=money_view(told.shipping_discount_minor, currency),
        total=money_view(told.total_minor, currency),
        applied=applied_views(told),
        refused=refused_views(told),
        gifts=gift_views(told),
        codes=code_views(told),
        trace=[CartStepView(*step) for step in told.trace],
        program=told.program,
        priced_at=call.now,
    )
