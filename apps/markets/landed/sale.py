"""What is sold, to where, when and at which rates: the whole input of a landed cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

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


def sale_as_json(sale: Sale) -> dict[str, object]:
    """Return a sale as JSON, amounts as decimal text; ``sale_from_json`` reads it back."""
    return {
        "destination": sale.destination,
        "sold_on": sale.sold_on.isoformat(),
        "currency": sale.currency,
        "items": [_item_as_json(item) for item in sale.items],
        "shipping": str(sale.shipping),
        "insurance": str(sale.insurance),
        "region": sale.region,
        "ship_from": sale.ship_from,
        "channel": sale.channel,
        "is_certified_platform": sale.is_certified_platform,
        "weight_g": sale.weight_g,
        "facts": _facts_as_json(sale.facts),
        "fx": {code: [str(rate.sale), str(rate.other)] for code, rate in sale.fx.items()},
        "digits": sale.digits,
    }


def sale_from_json(stored: Mapping[str, Any]) -> Sale:
    """Return the sale that ``sale_as_json`` wrote."""
    return Sale(
        destination=stored["destination"],
        sold_on=date.fromisoformat(stored["sold_on"]),
        currency=stored["currency"],
        items=tuple(_item_from_json(item) for item in stored["items"]),
        shipping=Decimal(stored["shipping"]),
        insurance=Decimal(stored["insurance"]),
        region=stored["region"],
        ship_from=stored["ship_from"],
        channel=stored["channel"],
        is_certified_platform=stored["is_certified_platform"],
        weight_g=stored["weight_g"],
        facts=_facts_from_json(stored["facts"]),
        fx={code: Rate(*map(Decimal, pair)) for code, pair in stored["fx"].items()},
        digits=stored["digits"],
    )


def _item_as_json(item: Item) -> dict[str, object]:
    return {
        "unit_price": str(item.unit_price),
        "quantity": item.quantity,
        "hs6": item.hs6,
        "origin": item.origin,
        "tariff_rate": None if item.tariff_rate is None else str(item.tariff_rate),
        "description": item.description,
        "facts": _facts_as_json(item.facts),
    }


def _item_from_json(stored: Mapping[str, Any]) -> Item:
    tariff = stored["tariff_rate"]
    return Item(
        unit_price=Decimal(stored["unit_price"]),
        quantity=stored["quantity"],
        hs6=stored["hs6"],
        origin=stored["origin"],
        tariff_rate=None if tariff is None else Decimal(tariff),
        description=stored["description"],
        facts=_facts_from_json(stored["facts"]),
    )


def _facts_as_json(facts: Mapping[str, Fact]) -> dict[str, list[object]]:
    """Write decimals apart from words, so that each comes back as what it was."""
    return {
        name: ["decimal", str(fact)] if isinstance(fact, Decimal) else ["plain", fact]
        for name, fact in facts.items()
    }


def _facts_from_json(stored: Mapping[str, Any]) -> dict[str, Fact]:
    return {
        name: Decimal(value) if kind == "decimal" else value
        for name, (kind, value) in stored.items()
    }
