"""A compiled rate card: handling, freight on billable weight, surcharges, each with its row.

Money is in minor units of the card's currency. Freight is summed exactly over the parcels and rounded
half up once; every surcharge is rounded once for the shipment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Protocol

from apps.logistics.rating.facts import (
    Body,
    Measured,
    RowError,
    one_of,
    optional,
    section,
    sections,
    text,
    whole,
    words,
)
from apps.logistics.rating.weight import Billable, Weighing, compile_weighing

_HALF = Fraction(1, 2)
_BASIS_POINTS = 10_000


class NoPrice(Exception):  # noqa: N818 - reads as the answer it is
    """The card has no price for a parcel: it is heavier than the last bracket (``limit_g``)."""

    def __init__(self, limit_g: int) -> None:
        """Keep the limit."""
        super().__init__(f"no price above {limit_g} g")
        self.limit_g = limit_g


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a price: its code, minor units, and the version of the row it comes from."""

    code: str
    minor: int
    row: str


@dataclass(frozen=True, slots=True)
class Rated:
    """What a shipment costs by a card, part by part, and the weight charged for each parcel."""

    currency: str
    parts: tuple[Part, ...]
    weights: tuple[Billable, ...]

    @property
    def minor(self) -> int:
        """The sum of the parts in minor units."""
        return sum(part.minor for part in self.parts)


class _Freight(Protocol):
    def price(self, grams: Fraction | int) -> Fraction:
        """Return the freight of a parcel in minor units, exactly; raises ``NoPrice``."""


@dataclass(frozen=True, slots=True)
class _PerKg:
    per_kg_minor: int

    def price(self, grams: Fraction | int) -> Fraction:
        return Fraction(self.per_kg_minor * grams, 1000)


@dataclass(frozen=True, slots=True)
class _FirstAndNext:
    """First weight and continued weight: a price up to ``first_g``, then one for each begun step."""

    first_g: int
    first_minor: int
    step_g: int
    step_minor: int

    def price(self, grams: Fraction | int) -> Fraction:
        steps = ceil((grams - self.first_g) / self.step_g) if grams > self.first_g else 0
        return Fraction(self.first_minor + steps * self.step_minor)


@dataclass(frozen=True, slots=True)
class _Brackets:
    """Brackets (over, up to]: a weight at an edge belongs to the lower one."""

    edges_g: tuple[int, ...]
    prices: tuple[tuple[int, int], ...]

    def price(self, grams: Fraction | int) -> Fraction:
        place = bisect_left(self.edges_g, grams)
        if place == len(self.edges_g):
            raise NoPrice(self.edges_g[-1])
        fixed, per_kg = self.prices[place]
        return Fraction(fixed * 1000 + per_kg * grams, 1000)


@dataclass(frozen=True, slots=True)
class _Surcharge:
    code: str
    minor: int
    percent_bp: int
    per: str
    over_g: int
    side_over_mm: int | None
    girth_over_mm: int | None
    battery: frozenset[str]

    def applies(self, parcel: Measured, billed_g: Fraction | int) -> bool:
        if billed_g <= self.over_g and self.over_g:
            return False
        if self.side_over_mm is not None and parcel.longest_mm <= self.side_over_mm:
            return False
        if self.girth_over_mm is not None and parcel.girth_mm <= self.girth_over_mm:
            return False
        return not self.battery or bool(self.battery & parcel.battery)

    def price(self, count: int, freight: Fraction) -> int:
        fixed = self.minor * (count if self.per == "parcel" else 1)
        return _rounded(fixed + freight * self.percent_bp / _BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class Card:
    """A rate card as it prices; ``row`` is its version, ``card.line.europe@1``."""

    row: str
    currency: str
    weighing: Weighing
    handling_minor: int
    freight: _Freight
    surcharges: tuple[_Surcharge, ...]

    def rate(self, parcels: Sequence[Measured]) -> Rated:
        """Return what parcels that travel together cost; raises ``NoPrice`` for one too heavy."""
        # Parcels of one shipment are mostly alike: each kind is worked out once.
        kinds = Counter(parcels)
        bills = {parcel: self.weighing.bill(parcel) for parcel in kinds}
        freight_of = {parcel: self.freight.price(bill.billed_g) for parcel, bill in bills.items()}
        weights = tuple(bills[parcel] for parcel in parcels)
        freights = [freight_of[parcel] for parcel in parcels]
        total = sum((freight_of[parcel] * count for parcel, count in kinds.items()), Fraction(0))
        parts = [
            Part("handling", self.handling_minor * len(parcels), self.row),
            Part("freight", _rounded(total), self.row),
        ]
        for extra in self.surcharges:
            hit = [
                freight
                for parcel, weight, freight in zip(parcels, weights, freights, strict=True)
                if extra.applies(parcel, weight.billed_g)
            ]
            if hit:
                minor = extra.price(len(hit), sum(hit, Fraction(0)))
                parts.append(Part(extra.code, minor, self.row))
        return Rated(self.currency, tuple(parts), weights)


def compile_card(body: Body, row: str) -> Card:
    """Return a card that prices; ``RowError`` names the field that cannot be read.

    A card in which a heavier parcel could cost less is refused.
    """
    currency = text(body, "currency")
    return Card(
        row=row,
        currency=currency,
        weighing=compile_weighing(section(body, "weight")),
        handling_minor=whole(body, "handling_minor", missing=0),
        freight=_compile_freight(section(body, "freight")),
        surcharges=tuple(_surcharge(part) for part in sections(body, "surcharges")),
    )


def _compile_freight(body: Body) -> _Freight:
    kind = one_of(body, "type", ("per_kg", "first_and_next", "brackets"))
    if kind == "per_kg":
        return _PerKg(whole(body, "per_kg_minor"))
    if kind == "first_and_next":
        return _FirstAndNext(
            whole(body, "first_g", least=1),
            whole(body, "first_minor"),
            whole(body, "step_g", least=1),
            whole(body, "step_minor"),
        )
    return _brackets(sections(body, "brackets"))


def _brackets(rows: Sequence[Body]) -> _Brackets:
    edges = tuple(whole(row, "to_g", least=1) for row in rows)
    prices = tuple(
        (whole(row, "minor", missing=0), whole(row, "per_kg_minor", missing=0)) for row in rows
    )
    if not edges or list(edges) != sorted(set(edges)):
        raise RowError("brackets: edges that rise are needed, to_g in each")
    ends = [
        fixed + Fraction(per_kg * edge, 1000)
        for edge, (fixed, per_kg) in zip(edges, prices, strict=True)
    ]
    for edge, end, (fixed, per_kg) in zip(edges, ends, prices[1:], strict=False):
        if fixed + Fraction(per_kg * edge, 1000) < end:
            raise RowError(f"brackets: a parcel above {edge} g would cost less than one below it")
    return _Brackets(edges, prices)


def _surcharge(body: Body) -> _Surcharge:
    when = section(body, "when")
    return _Surcharge(
        code=text(body, "code"),
        minor=whole(body, "minor", missing=0),
        percent_bp=whole(body, "percent_bp", missing=0),
        per=one_of(body, "per", ("parcel", "shipment"), missing="parcel"),
        over_g=whole(when, "over_g", missing=0),
        side_over_mm=optional(when, "side_over_mm"),
        girth_over_mm=optional(when, "girth_over_mm"),
        battery=frozenset(words(when, "battery")),
    )


def _rounded(minor: Fraction) -> int:
    return floor(minor + _HALF)
