"""What the finance pages show, worked out from the selectors' rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.common.formatting import format_money, format_near_day
from apps.common.money import Money
from apps.finance.models import LedgerTransaction
from apps.finance.rules import pay_day
from apps.finance.selectors import PendingCause, Period, load_rates
from apps.finance.selectors.exchange import RateBook
from apps.finance.states import Purpose, TransactionKind
from apps.merchants.models import Merchant
from apps.orders.states import OrderStatus

_ICONS = {
    TransactionKind.CAPTURE: "shopping-cart",
    TransactionKind.ADJUSTMENT: "pencil",
    TransactionKind.FEES: "percent",
    TransactionKind.POSTAGE: "truck",
    TransactionKind.REVERSAL: "undo-2",
}


@dataclass(frozen=True, slots=True)
class Total:
    """Money of several currencies as one figure.

    ``main`` is the sum in the merchant's currency, or, when a rate is missing, the amount in the
    first currency; ``others`` are the amounts that are not in it. ``is_converted`` asks for "≈".
    """

    main: Money
    others: tuple[Money, ...] = ()
    is_converted: bool = False


def add_up(amounts: Iterable[Money], merchant: Merchant, rates: RateBook, *, on: date) -> Total:
    """Return one figure for amounts of different currencies at the day's rates."""
    sums: dict[str, int] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    known = [Money.from_minor(minor, code) for code, minor in sorted(sums.items()) if minor]
    base = merchant.base_currency
    if not known:
        return Total(Money.from_minor(0, base))
    if len(known) == 1:
        return Total(known[0])
    converted = [rates.convert(money, base, on) for money in known]
    if all(converted):
        total = sum(item.money.minor for item in converted if item is not None)
        return Total(Money.from_minor(total, base), is_converted=True)
    return Total(known[0], tuple(known[1:]))


def rates_for(merchant: Merchant, amounts: Iterable[Money], *, on: date) -> RateBook:
    """Return the rates of a day that ``add_up`` needs (one statement, none for one currency)."""
    currencies = {money.currency for money in amounts}
    return load_rates({merchant.base_currency, *currencies}, since=on, until=on)


@dataclass(frozen=True, slots=True)
class Cause:
    """Orders in one state whose money waits: how many, the amount per currency and in one figure."""

    status: str
    order_count: int
    amounts: tuple[Money, ...]
    total: Total


def group_causes(
    causes: Iterable[PendingCause], merchant: Merchant, rates: RateBook, *, on: date
) -> list[Cause]:
    """Return one cause per state, in the order given."""
    groups: dict[str, list[PendingCause]] = {}
    for cause in causes:
        groups.setdefault(cause.status, []).append(cause)
    return [
        Cause(
            status,
            sum(item.order_count for item in items),
            tuple(item.amount for item in items),
            add_up((item.amount for item in items), merchant, rates, on=on),
        )
        for status, items in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the merchant's zone with its neighbours (``next_key`` empty for the current one)."""

    key: str
    first: date
    since: datetime
    until: datetime
    previous_key: str
    next_key: str

    @property
    def is_current(self) -> bool:
        """Whether it is the month of today."""
        return not self.next_key


def read_month(text: str, merchant: Merchant, *, now: datetime) -> Month:
    """Return the month written ``2026-11``; anything else, and the future, is the current month."""
    zone = ZoneInfo(merchant.time_zone)
    current = now.astimezone(zone).date().replace(day=1)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = current
    first = min(first, current) if first.year > 1 else current
    following = _next(first)
    return Month(
        key=_key(first),
        first=first,
        since=datetime.combine(first, time(), tzinfo=zone),
        until=datetime.combine(following, time(), tzinfo=zone),
        previous_key=_key(first - timedelta(days=1)),
        next_key=_key(following) if first < current else "",
    )


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _key(day: date) -> str:
    return f"{day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One bar of the waterfall: where it starts, how wide it is, and whether it adds or takes."""

    label: str
    amount: Money
    start: int
    width: int
    kind: str
    is_total: bool = False


def draw_flow(period: Period) -> tuple[list[FlowStep], int]:
    """Return the steps from sales to what is kept, and the width of the whole picture."""
    steps: list[FlowStep] = []
    level = highest = 0
    for line in period.lines:
        minor = line.amount.minor
        # What lies below zero is not drawn: the picture starts at nothing kept.
        low, high = (max(edge, 0) for edge in sorted((level, level + minor)))
        kind = "up" if minor > 0 else "dn"
        steps.append(FlowStep(line.label, line.amount, low, high - low, kind))
        level += minor
        highest = max(highest, level)
    kept = max(period.keep.minor, 0)
    steps.append(FlowStep(_("You keep"), period.keep, 0, kept, "net", is_total=True))
    return steps, highest


@dataclass(frozen=True, slots=True)
class Row:
    """One money movement as its row shows it."""

    transaction: LedgerTransaction
    icon: str
    label: str
    detail: str
    amounts: tuple[Money, ...]
    badge: str
    free_on: str
    is_free: bool


def show_rows(
    transactions: Sequence[LedgerTransaction], merchant: Merchant, *, now: datetime
) -> list[Row]:
    """Return the rows for transactions read with ``with_amounts``."""
    today = now.astimezone(ZoneInfo(merchant.time_zone)).date()
    return [_row(item, merchant, today) for item in transactions]


def _row(item: LedgerTransaction, merchant: Merchant, today: date) -> Row:
    entries = item.owed_entries  # type: ignore[attr-defined]
    sums: dict[str, int] = {}
    parts: list[str] = []
    for entry in entries:
        sums[entry.currency] = sums.get(entry.currency, 0) - entry.amount_minor
        amount = format_money(-entry.amount_minor, entry.currency)
        parts.append(f"{Purpose(entry.purpose).label} {amount}")
    released = [one for one in item.later if one.kind == TransactionKind.RELEASE]  # type: ignore[attr-defined]
    is_undone = len(item.later) > len(released)  # type: ignore[attr-defined]
    free_on = None if is_undone and not released else _free_on(item, released, merchant)
    return Row(
        transaction=item,
        icon=_ICONS[TransactionKind(item.kind)],
        label=str(TransactionKind(item.kind).label),
        detail=" · ".join(parts) if len(parts) > 1 else "",
        amounts=tuple(Money.from_minor(minor, code) for code, minor in sorted(sums.items())),
        badge=_badge(item, is_free=bool(released), is_undone=is_undone),
        free_on=format_near_day(free_on, today=today) if free_on else "",
        is_free=bool(released),
    )


def _badge(item: LedgerTransaction, *, is_free: bool, is_undone: bool) -> str:
    if is_undone or item.kind == TransactionKind.REVERSAL:
        return "taken_back"
    if is_free:
        return "free"
    is_delivered = item.order is not None and item.order.status == OrderStatus.DELIVERED
    return "in_window" if is_delivered else "not_delivered"


def _free_on(
    item: LedgerTransaction, released: Sequence[LedgerTransaction], merchant: Merchant
) -> date | None:
    order = item.order
    if order is None or (order.status == OrderStatus.CANCELLED and not released):
        return None
    return pay_day(
        completed_at=released[0].occurred_at if released else order.completed_at,
        delivered_at=order.delivered_at,
        window_days=order.market.return_window_days,
        time_zone=merchant.time_zone,
    )
