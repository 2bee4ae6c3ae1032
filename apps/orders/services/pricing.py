"""Promotions in intake: what an order costs, what it takes, and the rows that say why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalog.selectors import Offer
from apps.common.bulk import Value, insert_rows, select_rows, slots
from apps.common.crypto import blind_index
from apps.common.errors import DomainError
from apps.common.formatting import format_money
from apps.merchants.models import Merchant
from apps.orders.models import LineDiscount, OrderPricing
from apps.orders.requests import BuyerRequest, OrderRequest
from apps.orders.states import OrderStatus
from apps.promotions import counting
from apps.promotions.checkout import Basket, BasketLine, Desk, History, Priced, open_desk
from apps.promotions.explanation import Explanation
from apps.promotions.pricing.pieces import Piece
from apps.promotions.pricing.quote import Gift
from apps.promotions.programs import Active, Loaded, find_programs
from apps.promotions.requests import Taking

_HISTORY = """
SELECT buyer_index, COUNT(*), SUM(CASE WHEN status = %s THEN 1 ELSE 0 END)
FROM orders_order
WHERE merchant_id = %s AND buyer_index IN ({buyers})
GROUP BY buyer_index
"""
_DISCOUNT_COLUMNS = (
    "merchant",
    "order",
    "position",
    "first_unit",
    "unit_count",
    "promotion_ref",
    "promotion_name",
    "code",
    "amount_minor",
    "platform_minor",
)
_PRICING_COLUMNS = ("order", "merchant", "program", "explanation")
Offers = Mapping[tuple[str, str], Offer]


class PriceChangedError(DomainError):
    """The total is not what the buyer was shown (409); ``explanation`` says what it is made of.

    Amounts are minor units of ``currency``.
    """

    def __init__(
        self, *, shown_minor: int, due_minor: int, currency: str, explanation: Explanation | None
    ) -> None:
        """Keep both totals and the explanation."""
        sentence = _("The total is now %(due)s, not %(shown)s. Show the buyer the new price.")
        amounts = {
            "due": format_money(due_minor, currency),
            "shown": format_money(shown_minor, currency),
        }
        super().__init__("orders.price_changed", sentence % amounts)
        self.shown_minor = shown_minor
        self.due_minor = due_minor
        self.currency = currency
        self.explanation = explanation


@dataclass(frozen=True, slots=True)
class OrderPrice:
    """What promotions make of an order: pieces of discount, gifts that come, what is taken.

    ``takings`` name no order yet. ``counters`` are the keys of the counters that were read.
    """

    pieces: tuple[Piece, ...]
    discount_minor: int
    explanation: Explanation
    takings: tuple[Taking, ...]
    promotions: Mapping[str, Active]
    counters: Mapping[tuple[int, str], int]

    @property
    def by_position(self) -> dict[int, int]:
        """What is taken off each line by its position; 0 is the shipping fee."""
        sums: dict[int, int] = defaultdict(int)
        for piece in self.pieces:
            sums[piece.position] += piece.amount
        return sums


def buyer_index_of(buyer: BuyerRequest) -> str:
    """Return the blind index by which all orders of a buyer are found; empty for nobody."""
    contact = buyer.email or buyer.phone or buyer.name
    return blind_index(contact) if contact else ""


def check_prices(request: OrderRequest) -> None:
    """Refuse a request of which it is not clear who priced it (422)."""
    if not request.is_priced_by_channel:
        return
    if request.codes:
        sentence = _("Codes need the prices of the listings. Send the lines without unit_price.")
        raise DomainError(
            "orders.codes_with_prices", sentence, status=422, fields={"codes": sentence}
        )
    missing = {
        f"lines.{index}.unit_price": _("Give every line a price, or none.")
        for index, line in enumerate(request.lines)
        if line.unit_price_minor is None
    }
    if missing:
        sentence = _("Some lines have a price and others have none.")
        raise DomainError("orders.mixed_prices", sentence, status=422, fields=missing)


def check_total(
    request: OrderRequest, due_minor: int, currency: str, priced: Priced | None
) -> None:
    """Refuse an order whose total is not the one the buyer was shown."""
    shown = request.expected_total_minor
    if shown is not None and shown != due_minor:
        raise PriceChangedError(
            shown_minor=shown,
            due_minor=due_minor,
            currency=currency,
            explanation=priced.explain() if priced is not None else None,
        )


def find_programs_of(requests: Iterable[OrderRequest], merchant: Merchant) -> dict[str, Loaded]:
    """Return the promotions of the markets of requests that we price; one statement if there are any.

    A market whose promotions have all ended is as one that never had any.
    """
    markets = {request.market for request in requests if not request.is_priced_by_channel}
    found = find_programs(merchant.pk, markets)
    return {market: loaded for market, loaded in found.items() if loaded.promotions}


def open_desk_for(
    requests: Mapping[int, OrderRequest],
    offers: Offers,
    programs: Mapping[str, Loaded],
    merchant: Merchant,
    *,
    now: datetime,
) -> tuple[Desk | None, dict[int, Basket]]:
    """Return the desk that prices requests, and their baskets; none where nothing is to be priced.

    Prices are those of ``now``, the moment of the order, not of when the buyer looked.
    """
    baskets = {
        index: basket_of(request, offers, now=now)
        for index, request in requests.items()
        if (request.market in programs or request.codes)
        and not request.is_priced_by_channel
        and all((line.sku, request.market) in offers for line in request.lines)
    }
    if not baskets:
        return None, {}
    desk = open_desk(
        merchant.pk,
        programs,
        list(baskets.values()),
        read_history=lambda buyers: read_history(merchant.pk, buyers),
    )
    return desk, baskets


def basket_of(request: OrderRequest, offers: Offers, *, now: datetime) -> Basket:
    """Return a request as promotions see it; every line must be on sale."""
    first = offers[request.lines[0].sku, request.market]
    lines = []
    for line in request.lines:
        offer = offers[line.sku, request.market]
        lines.append(BasketLine(line.sku, offer.variant_id, line.quantity, offer.price_minor))
    return Basket(
        lines=tuple(lines),
        market=request.market,
        market_id=first.market_id,
        currency=first.currency,
        moment=now,
        channel=request.channel,
        content=request.content_ref,
        country=request.buyer.country,
        shipping_minor=request.shipping_minor,
        shipping_method=request.shipping_method,
        buyer_index=buyer_index_of(request.buyer),
        is_follower=request.is_follower,
        buyer_tags=request.buyer_tags,
        codes=request.codes,
    )


def read_history(merchant_id: int, buyers: Iterable[str]) -> History:
    """Return how many orders buyers placed and how many of those were cancelled, by blind index."""
    wanted = sorted(buyers)
    statement = _HISTORY.format(buyers=slots(wanted))
    rows = select_rows(statement, (OrderStatus.CANCELLED.value, merchant_id, *wanted))
    return {index: (int(orders), int(cancelled)) for index, orders, cancelled in rows}


def settle(desk: Desk, priced: Priced, lost: Mapping[Gift, str]) -> OrderPrice:
    """Return the price of an order that will be placed without the ``lost`` gifts, and note it."""
    takings = priced.takings("", without=lost)
    desk.note(priced, takings)
    quote = priced.quote
    return OrderPrice(
        pieces=quote.pieces,
        discount_minor=quote.discount + quote.shipping_discount,
        explanation=priced.explain(without=lost),
        takings=tuple(takings),
        promotions=priced.loaded.promotions,
        counters=desk.counters.keys,
    )


def take_uses(prices: Mapping[str, OrderPrice | None], *, merchant_id: int, now: datetime) -> None:
    """Count what orders (by public id) take from promotions; raises ``counting.UsedUpError``."""
    takings: list[Taking] = []
    promotions: dict[str, Active] = {}
    known: Mapping[tuple[int, str], int] = {}
    for public_id, price in prices.items():
        if price is not None:
            takings += [replace(taking, order_ref=public_id) for taking in price.takings]
            promotions |= price.promotions
            known = price.counters
    counting.take(takings, promotions, merchant_id=merchant_id, now=now, known=known)


def write_prices(prices: Sequence[tuple[int, OrderPrice | None]], *, merchant_id: int) -> None:
    """Write discounts and explanations of orders by key; two statements, none without promotions."""
    discounts: list[tuple[Value, ...]] = []
    explanations: list[tuple[Value, ...]] = []
    for key, price in prices:
        if price is None:
            continue
        told = price.explanation
        codes = {taking.promotion: taking.code for taking in price.takings}
        discounts += [
            (
                merchant_id,
                key,
                piece.position,
                piece.first_unit,
                piece.units,
                piece.promotion,
                told.promotions[piece.promotion].name,
                codes[piece.promotion],
                piece.amount,
                piece.platform,
            )
            for piece in price.pieces
        ]
        explanations.append((key, merchant_id, told.program, told.as_json()))
    insert_rows(LineDiscount, _DISCOUNT_COLUMNS, discounts)
    insert_rows(OrderPricing, _PRICING_COLUMNS, explanations)
