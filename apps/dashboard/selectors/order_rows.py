"""Rows of the order list, ready to be shown."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.urls import reverse

from apps.catalog.models import Product
from apps.common.formatting import format_clock, format_day, format_number, zone_city
from apps.common.money import Money
from apps.dashboard.selectors.holds import tell_hold
from apps.dashboard.selectors.rates import RateBook, load_rates
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderLine
from apps.orders.states import CANCELLABLE, OPEN, OrderStatus

_RATES_AGE_S = 60


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a list; ``base`` is its total in the company's own currency."""

    order: Order
    first: OrderLine | None
    photo: str
    more: int
    base: Money | None
    base_currency: str
    rate: str
    badge: str
    reason: str
    local_due: str
    action: str
    is_due: bool
    tags: tuple[str, ...] = ()

    @property
    def worth_minor(self) -> int | None:
        """The total in minor units of the company's currency, if a rate is known."""
        if self.order.currency == self.base_currency:
            return self.order.total_minor
        return self.base.minor if self.base is not None else None


def badge_of(order: Order) -> str:
    """Return the badge an order shows: a hold comes before the state."""
    return "on_hold" if order.open_hold_count and order.status in OPEN else str(order.status)


def action_of(order: Order) -> str:
    """Return the likeliest next action: ``fix``, ``ship``, or none."""
    if order.status not in CANCELLABLE:
        return ""
    if order.open_hold_count:
        return "fix"
    return "ship" if order.status == OrderStatus.ALLOCATED else ""


def photo_url(product: Product) -> str:
    """Return the address of a product's small picture, or nothing."""
    if not product.image:
        return ""
    return f"{reverse('dashboard:product_photo', args=[product.public_id])}?size=small"


def rates_of(merchant: Merchant, orders: Sequence[Order]) -> RateBook:
    """Return the rates of the days the orders were placed, at most a minute old."""
    target = merchant.base_currency
    currencies = sorted({order.currency for order in orders})
    if not orders or currencies == [target]:
        return RateBook(target)
    days = [order.placed_at.date() for order in orders]
    since, until = min(days), max(days)
    name = f"dashboard.rates.{target}.{'-'.join(currencies)}.{since}.{until}"
    known: RateBook | None = cache.get(name)
    if known is None:
        known = load_rates(target, currencies, since=since, until=until)
        cache.set(name, known, _RATES_AGE_S)
    return known


def rows_of(merchant: Merchant, orders: Sequence[Order]) -> list[OrderRow]:
    """Return rows of orders that come with their lines, products and open holds."""
    book = rates_of(merchant, orders)
    return [_row(order, book) for order in orders]


def _row(order: Order, book: RateBook) -> OrderRow:
    first = next(iter(order.lines.all()), None)
    base = None
    if order.currency != book.target:
        base = book.convert(order.total_minor, order.currency, order.placed_at.date())
    holds = getattr(order, "open_holds", [])
    return OrderRow(
        order=order,
        first=first,
        photo=photo_url(first.variant.product) if first else "",
        more=max(order.line_count - 1, 0),
        base=base,
        base_currency=book.target,
        rate=rate_text(order, base),
        badge=badge_of(order),
        reason=tell_hold(holds[0], order).reason if holds and order.status in OPEN else "",
        local_due=_local_due(order),
        action=action_of(order),
        is_due=order.status in OPEN,
        tags=tuple(getattr(order, "tag_names", ())),
    )


def _local_due(order: Order) -> str:
    """Return the ship-by time on the buyer's clock: ``Berlin 02:31``."""
    zone = order.market.time_zone
    return f"{zone_city(zone)} {format_clock(order.ship_by_at, zoneinfo.ZoneInfo(zone))}"


def rate_text(order: Order, base: Money | None) -> str:
    """Return the rate and its day behind a converted total: ``€1 = CN¥7.82, 24 Nov``."""
    if base is None or not order.total_minor:
        return ""
    ratio = base.amount / Money.from_minor(order.total_minor, order.currency).amount
    day = order.placed_at.date()
    shown = format_number(ratio, 4)
    return f"1 {order.currency} ≈ {shown} {base.currency}, {format_day(day, today=day)}"
