"""Money on Home and the finance page: what is free, what waits and why, what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.dashboard.selectors.rates import load_rates
from apps.dashboard.selectors.sales import Measure, day_start, reporting_zone
from apps.finance import selectors as finance
from apps.merchants.models import Merchant
from apps.orders.states import OrderStatus


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the money, in the company's currency; ``series`` is its chart colour."""

    label: str
    amount: Money
    series: int
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All money of the company at the platform, in its own currency."""

    free: Money
    parts: tuple[Part, ...]
    balances: tuple[finance.Balance, ...]
    is_complete: bool

    @property
    def values(self) -> list[int]:
        """The parts' sizes for the bar."""
        return [max(part.amount.minor, 0) for part in self.parts]


def get_standing(merchant: Merchant, *, now: datetime) -> Standing | None:
    """Return what is free and what waits, or nothing before the first posting."""
    balances = finance.get_balances(merchant)
    if not balances:
        return None
    causes = finance.list_pending_causes(merchant)
    today = now.date()
    book = load_rates(
        merchant.base_currency,
        [balance.currency for balance in balances],
        since=today,
        until=today,
    )
    missing = False
    free = 0
    waiting: dict[str, tuple[int, int]] = {}
    for balance in balances:
        converted = book.convert(balance.payable.minor, balance.currency, today)
        missing = missing or converted is None
        free += converted.minor if converted else 0
    for cause in causes:
        converted = book.convert(cause.amount.minor, cause.amount.currency, today)
        missing = missing or converted is None
        minor, orders = waiting.get(cause.status, (0, 0))
        added = converted.minor if converted else 0
        waiting[cause.status] = (minor + added, orders + cause.order_count)
    base = merchant.base_currency
    parts = (Part(_("Free now"), Money.from_minor(free, base), 1), *_waiting(waiting, base))
    return Standing(parts[0].amount, parts, balances, not missing)


def _waiting(waiting: dict[str, tuple[int, int]], currency: str) -> list[Part]:
    labels = {
        OrderStatus.DELIVERED: _("In the return window"),
        OrderStatus.SHIPPED: _("On the way to buyers"),
        OrderStatus.ALLOCATED: _("Waiting to be shipped"),
        OrderStatus.CONFIRMED: _("Getting their label"),
    }
    known = [status for status in labels if status in waiting]
    return [
        Part(
            labels[status],
            Money.from_minor(waiting[status][0], currency),
            series,
            waiting[status][1],
        )
        for series, status in enumerate(known, start=2)
    ]


def measure_kept(merchant: Merchant, days: Sequence[date], before: Sequence[date]) -> Measure:
    """Return what was kept of the orders delivered in a period, against the one before."""
    now, earlier = _kept(merchant, days), _kept(merchant, before)
    change = Decimal(now - earlier) / earlier if earlier > 0 else None
    return Measure(now, change, ())


def _kept(merchant: Merchant, days: Sequence[date]) -> int:
    zone = reporting_zone(merchant)
    since = day_start(days[0], zone)
    until = day_start(days[-1] + timedelta(days=1), zone)
    return finance.sum_kept(merchant, since, until).minor
