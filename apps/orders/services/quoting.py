"""What a cart would cost as an order now; nothing is reserved, counted or kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalog.selectors import find_offers
from apps.common.errors import DomainError
from apps.merchants.models import Merchant
from apps.orders.requests import OrderRequest
from apps.orders.rules import MAX_TOTAL_MINOR
from apps.orders.services import pricing
from apps.orders.services.planning import offers_of
from apps.promotions.checkout import open_desk
from apps.promotions.explanation import Explanation
from apps.promotions.pricing.quote import LineTotal
from apps.promotions.programs import empty_program


@dataclass(frozen=True, slots=True)
class CartQuote:
    """The lines before and after promotions, in minor units, and why."""

    lines: tuple[LineTotal, ...]
    explanation: Explanation


def quote_cart(request: OrderRequest, *, merchant: Merchant, now: datetime) -> CartQuote:
    """Return what a request without prices costs at ``now``, by the same steps as intake.

    Raises ``orders.not_listed`` (422). Three statements with promotions – their version, the offers
    and the facts of the variants – and one for each of limits, codes and the buyer's earlier orders
    where there are any to look at; one more in a process that sees this version first. Two without.
    """
    programs = pricing.find_programs_of([request], merchant)
    offers = find_offers(merchant, {(line.sku, request.market) for line in request.lines})
    found = offers_of(request, offers)
    items = sum(
        offer.price_minor * line.quantity for offer, line in zip(found, request.lines, strict=True)
    )
    if items > MAX_TOTAL_MINOR:
        sentence = _("The order is too large.")
        raise DomainError("orders.too_large", sentence, status=422, fields={"lines": sentence})
    basket = pricing.basket_of(request, offers, now=now)
    desk = open_desk(
        merchant.pk,
        programs,
        [basket],
        read_history=lambda buyers: pricing.read_history(merchant.pk, buyers),
    )
    priced = desk.price(basket) or desk.price_with(
        basket, empty_program(basket.market, basket.currency)
    )
    return CartQuote(priced.quote.lines, priced.explain())
