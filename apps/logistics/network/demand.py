"""What is to be sent: goods at a place, for a country, by a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

IsOpen = Callable[[str, date], bool]


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one SKU; sides of a unit in mm, 0 where nobody measured them."""

    sku: str
    quantity: int
    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    battery: str = ""
    is_dangerous: bool = False
    hs_code: str = ""

    @property
    def sides_mm(self) -> tuple[int, ...]:
        """The sides, or nothing where one is unknown."""
        sides = (self.length_mm, self.width_mm, self.height_mm)
        return sides if all(sides) else ()


@dataclass(frozen=True, slots=True)
class Demand:
    """One shipment to find a way for.

    ``rates`` says what one unit of a card's currency costs in ``currency``; ``taken`` how many
    parcels a capacity rule has taken on a day.
    """

    origin: str
    destination: str
    goods: tuple[Goods, ...]
    currency: str
    now: datetime
    ship_by: datetime
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    taken: Mapping[tuple[str, date], int] = field(default_factory=dict)

    @property
    def weight_g(self) -> int:
        """The mass of all goods."""
        return sum(item.weight_g * item.quantity for item in self.goods)
