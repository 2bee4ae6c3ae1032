"""Planning an intake: what is known already, what it costs, and which stock serves it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalog.selectors import Offer, find_offers
from apps.common.bulk import select_rows, slots
from apps.common.errors import DomainError
from apps.common.formatting import join_words
from apps.inventory.rules import Assignment, Demand, Supply, assign, sellable
from apps.inventory.selectors import list_supplies
from apps.merchants.models import Merchant
from apps.orders.requests import LineRequest, OrderRequest, Receipt
from apps.orders.rules import MAX_TOTAL_MINOR
from apps.orders.services import pricing
from apps.orders.services.pricing import OrderPrice
from apps.promotions.checkout import Basket, Desk, Priced
from apps.promotions.explanation import Explanation
from apps.promotions.pricing import reasons
from apps.promotions.pricing.quote import Gift

_KNOWN = """
SELECT known.channel, known.external_ref, known.request_mark, known.id, known.public_id,
    known.number, known.status, known.total_minor, known.currency, pricing.explanation
FROM orders_order known
LEFT JOIN orders_orderpricing pricing ON pricing.order_id = known.id
WHERE known.merchant_id = %s AND known.channel IN ({channels}) AND known.external_ref IN ({refs})
"""


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line with its offer, the price paid and the balance that serves it."""

    request: LineRequest
    offer: Offer
    unit_price_minor: int
    supply: Supply


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order that can be written as it is."""

    request: OrderRequest
    lines: tuple[PlannedLine, ...]
    price: OrderPrice | None = None

    @property
    def items_minor(self) -> int:
        """The sum of the lines in minor units."""
        return sum(line.unit_price_minor * line.request.quantity for line in self.lines)


def find_known(waiting: Mapping[int, OrderRequest], merchant: Merchant) -> dict[int, Receipt]:
    """Return receipts of requests whose reference is an order already, and of repeats in the batch."""
    if not waiting:
        return {}
    refs = sorted({request.external_ref for request in waiting.values()})
    channels = sorted({request.channel for request in waiting.values()})
    statement = _KNOWN.format(channels=slots(channels), refs=slots(refs))
    rows = select_rows(statement, (merchant.pk, *channels, *refs))
    known = {(row[0], row[1]): row[2:] for row in rows}
    receipts: dict[int, Receipt] = {}
    seen: set[tuple[str, str]] = set()
    for index, request in waiting.items():
        key = (request.channel, request.external_ref)
        if key in known:
            mark, *facts, told = known[key]
            same = mark == request.mark
            receipts[index] = (
                replace(Receipt(request.external_ref, *facts), explanation=_told(told))
                if same
                else Receipt(request.external_ref, error=_reference_reused())
            )
        elif key in seen:
            receipts[index] = Receipt(request.external_ref, error=_reference_reused())
        seen.add(key)
    return receipts


def _told(stored: str | None) -> Explanation | None:
    return Explanation.from_json(json.loads(stored)) if stored else None


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a batch is planned with; the shelf loses what earlier requests get."""

    offers: Mapping[tuple[str, str], Offer]
    shelf: dict[int, Supply]
    desk: Desk | None
    baskets: Mapping[int, Basket]


def plan_orders(
    waiting: Mapping[int, OrderRequest],
    merchant: Merchant,
    *,
    now: datetime,
    held: Mapping[int, Mapping[int, int]] | None = None,
) -> tuple[dict[int, OrderPlan], dict[int, Receipt]]:
    """Return the plans of what can be accepted and the receipts of what cannot.

    Three statements: the version of the promotions, the offers of all SKUs, and the stock of their
    variants; one to four more where there are promotions (``checkout.open_desk``). Stock and uses
    planned for an earlier request of the batch are not planned again. ``held`` names what the cart
    of a request brings along: balance key → units.
    """
    if not waiting:
        return {}, {}
    programs = pricing.find_programs_of(waiting.values(), merchant)
    pairs = {(line.sku, item.market) for item in waiting.values() for line in item.lines}
    pairs |= {(sku, market) for market, loaded in programs.items() for sku in loaded.gift_skus}
    offers = find_offers(merchant, pairs)
    wanted = {offer.variant_id for offer in offers.values()}
    shelf = {supply.balance_id: supply for supply in list_supplies(merchant.pk, wanted)}
    desk, baskets = pricing.open_desk_for(waiting, offers, programs, merchant, now=now)
    tables = _Tables(offers, shelf, desk, baskets)
    plans: dict[int, OrderPlan] = {}
    refused: dict[int, Receipt] = {}
    for index, request in waiting.items():
        try:
            plans[index] = _plan(
                request, tables, tables.baskets.get(index), (held or {}).get(index, {})
            )
        except DomainError as error:
            refused[index] = Receipt(request.external_ref, error=error)
    return plans, refused


def _plan(
    request: OrderRequest, tables: _Tables, basket: Basket | None, held: Mapping[int, int]
) -> OrderPlan:
    pricing.check_prices(request)
    usable = offers_of(request, tables.offers)
    prices = [
        offer.price_minor if line.unit_price_minor is None else line.unit_price_minor
        for line, offer in zip(request.lines, usable, strict=True)
    ]
    items = sum(price * line.quantity for price, line in zip(prices, request.lines, strict=True))
    if items > MAX_TOTAL_MINOR:
        sentence = _("The order is too large.")
        raise DomainError("orders.too_large", sentence, status=422, fields={"lines": sentence})
    desk = tables.desk
    priced = desk.price(basket) if desk is not None and basket is not None else None
    due = items + request.shipping_minor if priced is None else priced.quote.total
    pricing.check_total(request, due, usable[0].currency, priced)
    demands = [
        Demand(offer.variant_id, line.quantity)
        for line, offer in zip(request.lines, usable, strict=True)
    ]
    assigned = _take(demands, tables.shelf, request, held)
    lines = tuple(
        PlannedLine(line, offer, price, item.supply)
        for line, offer, price, item in zip(request.lines, usable, prices, assigned, strict=True)
    )
    if desk is None or priced is None:
        return OrderPlan(request, lines)
    gifts, lost = _add_gifts(priced, tables, {line.supply.node_id for line in lines})
    return OrderPlan(request, (*lines, *gifts), pricing.settle(desk, priced, lost))


def _add_gifts(
    priced: Priced, tables: _Tables, nodes: set[int]
) -> tuple[list[PlannedLine], dict[Gift, str]]:
    """Return lines for the gifts there are, from the order's own nodes if they can be; and the others."""
    lines: list[PlannedLine] = []
    lost: dict[Gift, str] = {}
    for gift in priced.quote.gifts:
        offer = tables.offers.get((gift.sku, priced.basket.market))
        if offer is None:
            lost[gift] = reasons.GIFT_NOT_ON_SALE
            continue
        own = [one for one in tables.shelf.values() if one.variant_id == offer.variant_id]
        offered = sellable(own, priced.basket.market, priced.basket.channel)
        supplies = [supply for supply in offered if supply.available >= gift.quantity]
        if not supplies:
            lost[gift] = reasons.GIFT_OUT_OF_STOCK
            continue
        supply = min(supplies, key=lambda one: one.node_id not in nodes)
        stood = tables.shelf[supply.balance_id]
        left = stood.available - gift.quantity
        tables.shelf[supply.balance_id] = replace(stood, available=left)
        lines.append(PlannedLine(LineRequest(gift.sku, gift.quantity, 0), offer, 0, supply))
    return lines, lost


def offers_of(request: OrderRequest, offers: Mapping[tuple[str, str], Offer]) -> list[Offer]:
    """Return the offer of each line; raises ``orders.not_listed`` (422) with the lines that have none."""
    found = [offers.get((line.sku, request.market)) for line in request.lines]
    missing = {
        f"lines.{index}.sku": _("%(sku)s is not on sale in %(market)s.")
        % {"sku": line.sku[:64], "market": request.market}
        for index, (line, offer) in enumerate(zip(request.lines, found, strict=True))
        if offer is None
    }
    if missing:
        raise DomainError(
            "orders.not_listed",
            _("Some items are not on sale in this market."),
            status=422,
            fields=missing,
        )
    return [offer for offer in found if offer is not None]


def _take(
    demands: list[Demand],
    shelf: dict[int, Supply],
    request: OrderRequest,
    held: Mapping[int, int],
) -> list[Assignment]:
    wanted = {demand.variant_id for demand in demands}
    supplies = [supply for supply in shelf.values() if supply.variant_id in wanted]
    offered = sellable(supplies, request.market, request.channel)
    if held:  # what the cart holds is the order's whatever is kept back meanwhile
        offered = [
            replace(supply, available=supply.available + held.get(supply.balance_id, 0))
            for supply in offered
        ]
    node_order = list(dict.fromkeys(supply.node_id for supply in offered))
    result = assign(demands, offered, node_order)
    served = [item for item in result if isinstance(item, Assignment)]
    if len(served) < len(demands):
        short = {item.variant_id for item in result if isinstance(item, Demand)}
        raise out_of_stock(
            [
                line
                for line, demand in zip(request.lines, demands, strict=True)
                if demand.variant_id in short
            ]
        )
    _book(shelf, served, held)
    return served


def _book(shelf: dict[int, Supply], served: Sequence[Assignment], held: Mapping[int, int]) -> None:
    """Take what was planned off the shelf; what a cart brought and did not need is for sale again."""
    changes = {key: units for key, units in held.items() if key in shelf}
    for item in served:
        key = item.supply.balance_id
        changes[key] = changes.get(key, 0) - item.demand.quantity
    for key, change in changes.items():
        shelf[key] = replace(shelf[key], available=shelf[key].available + change)


def out_of_stock(lines: Sequence[LineRequest]) -> DomainError:
    """Return the error that names the SKUs of which there is not enough."""
    skus = join_words(dict.fromkeys(line.sku[:64] for line in lines))
    return DomainError(
        "orders.out_of_stock", _("Not enough stock of %(skus)s.") % {"skus": skus[:300]}
    )


def _reference_reused() -> DomainError:
    return DomainError(
        "orders.reference_reused",
        _("This external_ref already belongs to another order. Use a new one."),
    )
