"""Billable weight: the actual or the volumetric one, by the rounding that a card states.

Carriers differ in all of it: the unit of the sides, whether each side is rounded before the volume
is taken (UPS and FedEx since 2025-08-18), the divisor, the volume from which it applies (USPS: more
than 1,728 cubic inches), the step of the result, and the share of the surplus that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, prod

from apps.logistics.rating.facts import Body, Measured, exact, one_of, whole

# A side unit in µm, and a weight unit in grams (the pound is 0.45359237 kg by definition).
_SIDE_UM = {"mm": 1_000, "cm": 10_000, "in": 25_400}
_WEIGHT_G = {"g": Fraction(1), "kg": Fraction(1000), "lb": Fraction(45_359_237, 100_000)}
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Billable:
    """The weight that is charged, in the card's unit and in grams; all exact.

    ``volumetric`` is ``None`` where the parcel is not measured or the volume does not count.
    """

    unit: str
    actual: Fraction | int
    volumetric: Fraction | None
    billed: Fraction | int

    @property
    def billed_g(self) -> Fraction | int:
        """The charged weight in grams."""
        return self.billed if self.unit == "g" else self.billed * _WEIGHT_G[self.unit]


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a card weighs; ``divisor`` 0 means that volume does not count, ``step`` 0 no rounding."""

    unit: str = "g"
    side_unit: str = "cm"
    round_sides: str = "none"
    divisor: Fraction = Fraction(0)
    over_volume: Fraction = Fraction(0)
    share_percent: int = 100
    step: Fraction = Fraction(0)
    least: Fraction = Fraction(0)

    def bill(self, parcel: Measured) -> Billable:
        """Return the weight that is charged for a parcel."""
        grams = parcel.weight_g
        actual = grams if self.unit == "g" else grams / _WEIGHT_G[self.unit]
        volumetric = self._volumetric(parcel)
        charged: Fraction | int = actual
        if volumetric is not None and volumetric > actual:
            charged = actual + (volumetric - actual) * self.share_percent / 100
        charged = max(charged, self.least)
        if self.step:
            charged = ceil(charged / self.step) * self.step
        return Billable(self.unit, actual, volumetric, charged)

    def _volumetric(self, parcel: Measured) -> Fraction | None:
        if not self.divisor or len(parcel.sides_um) != 3:
            return None
        volume = prod((self._side(side) for side in parcel.sides_um), start=Fraction(1))
        return volume / self.divisor if volume > self.over_volume else None

    def _side(self, side_um: int) -> Fraction:
        side = Fraction(side_um, _SIDE_UM[self.side_unit])
        if self.round_sides == "up":
            return Fraction(ceil(side))
        return Fraction(floor(side + _HALF)) if self.round_sides == "nearest" else side


def compile_weighing(body: Body) -> Weighing:
    """Return how a card weighs from its ``weight`` part; ``RowError`` for what cannot be read."""
    made = Weighing(
        unit=one_of(body, "unit", tuple(_WEIGHT_G), missing="g"),
        side_unit=one_of(body, "side_unit", tuple(_SIDE_UM), missing="cm"),
        round_sides=one_of(body, "round_sides", ("none", "up", "nearest"), missing="none"),
        divisor=exact(body, "divisor", missing="0"),
        over_volume=exact(body, "over_volume", missing="0"),
        share_percent=whole(body, "share_percent", missing=100),
        step=exact(body, "step", missing="0"),
        least=exact(body, "least", missing="0"),
    )
    if made.share_percent > 100:
        whole({"share_percent": -1}, "share_percent")
    return made
