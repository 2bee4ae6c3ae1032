"""What was kept of all orders delivered in a span of time, in the merchant's own currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncHour
from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.finance.models import LedgerEntry, LedgerTransaction
from apps.finance.selectors.exchange import RateBook, load_rates
from apps.finance.states import OWED_TO_MERCHANT, Purpose, TransactionKind
from apps.merchants.models import Merchant
from apps.orders.models import OrderLine

COST = "cost"
_ORDER = (
    Purpose.ITEMS.value,
    Purpose.SHIPPING.value,
    Purpose.DISCOUNT.value,
    Purpose.SUBSIDY.value,
    Purpose.COMMISSION.value,
    Purpose.PAYMENT.value,
    Purpose.FULFILMENT.value,
    Purpose.POSTAGE.value,
    COST,
)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One line of a period in the merchant's currency; gains are positive."""

    code: str
    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Period:
    """All lines of a period and their sum.

    ``is_complete`` is false when an amount had no fresh rate or a product no cost, and so is not in
    the sums. ``order_count`` counts the delivered orders.
    """

    lines: tuple[PeriodLine, ...]
    keep: Money
    order_count: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A sum over orders placed on one day (UTC) and delivered in one hour, in one currency."""

    code: str
    money: Money
    placed_on: date
    hour: datetime


def sum_kept(merchant: Merchant, since: datetime, until: datetime) -> Money:
    """Return what is kept of the orders delivered in [since, until), in the merchant's currency."""
    return sum_period(merchant, since, until).keep


def sum_period(merchant: Merchant, since: datetime, until: datetime) -> Period:
    """Return the lines of "what you keep" over the orders delivered in [since, until).

    An order counts when it is delivered, with everything the ledger has of it, at the rate of the
    day it was placed – as on its own page, but rounded per hour instead of per order. Five statements.
    """
    delivered = _delivered(merchant, since, until)
    orders = delivered.values("order_id")
    rest = _odd_part(merchant, since)
    parts = [*_owed(merchant, orders, rest), *_costs(merchant, orders, rest)]
    rates = _rates(merchant, parts)
    amounts: dict[str, int] = defaultdict(int)
    is_complete = not _has_line_without_cost(merchant, orders)
    for part in parts:
        converted = rates.convert(part.money, merchant.base_currency, part.placed_on)
        if converted is None:
            is_complete = False
        else:
            amounts[part.code] += converted.money.minor
    return Period(
        lines=tuple(_lines(amounts, merchant.base_currency)),
        keep=Money.from_minor(sum(amounts.values()), merchant.base_currency),
        order_count=delivered.count(),
        is_complete=is_complete,
    )


def list_kept(merchant: Merchant, days: Sequence[date]) -> dict[date, Money]:
    """Return what was kept of the orders delivered on each day of the merchant's zone.

    ``days`` are consecutive, the oldest first; together they are ``sum_kept``. Amounts without a
    fresh rate are left out. Three statements.
    """
    zone = ZoneInfo(merchant.time_zone)
    since, until = (
        datetime.combine(day, time(), tzinfo=zone) for day in (days[0], days[-1] + timedelta(1))
    )
    rest = _odd_part(merchant, since)
    orders = _delivered(merchant, since, until).values("order_id")
    parts = [*_owed(merchant, orders, rest), *_costs(merchant, orders, rest)]
    rates = _rates(merchant, parts)
    kept = dict.fromkeys(days, 0)
    for part in parts:
        converted = rates.convert(part.money, merchant.base_currency, part.placed_on)
        if converted is not None:
            kept[(part.hour - rest).astimezone(zone).date()] += converted.money.minor
    return {day: Money.from_minor(minor, merchant.base_currency) for day, minor in kept.items()}


def _odd_part(merchant: Merchant, moment: datetime) -> timedelta:
    """Return how far the merchant's zone is from a whole number of hours away from UTC."""
    offset = moment.astimezone(ZoneInfo(merchant.time_zone)).utcoffset()
    return (offset or timedelta(0)) % _HOUR


def _delivered(merchant: Merchant, since: datetime, until: datetime) -> QuerySet[LedgerTransaction]:
    found: QuerySet[LedgerTransaction] = LedgerTransaction.objects.filter(
        merchant=merchant,
        kind=TransactionKind.FEES,
        occurred_at__gte=since,
        occurred_at__lt=until,
    )
    return found


def _owed(
    merchant: Merchant, orders: QuerySet[LedgerTransaction, Any], rest: timedelta
) -> Iterable[_Part]:
    """Return the sums per purpose, placed day and hour of delivery.

    Hours are of UTC – MariaDB converts zones only where its zone tables are loaded – shifted by the
    ``rest`` of a zone that is not a whole number of hours away.
    """
    entries = LedgerEntry.objects.filter(
        merchant=merchant,
        account__code__in=OWED_TO_MERCHANT,
        transaction__order__in=orders,
    ).exclude(purpose=Purpose.RELEASE)
    grouped = entries.annotate(
        day=TruncDate("transaction__order__placed_at", tzinfo=UTC),
        hour=TruncHour(F("transaction__order__delivered_at") + rest, tzinfo=UTC),
    )
    rows = grouped.values_list("purpose", "currency", "day", "hour").annotate(
        total=Sum("amount_minor")
    )
    for purpose, currency, day, hour, total in rows.order_by():
        yield _Part(purpose, Money.from_minor(-total, currency), day, hour)


def _costs(
    merchant: Merchant, orders: QuerySet[LedgerTransaction, Any], rest: timedelta
) -> Iterable[_Part]:
    lines = OrderLine.objects.filter(merchant=merchant, order__in=orders)
    grouped = lines.annotate(
        day=TruncDate("order__placed_at", tzinfo=UTC),
        hour=TruncHour(F("order__delivered_at") + rest, tzinfo=UTC),
    )
    rows = grouped.values_list("cost_currency", "day", "hour").annotate(
        total=Sum(F("unit_cost_minor") * F("quantity"))
    )
    for currency, day, hour, total in rows.order_by():
        yield _Part(COST, Money.from_minor(-total, currency), day, hour)


def _rates(merchant: Merchant, parts: Sequence[_Part]) -> RateBook:
    days = [part.placed_on for part in parts]
    currencies = {part.money.currency for part in parts}
    if not days:
        return RateBook()
    return load_rates({merchant.base_currency, *currencies}, since=min(days), until=max(days))


def _has_line_without_cost(merchant: Merchant, orders: QuerySet[LedgerTransaction, Any]) -> bool:
    lines = OrderLine.objects.filter(merchant=merchant, order__in=orders, unit_cost_minor=0)
    return bool(lines.exists())


def _lines(amounts: dict[str, int], currency: str) -> Iterable[PeriodLine]:
    for code in _ORDER:
        if amounts.get(code):
            label = _("Product cost") if code == COST else str(Purpose(code).label)
            yield PeriodLine(code, label, Money.from_minor(amounts[code], currency))
