"""What was kept of all orders delivered in a span of time, in the merchant's own currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.finance.models import LedgerEntry, LedgerTransaction
from apps.finance.selectors.exchange import load_rates
from apps.finance.states import OWED_TO_MERCHANT, Purpose, TransactionKind
from apps.merchants.models import Merchant
from apps.orders.models import OrderLine

COST = "cost"
_ORDER = (
    Purpose.ITEMS.value,
    Purpose.SHIPPING.value,
    Purpose.DISCOUNT.value,
    Purpose.COMMISSION.value,
    Purpose.PAYMENT.value,
    Purpose.FULFILMENT.value,
    Purpose.POSTAGE.value,
    COST,
)
_Sum = tuple[str, str, date, int]


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


def sum_kept(merchant: Merchant, since: datetime, until: datetime) -> Money:
    """Return what is kept of the orders delivered in [since, until), in the merchant's currency."""
    return sum_period(merchant, since, until).keep


def sum_period(merchant: Merchant, since: datetime, until: datetime) -> Period:
    """Return the lines of "what you keep" over the orders delivered in [since, until).

    An order counts at the moment its fees were posted, with everything the ledger has of it, at the
    rate of the day it was placed – as on its own page, there rounded per order. Four statements.
    """
    delivered = LedgerTransaction.objects.filter(
        merchant=merchant,
        kind=TransactionKind.FEES,
        occurred_at__gte=since,
        occurred_at__lt=until,
    )
    orders = delivered.values("order_id")
    sums = [*_owed(merchant, orders), *_costs(merchant, orders)]
    days = [day for _code, _currency, day, _minor in sums]
    currencies = {merchant.base_currency, *(currency for _code, currency, _day, _minor in sums)}
    rates = load_rates(
        currencies,
        since=min(days, default=since.date()),
        until=max(days, default=until.date()),
    )
    amounts: dict[str, int] = defaultdict(int)
    is_complete = not _lines_without_cost(merchant, orders)
    for code, currency, day, minor in sums:
        converted = rates.convert(Money.from_minor(minor, currency), merchant.base_currency, day)
        if converted is None:
            is_complete = False
            continue
        amounts[code] += converted.money.minor
    return Period(
        lines=tuple(_lines(amounts, merchant.base_currency)),
        keep=Money.from_minor(sum(amounts.values()), merchant.base_currency),
        order_count=delivered.count(),
        is_complete=is_complete,
    )


def _owed(merchant: Merchant, orders: QuerySet[LedgerTransaction]) -> Iterable[_Sum]:
    entries = LedgerEntry.objects.filter(
        merchant=merchant,
        account__code__in=OWED_TO_MERCHANT,
        transaction__order__in=orders,
    ).exclude(purpose=Purpose.RELEASE)
    grouped = entries.annotate(day=TruncDate("transaction__order__placed_at", tzinfo=UTC))
    rows = grouped.values_list("purpose", "currency", "day").annotate(total=Sum("amount_minor"))
    return [(purpose, currency, day, -total) for purpose, currency, day, total in rows.order_by()]


def _costs(merchant: Merchant, orders: QuerySet[LedgerTransaction]) -> Iterable[_Sum]:
    lines = OrderLine.objects.filter(merchant=merchant, order__in=orders)
    grouped = lines.annotate(day=TruncDate("order__placed_at", tzinfo=UTC))
    rows = grouped.values_list("cost_currency", "day").annotate(
        total=Sum(F("unit_cost_minor") * F("quantity"))
    )
    return [(COST, currency, day, -total) for currency, day, total in rows.order_by() if total]


def _lines_without_cost(merchant: Merchant, orders: QuerySet[LedgerTransaction]) -> bool:
    lines = OrderLine.objects.filter(merchant=merchant, order__in=orders, unit_cost_minor=0)
    return lines.exists()


def _lines(amounts: dict[str, int], currency: str) -> Iterable[PeriodLine]:
    for code in _ORDER:
        if amounts.get(code):
            label = _("Product cost") if code == COST else str(Purpose(code).label)
            yield PeriodLine(code, label, Money.from_minor(amounts[code], currency))
