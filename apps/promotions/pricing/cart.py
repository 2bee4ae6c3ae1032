"""What is bought, by whom, where and when: the whole input of a quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the cart; amounts in minor units.

    ``categories`` are all the categories the product is in, ancestors too. ``floor`` is the lowest
    price of a unit, ``cost`` what a unit costs the merchant where that is known. ``position`` is the
    number of the line in the cart: lines are ordered by it and then by SKU, never by their place in
    the tuple.
    """

    sku: str
    unit_price: int
    quantity: int
    product: str = ""
    categories: tuple[str, ...] = ()
    brand: str = ""
    tags: tuple[str, ...] = ()
    floor: int = 0
    cost: int | None = None
    position: int = 0
    is_discountable: bool = True
    keys: tuple[str, ...] = field(init=False, repr=False, compare=False)
    groups: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no amount or quantity, and make the keys the index knows."""
        for name in ("unit_price", "floor"):
            _whole(name, getattr(self, name), at_least=0)
        if self.cost is not None:
            _whole("cost", self.cost, at_least=0)
        _whole("quantity", self.quantity, at_least=1)
        groups = (
            (f"sku:{self.sku}",),
            (f"product:{self.product}",) if self.product else (),
            (f"brand:{self.brand}",) if self.brand else (),
            tuple(f"category:{name}" for name in self.categories),
            tuple(f"tag:{name}" for name in self.tags),
        )
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "keys", tuple(key for group in groups for key in group))

    @property
    def order(self) -> tuple[int, str, int, int, int, bool, tuple[str, ...], int]:
        """Where the line stands in the cart, whatever order the lines were given in."""
        cost = -1 if self.cost is None else self.cost
        return (
            *(self.position, self.sku, self.unit_price, self.quantity, self.floor),
            *(self.is_discountable, self.keys, cost),
        )


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known about the buyer; ``orders`` are those placed before, ``None`` when unknown.

    ``cancelled_orders`` are those among ``orders`` that were cancelled.
    """

    orders: int | None = None
    cancelled_orders: int = 0
    is_follower: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Usage:
    """How far a promotion is used up: orders, units and money, in all and by this buyer.

    ``cancelled_uses`` and ``buyer_cancelled_uses`` are on orders that were cancelled and are not
    among ``uses`` and ``buyer_uses``. ``code_uses`` counts each code by itself.
    """

    uses: int = 0
    cancelled_uses: int = 0
    buyer_uses: int = 0
    buyer_cancelled_uses: int = 0
    units: int = 0
    buyer_units: int = 0
    spent: int = 0
    code_uses: Mapping[str, int] = field(default_factory=dict)


# The kinds of keys, in the order of ``Line.groups``.
KEY_KINDS = ("sku", "product", "brand", "category", "tag")
UNUSED = Usage()
UNKNOWN_BUYER = Buyer()


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart at one moment; the moment is given, never read from a clock.

    ``content`` is the live session or video the buyer came from, ``usage`` the counters by promotion.
    Raises ``ValueError`` for a moment without a time zone and for a negative fee.
    """

    lines: tuple[Line, ...]
    market: str
    currency: str
    moment: datetime
    channel: str = ""
    content: str = ""
    buyer: Buyer = UNKNOWN_BUYER
    codes: tuple[str, ...] = ()
    shipping: int = 0
    shipping_method: str = ""
    country: str = ""
    usage: Mapping[str, Usage] = field(default_factory=dict)
    timestamp: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Order the lines and refuse what is no cart."""
        if self.moment.tzinfo is None:
            raise ValueError("moment: a time zone is needed")
        _whole("shipping", self.shipping, at_least=0)
        object.__setattr__(self, "lines", tuple(sorted(self.lines, key=lambda line: line.order)))
        object.__setattr__(self, "timestamp", self.moment.timestamp())


def _whole(name: str, value: object, *, at_least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise ValueError(f"{name}: a whole number of {at_least} or more is needed, not {value!r}")
