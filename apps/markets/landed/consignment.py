"""The sums of a sale that rows look at, worked out once per quote."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from apps.markets.landed.result import Banner, MissingRateError, Step
from apps.markets.landed.sale import Fact, Item, Rate, Sale

_ZERO = Decimal(0)
_QUANTA = tuple(Decimal(1).scaleb(-digits) for digits in range(7))


class Line(NamedTuple):
    """An item with its value: unit price times quantity."""

    item: Item
    value: Decimal


class Consignment:
    """A sale while it is priced: its sums, and the steps and banners gathered on the way."""

    __slots__ = (
        "banners",
        "cif",
        "currency",
        "goods",
        "goods_and_shipping",
        "lines",
        "quantum",
        "sale",
        "steps",
        "zero",
    )

    def __init__(self, sale: Sale) -> None:
        """Work out the sums."""
        self.sale = sale
        self.currency = sale.currency
        goods = _ZERO
        self.lines: list[Line] = []
        for item in sale.items:
            value = item.unit_price * item.quantity
            goods += value
            self.lines.append(Line(item, value))
        self.goods = goods
        self.goods_and_shipping = self.goods + sale.shipping
        self.cif = self.goods_and_shipping + sale.insurance
        self.quantum = _QUANTA[sale.decimals]
        self.zero = _ZERO.quantize(self.quantum)
        self.steps: list[Step] = []
        self.banners: list[Banner] = []

    @property
    def shipped_from(self) -> str:
        """The country of direct shipment, or nothing when it cannot be known."""
        return self.sale.shipped_from

    def rate(self, currency: str, row_id: str) -> Rate:
        """Return the rate of a foreign currency; raises ``MissingRateError``."""
        rate = self.sale.fx.get(currency)
        if rate is None:
            raise MissingRateError(currency, row_id)
        return rate

    def convert(self, amount: Decimal, currency: str, row_id: str) -> Decimal:
        """Return an amount of a row in the currency of the sale, not rounded."""
        if currency == self.currency:
            return amount
        rate = self.rate(currency, row_id)
        return amount * rate.sale / rate.other

    def fact(self, item: Item, name: str) -> Fact | None:
        """Return a fact of the item, else of the sale, else nothing."""
        found = item.facts.get(name)
        return found if found is not None else self.sale.facts.get(name)

    def rounded(self, amount: Decimal) -> Decimal:
        """Round half up to the decimals of the sale."""
        return amount.quantize(self.quantum, rounding=ROUND_HALF_UP)


class Group(NamedTuple):
    """Lines that the same rows price, with their part of the carriage."""

    lines: Sequence[Line]
    goods: Decimal
    shipping: Decimal
    insurance: Decimal

    @property
    def cif(self) -> Decimal:
        """Goods, shipping and insurance."""
        return self.goods + self.shipping + self.insurance


def sum_values(lines: Sequence[Line]) -> Decimal:
    """Return the value of the lines."""
    total = _ZERO
    for line in lines:
        total += line.value
    return total
