"""What is sold, to where, when and at which rates: the whole input of a landed cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from apps.common.money import precision

Fact = Decimal | bool | str
CHANNELS = ("courier", "post", "sea", "land")


class Rate(NamedTuple):
    """An exchange rate as the two amounts that are worth the same, so that none is rounded."""

    sale: Decimal
    other: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the basket.

    ``unit_price`` is in the currency of the sale; ``tariff_rate`` is the ordinary rate of the
    destination's tariff for this heading and origin as a fraction, ``None`` where it is unknown;
    ``facts`` go before those of the sale.
    """

    unit_price: Decimal
    quantity: int
    hs6: str
    origin: str
    tariff_rate: Decimal | None = None
    description: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse floats, negative prices and quantities below one."""
        if not isinstance(self.unit_price, Decimal) or self.unit_price < 0:
            raise ValueError("unit_price: a decimal of zero or more is needed")
        if not isinstance(self.quantity, int) or self.quantity < 1:
            raise ValueError("quantity: a whole number of one or more is needed")
        if self.tariff_rate is not None and not isinstance(self.tariff_rate, Decimal):
            raise ValueError("tariff_rate: a decimal fraction such as 0.12 is needed")


@dataclass(frozen=True, slots=True)
class Sale:
    """A basket on its way to one buyer.

    ``destination`` is a country (ISO 3166), ``region`` its province or state where the tax needs
    one. ``ship_from`` is the country of direct shipment; left empty it is the origin that all items
    share. ``fx`` gives a ``Rate`` for each foreign currency a row may name. ``digits`` are the
    decimals charges are rounded to, the currency's own unless given.
    """

    destination: str
    sold_on: date
    currency: str
    items: tuple[Item, ...]
    shipping: Decimal = Decimal(0)
    insurance: Decimal = Decimal(0)
    region: str = ""
    ship_from: str = ""
    channel: str = "courier"
    is_certified_platform: bool = True
    weight_g: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    fx: Mapping[str, Rate] = field(default_factory=dict)
    digits: int | None = None

    def __post_init__(self) -> None:
        """Refuse floats, an empty basket, a worthless one and an unknown channel."""
        for name in ("shipping", "insurance"):
            amount = getattr(self, name)
            if not isinstance(amount, Decimal) or amount < 0:
                raise ValueError(f"{name}: a decimal of zero or more is needed")
        if not any(item.unit_price for item in self.items):
            raise ValueError("items: at least one item with a price is needed")
        if self.channel not in CHANNELS:
            raise ValueError(f"channel: one of {', '.join(CHANNELS)} is needed")

    @property
    def decimals(self) -> int:
        """The decimals every charge is rounded to."""
        return precision(self.currency) if self.digits is None else self.digits

    @property
    def shipped_from(self) -> str:
        """The country of direct shipment, or nothing when it cannot be known."""
        if self.ship_from:
            return self.ship_from
        origins = {item.origin for item in self.items}
        return origins.pop() if len(origins) == 1 else ""
