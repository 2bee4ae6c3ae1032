"""What an action would do to chosen orders, told before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.dashboard.selectors.todos import in_base
from apps.fulfillment.models import Shipment
from apps.fulfillment.states import ShipmentStatus
from apps.markets.selectors.market_book import load_market_book
from apps.merchants.models import Merchant
from apps.orders.models import Order
from apps.orders.states import CANCELLABLE, OrderStatus


@dataclass(frozen=True, slots=True)
class Skipped:
    """Orders of a selection that stay as they are, and why."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """What an action will do to a selection, before it does it."""

    count: int
    worth: Money | None
    postage: Money | None
    markets: tuple[tuple[str, int], ...]
    skipped: tuple[Skipped, ...]

    @property
    def skipped_count(self) -> int:
        """How many orders stay."""
        return sum(item.count for item in self.skipped)


def ship_sheet(merchant: Merchant, chosen: QuerySet[Order], *, now: datetime) -> CheckSheet:
    """Return how many orders will leave, their worth and postage, and which stay and why."""
    return _sheet(merchant, chosen, _why_not, now, postage=_postage(merchant, chosen, now))


def cancel_sheet(merchant: Merchant, chosen: QuerySet[Order], *, now: datetime) -> CheckSheet:
    """Return how many orders would be cancelled, their worth, and which stay and why."""
    return _sheet(merchant, chosen, _why_not_cancelled, now)


def _sheet(
    merchant: Merchant,
    chosen: QuerySet[Order],
    why_not: Callable[[str, bool], str],
    now: datetime,
    postage: Money | None = None,
) -> CheckSheet:
    rows = (
        chosen.order_by()
        .values("status", "currency", "market", "open_hold_count")
        .annotate(units=Count("pk"), money=Sum("total_minor"))
    )
    book = load_market_book()
    markets: dict[str, int] = {}
    money: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for row in rows:
        reason = why_not(str(row["status"]), bool(row["open_hold_count"]))
        if reason:
            skipped[reason] = skipped.get(reason, 0) + row["units"]
            continue
        code, currency = book[row["market"]].code, str(row["currency"])
        markets[code] = markets.get(code, 0) + row["units"]
        money[currency] = money.get(currency, 0) + row["money"]
    return CheckSheet(
        count=sum(markets.values()),
        worth=in_base(merchant, money, now),
        postage=postage,
        markets=tuple(sorted(markets.items(), key=lambda item: (-item[1], item[0]))),
        skipped=tuple(Skipped(count, reason) for reason, count in skipped.items()),
    )


def ready_to_ship(chosen: QuerySet[Order]) -> QuerySet[Order]:
    """Return those of the chosen orders that can be handed over now."""
    return chosen.filter(status=OrderStatus.ALLOCATED, open_hold_count=0)


def _why_not(status: str, is_held: bool) -> str:
    if status in {OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED} and is_held:
        return _("on hold: release the hold first")
    reasons = {
        OrderStatus.PENDING: _("still being checked"),
        OrderStatus.CONFIRMED: _("waiting for their label"),
        OrderStatus.ALLOCATED: "",
        OrderStatus.CANCELLED: _("cancelled"),
    }
    return reasons.get(OrderStatus(status), _("already shipped"))


def can_cancel(chosen: QuerySet[Order]) -> QuerySet[Order]:
    """Return those of the chosen orders that have not left or ended."""
    return chosen.filter(status__in=CANCELLABLE)


def _why_not_cancelled(status: str, _is_held: bool) -> str:
    if status in CANCELLABLE:
        return ""
    return _("cancelled") if status == OrderStatus.CANCELLED else _("already shipped")


def _postage(merchant: Merchant, chosen: QuerySet[Order], now: datetime) -> Money | None:
    ready = ready_to_ship(chosen).order_by()
    booked = Shipment.objects.filter(
        merchant=merchant, status=ShipmentStatus.BOOKED, order__in=ready.values("pk")
    )
    sums = booked.values("currency").annotate(money=Sum("postage_minor")).order_by("currency")
    return in_base(merchant, dict(sums.values_list("currency", "money")), now)
