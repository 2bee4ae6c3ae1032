"""What the merchant keeps of one order, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.formatting import format_percent
from apps.common.money import Money
from apps.finance import rules
from apps.finance.models import LedgerEntry
from apps.finance.rules import OrderFacts, Posting
from apps.finance.selectors.exchange import Conversion, RateBook, load_rates
from apps.finance.selectors.facts import facts_of, list_postages
from apps.finance.selectors.fee_rules import find_rates
from apps.finance.states import OWED_TO_MERCHANT, Purpose, TransactionKind
from apps.orders.models import Order, OrderLine
from apps.orders.states import OrderStatus

COST = "cost"
_SHOWN = (
    Purpose.ITEMS,
    Purpose.SHIPPING,
    Purpose.DISCOUNT,
    Purpose.SUBSIDY,
    Purpose.COMMISSION,
    Purpose.PAYMENT,
    Purpose.FULFILMENT,
    Purpose.POSTAGE,
)


_ALWAYS_SHOWN = (Purpose.ITEMS, Purpose.SHIPPING)


@dataclass(frozen=True, slots=True)
class EconomicsLine:
    """One line: gains are positive. An ``amount`` of None is not known and not counted."""

    code: str
    label: str
    amount: Money | None

    @property
    def amount_minor(self) -> int | None:
        """The amount in minor units."""
        return self.amount.minor if self.amount is not None else None

    @property
    def is_unknown(self) -> bool:
        """Whether the amount is not known yet."""
        return self.amount is None


@dataclass(frozen=True, slots=True)
class Economics:
    """What is kept of an order, in its currency.

    ``keep`` sums the known lines. ``is_estimate`` is false once everything that will be posted is
    posted. ``base`` converts ``keep`` into the merchant's own currency and names the rate's rows;
    None without a fresh rate. ``paid_on`` is the merchant's local day on which the money is or
    becomes free, ``window_days`` how long after delivery that is. ``rules`` are the fee rules used.
    """

    lines: tuple[EconomicsLine, ...]
    keep: Money
    base: Conversion | None
    is_estimate: bool
    paid_on: date | None
    window_days: int
    rules: tuple[Mapping[str, Any], ...]

    @property
    def keep_base(self) -> Money | None:
        """What is kept in the merchant's own currency."""
        return self.base.money if self.base is not None else None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes of the lines whose amount is not known."""
        return tuple(line.code for line in self.lines if line.is_unknown)


def get_economics(order: Order, *, today: date | None = None) -> Economics:
    """Return what the merchant keeps of an order: from the ledger, estimated where nothing is posted.

    Lines in other currencies (a label, the product's cost) are converted at the rate of the day the
    order was placed, the sum into the merchant's currency at the rate of the day it was completed,
    or of ``today``. ``order`` should carry its market and merchant; then 5 statements,
    one more for an order with a discount.
    """
    reading = _read(order, today=today or utc_now().date())
    lines = tuple(_lines(reading))
    keep = sum(line.amount.minor for line in lines if line.amount is not None)
    kept = Money.from_minor(keep, order.currency)
    return Economics(
        lines=lines,
        keep=kept,
        base=_in_base(reading, kept),
        is_estimate=_is_estimate(reading),
        paid_on=rules.pay_day(
            completed_at=order.completed_at,
            delivered_at=order.delivered_at,
            window_days=order.market.return_window_days,
            time_zone=order.merchant.time_zone,
        ),
        window_days=order.market.return_window_days,
        rules=tuple(reading.fees.values()),
    )


@dataclass(slots=True)
class _Reading:
    """Everything read of one order: amounts owed by purpose and currency, fees used, rates."""

    order: Order
    facts: OrderFacts
    lines: list[OrderLine]
    has_label: bool
    amounts: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    fees: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    posted: set[str] = field(default_factory=set)
    rates: RateBook = field(default_factory=RateBook)
    base_days: tuple[date, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        return self.order.status == OrderStatus.CANCELLED

    def add(self, purpose: str, currency: str, minor: int) -> None:
        known = self.amounts[purpose]
        known[currency] = known.get(currency, 0) + minor


def _read(order: Order, *, today: date) -> _Reading:
    labels = [item for item in list_postages(order) if item.charged_at and not item.voided_at]
    reading = _Reading(order, facts_of(order), list(order.lines.all()), bool(labels))
    _read_ledger(reading)
    if not reading.is_cancelled:
        _estimate_rest(reading)
        for line in reading.lines:
            reading.add(COST, line.cost_currency, -line.unit_cost_minor * line.quantity)
    placed = order.placed_at.date()
    last = order.completed_at.date() if order.completed_at else today
    reading.base_days = (last, placed)
    currencies = {order.currency, order.merchant.base_currency}
    currencies |= {currency for found in reading.amounts.values() for currency in found}
    reading.rates = load_rates(currencies, since=min(placed, last), until=max(placed, last))
    return reading


def _read_ledger(reading: _Reading) -> None:
    owed = LedgerEntry.objects.filter(
        transaction__order=reading.order, account__code__in=OWED_TO_MERCHANT
    ).exclude(purpose=Purpose.RELEASE)
    columns = ("purpose", "currency", "amount_minor", "transaction__kind", "transaction__facts")
    for purpose, currency, amount, kind, facts in owed.values_list(*columns):
        reading.add(purpose, currency, -amount)
        reading.posted.add(kind)
        for fee in facts.get("fees", ()):
            reading.fees[fee["kind"]] = fee


def _estimate_rest(reading: _Reading) -> None:
    """Add what will be posted when nothing changes, by the same rules that will post it."""
    order, moment = reading.order, reading.order.placed_at
    # What was not captured yet will be captured as it is now.
    facts = replace(reading.facts, confirmed_at=moment, delivered_at=moment, changes=())
    if TransactionKind.CAPTURE not in reading.posted:
        _add(reading, rules.sale(facts))
    if TransactionKind.FEES not in reading.posted:
        fees = rules.work_out_fees(facts, find_rates(order.market_id, moment.date()))
        _add(reading, rules.charge_fees(facts, fees))
        reading.fees = {fee.used.kind: fee.facts for fee in fees}


def _add(reading: _Reading, posting: Posting | None) -> None:
    for side in posting.sides if posting is not None else ():
        if side.account in OWED_TO_MERCHANT:
            reading.add(side.purpose, side.currency, -side.amount_minor)


def _lines(reading: _Reading) -> list[EconomicsLine]:
    """Return the lines that say something: amounts, and what is not known yet."""
    lines: list[EconomicsLine] = []
    for purpose in _SHOWN:
        found = {code: minor for code, minor in reading.amounts[purpose].items() if minor}
        is_always_shown = purpose in _ALWAYS_SHOWN and not reading.is_cancelled
        if found or is_always_shown:
            amount = _in_order_currency(reading, found)
            lines.append(EconomicsLine(purpose.value, _label(purpose, reading), amount))
        elif purpose == Purpose.POSTAGE and _is_label_open(reading):
            lines.append(EconomicsLine(purpose.value, str(purpose.label), None))
    if not reading.is_cancelled:
        lines.append(EconomicsLine(COST, _("Product cost"), _cost(reading)))
    return lines


def _label(purpose: Purpose, reading: _Reading) -> str:
    fee = reading.fees.get(purpose.value)
    if fee is None or not Decimal(str(fee["rate"])):
        return str(purpose.label)
    rate = Decimal(str(fee["rate"])).normalize()
    digits = max(-int(rate.as_tuple().exponent) - 2, 0)
    return f"{purpose.label} {format_percent(rate, digits)}"


def _is_label_open(reading: _Reading) -> bool:
    """Say whether a label will still be bought, at a price nobody knows yet."""
    is_waiting = not reading.is_cancelled and reading.order.shipped_at is None
    return is_waiting and not reading.has_label


def _cost(reading: _Reading) -> Money | None:
    """Return what the products cost the merchant; not known when a unit's cost was never told."""
    if any(not line.unit_cost_minor for line in reading.lines):
        return None
    return _in_order_currency(reading, reading.amounts[COST])


def _in_order_currency(reading: _Reading, found: Mapping[str, int]) -> Money | None:
    """Return the sum in the order's currency at the rate of its day; None when one has no rate."""
    currency, day = reading.order.currency, reading.order.placed_at.date()
    total = 0
    for code, minor in found.items():
        converted = reading.rates.convert(Money.from_minor(minor, code), currency, day)
        if converted is None:
            return None
        total += converted.money.minor
    return Money.from_minor(total, currency)


def _in_base(reading: _Reading, keep: Money) -> Conversion | None:
    for day in reading.base_days:
        converted = reading.rates.convert(keep, reading.order.merchant.base_currency, day)
        if converted is not None:
            return converted
    return None


def _is_estimate(reading: _Reading) -> bool:
    if reading.is_cancelled:
        return False
    expected = {TransactionKind.CAPTURE.value, TransactionKind.FEES.value}
    return bool(expected - reading.posted) or _is_label_open(reading)
