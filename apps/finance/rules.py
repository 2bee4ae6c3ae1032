"""Pure rules of the ledger: fees, and which postings follow from the facts of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.common.money import Money
from apps.finance.states import AccountCode, FeeKind, Purpose, TransactionKind


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a change made a captured order's amounts larger or, negative, smaller."""

    public_id: str
    items_minor: int
    shipping_minor: int
    discount_minor: int
    platform_minor: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Amounts (minor units of ``currency``) and moments of an order; None has not happened.

    The amounts are those of now; ``changes`` are what led there since the buyer's money was captured.
    ``shipping_discount_minor`` is the part of the discount that is off the shipping fee. The platform
    pays ``platform_goods_minor`` of the discount on goods and ``platform_shipping_minor`` of the other.
    """

    public_id: str
    currency: str
    items_minor: int
    shipping_minor: int
    discount_minor: int
    confirmed_at: datetime | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    changes: tuple[Change, ...] = ()
    shipping_discount_minor: int = 0
    platform_goods_minor: int = 0
    platform_shipping_minor: int = 0

    @property
    def platform_minor(self) -> int:
        """What the platform pays of all discounts."""
        return self.platform_goods_minor + self.platform_shipping_minor

    @property
    def goods_minor(self) -> int:
        """What the goods bring the merchant, from the buyer and the platform; never below zero."""
        discount = self.discount_minor - self.shipping_discount_minor - self.platform_goods_minor
        return max(self.items_minor - discount, 0)

    @property
    def total_minor(self) -> int:
        """What the buyer paid."""
        return self.items_minor + self.shipping_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class Postage:
    """A label's price, when it was bought and, perhaps, voided."""

    shipment_id: str
    minor: int
    currency: str
    charged_at: datetime | None
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeeRate:
    """A dated fee as the calculation needs it; ``rate`` is a ratio, ``rule_id`` its row."""

    kind: str
    rate: Decimal
    rule_id: int
    code: str
    version: int
    fixed_minor: int = 0
    fixed_currency: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee worked out: the rate used, its base and the amount in minor units."""

    used: FeeRate
    base_minor: int
    fixed_minor: int
    amount_minor: int

    @property
    def facts(self) -> dict[str, str | int]:
        """What is stored with the posting so that it can be recomputed."""
        return {
            "kind": self.used.kind,
            "rule": self.used.rule_id,
            "code": self.used.code,
            "version": self.used.version,
            "rate": str(self.used.rate),
            "fixed_minor": self.fixed_minor,
            "base_minor": self.base_minor,
            "amount_minor": self.amount_minor,
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One entry to be: a debit is positive, a credit negative."""

    account: str
    purpose: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One transaction to be; ``source`` is the reference of the transaction it follows."""

    kind: str
    reference: str
    occurred_at: datetime
    sides: tuple[Side, ...]
    source: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def work_out_fees(order: OrderFacts, rates: Iterable[FeeRate]) -> list[Fee]:
    """Return the fees of an order, each rounded half up by itself, in the order of ``rates``.

    Commission and fulfilment fee are taken of what the goods bring the merchant: the items less the
    discounts the merchant pays (never below zero). The payment fee is taken of the total. A fixed
    part counts only in its own currency and is never converted.
    """
    items = order.goods_minor
    bases: dict[str, int] = {FeeKind.PAYMENT.value: order.total_minor}
    fees: list[Fee] = []
    for used in rates:
        base = bases.get(used.kind, items)
        amount = Money.from_minor(base, order.currency).times(used.rate).minor
        fixed = used.fixed_minor if used.fixed_currency == order.currency else 0
        fees.append(Fee(used, base, fixed, amount + fixed))
    return fees


def sale(order: OrderFacts) -> Posting | None:
    """Return the capture of the buyer's money, owed to the merchant but not free yet.

    The amounts are those the order had when it was confirmed, whenever this is asked. The platform's
    part of the discounts is owed as well, and stands on an account of its own.
    """
    if order.confirmed_at is None:
        return None
    sides = _sale_sides(
        order.currency,
        order.items_minor - sum(change.items_minor for change in order.changes),
        order.shipping_minor - sum(change.shipping_minor for change in order.changes),
        order.discount_minor - sum(change.discount_minor for change in order.changes),
        order.platform_minor - sum(change.platform_minor for change in order.changes),
    )
    return _posting(
        TransactionKind.CAPTURE, f"capture:{order.public_id}", order.confirmed_at, sides
    )


def adjust_sale(order: OrderFacts, change: Change) -> Posting | None:
    """Return what a change did to the captured money: back to the buyer, or more from them."""
    sides = _sale_sides(
        order.currency,
        change.items_minor,
        change.shipping_minor,
        change.discount_minor,
        change.platform_minor,
    )
    return _posting(
        TransactionKind.ADJUSTMENT,
        f"adjust:{change.public_id}",
        change.made_at,
        sides,
        {"change": change.public_id},
    )


def _sale_sides(
    currency: str, items: int, shipping: int, discount: int, platform: int
) -> tuple[Side, ...]:
    return (
        Side(AccountCode.CLEARING, Purpose.BUYER, items + shipping - discount, currency),
        Side(AccountCode.PENDING, Purpose.ITEMS, -items, currency),
        Side(AccountCode.PENDING, Purpose.SHIPPING, -shipping, currency),
        Side(AccountCode.PENDING, Purpose.DISCOUNT, discount, currency),
        Side(AccountCode.PENDING, Purpose.SUBSIDY, -platform, currency),
        Side(AccountCode.SUBSIDIES, Purpose.SUBSIDY, platform, currency),
    )


def charge_fees(order: OrderFacts, fees: Sequence[Fee]) -> Posting | None:
    """Return the fees of a delivered order, taken from what is owed to the merchant."""
    if order.delivered_at is None:
        return None
    sides: list[Side] = []
    for fee in fees:
        kind, amount = fee.used.kind, fee.amount_minor
        sides.append(Side(AccountCode.PENDING, kind, amount, order.currency))
        sides.append(Side(kind, kind, -amount, order.currency))
    return _posting(
        TransactionKind.FEES,
        f"fees:{order.public_id}",
        order.delivered_at,
        sides,
        {"fees": [fee.facts for fee in fees]},
    )


def charge_postage(postage: Postage) -> Posting | None:
    """Return the price of a label, owed to the carrier and taken from the merchant."""
    if postage.charged_at is None:
        return None
    sides = (
        Side(AccountCode.PENDING, Purpose.POSTAGE, postage.minor, postage.currency),
        Side(AccountCode.CARRIERS, Purpose.POSTAGE, -postage.minor, postage.currency),
    )
    return _posting(
        TransactionKind.POSTAGE,
        f"postage:{postage.shipment_id}",
        postage.charged_at,
        sides,
        {"shipment": postage.shipment_id},
    )


def reverse(source: Posting, *, at: datetime) -> Posting:
    """Return the exact opposite of a posting."""
    sides = tuple(replace(side, amount_minor=-side.amount_minor) for side in source.sides)
    return Posting(
        TransactionKind.REVERSAL,
        f"reverse:{source.reference}",
        max(at, source.occurred_at),
        sides,
        source.reference,
    )


def release(source: Posting, *, at: datetime) -> Posting | None:
    """Return the move of a posting's pending part to payable; nothing when it has none."""
    pending: dict[str, int] = defaultdict(int)
    for side in source.sides:
        if side.account == AccountCode.PENDING:
            pending[side.currency] += side.amount_minor
    sides = [
        Side(account, Purpose.RELEASE, sign * amount, currency)
        for currency, amount in sorted(pending.items())
        for account, sign in ((AccountCode.PENDING, -1), (AccountCode.PAYABLE, 1))
    ]
    moment = max(at, source.occurred_at)
    reference = f"release:{source.reference}"
    return _posting(TransactionKind.RELEASE, reference, moment, sides, source=source.reference)


def reversal_due(
    source: Posting, order: OrderFacts, postages: Iterable[Postage]
) -> datetime | None:
    """Return since when a movement must be taken back: order cancelled or its label voided."""
    voided = {f"postage:{item.shipment_id}": item.voided_at for item in postages}
    return voided.get(source.reference) or order.cancelled_at


def _posting(
    kind: str,
    reference: str,
    at: datetime,
    sides: Iterable[Side],
    facts: Mapping[str, object] | None = None,
    source: str = "",
) -> Posting | None:
    real = tuple(side for side in sides if side.amount_minor)
    return Posting(kind, reference, at, real, source, facts or {}) if real else None


def find_imbalance(posting: Posting) -> dict[str, int]:
    """Return the currencies whose sides do not sum to zero, with the difference."""
    sums: dict[str, int] = defaultdict(int)
    for side in posting.sides:
        sums[side.currency] += side.amount_minor
    return {currency: amount for currency, amount in sums.items() if amount}


def pay_day(
    *,
    completed_at: datetime | None,
    delivered_at: datetime | None,
    window_days: int,
    time_zone: str,
) -> date | None:
    """Return the merchant's local day on which an order's money is or becomes free."""
    moment = completed_at
    if moment is None and delivered_at is not None:
        moment = delivered_at + timedelta(days=window_days)
    return moment.astimezone(ZoneInfo(time_zone)).date() if moment is not None else None
