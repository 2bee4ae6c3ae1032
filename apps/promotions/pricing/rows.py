"""The shape of a promotion row.

The schema is described in ``docs/guides/promotions.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of promotion needs, and what it means without being said."""

    benefit: str
    level: str
    needs: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


_OF_UNITS = ("percent", "amount", "price", "first")
KINDS: dict[str, Kind] = {
    "product_discount": Kind("units", "shown", ("value",), _OF_UNITS),
    "flash_sale": Kind("units", "shown", ("value", "starts", "ends", "limits"), _OF_UNITS[:3]),
    "live_price": Kind("units", "shown", ("value",), _OF_UNITS[:3]),
    "follower_price": Kind("units", "shown", ("value",), _OF_UNITS[:3]),
    "first_order_price": Kind("units", "shown", ("value",), _OF_UNITS[:3]),
    "order_discount": Kind("order", "order", ("value",), ("percent", "amount")),
    "voucher": Kind("order", "order", ("value", "codes"), ("percent", "amount")),
    "quantity_tiers": Kind("units", "product", ("tiers",)),
    "spend_tiers": Kind("order", "order", ("tiers",)),
    "buy_get": Kind("buy_get", "product", ("buy", "get")),
    "bundle": Kind("bundle", "product", ("bundle", "value"), ("price",)),
    "shipping": Kind("shipping", "shipping", ("value",), ("percent", "amount", "price")),
    "gift": Kind("gift", "order", ("gift",)),
}
LEVELS = ("shown", "product", "order", "shipping")
TARGET_KEYS = ("skus", "products", "categories", "brands", "tags")


def part(row: Row, name: str) -> Row:
    """Return an object inside a row, empty when it is absent."""
    return cast("Row", row.get(name) or {})


def parts(row: Row, name: str) -> list[Row]:
    """Return a list of objects inside a row, empty when it is absent."""
    return cast("list[Row]", row.get(name) or [])


def text(row: Row, name: str, default: str = "") -> str:
    """Return a text of a row."""
    return str(row.get(name) or default)


def number(row: Row, name: str, default: int = 0) -> int:
    """Return a whole number of a row."""
    return int(cast("int", row.get(name, default)))


def limit(row: Row, name: str) -> int | None:
    """Return a whole number of a row, ``None`` when nothing is limited."""
    return None if row.get(name) is None else number(row, name)


def words(row: Row, name: str) -> tuple[str, ...]:
    """Return a list of texts of a row."""
    return tuple(cast("list[str]", row.get(name) or ()))


def amount(row: Row, name: str, currency: str) -> int | None:
    """Return an amount in minor units of ``currency``; ``None`` where the row has none in it.

    An amount is a whole number in the currency of the row, or one for each currency.
    """
    value = row.get(name)
    if isinstance(value, Mapping):
        value = value.get(currency)
    return cast("int | None", value)
