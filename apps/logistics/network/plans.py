"""How goods are put into parcels: into boxes where all sides are known, else by weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from apps.logistics.network.demand import Demand, Goods
from apps.logistics.network.rows import Service
from apps.logistics.packing import Box, DoesNotFit, Item, PackedBox, pack
from apps.logistics.parcels import divide_by_weight
from apps.logistics.rating import Measured

# Beyond this many pieces packing takes longer than an order may wait.
_MOST_PIECES = 200


@dataclass(frozen=True, slots=True)
class CartonPlan:
    """The parcels of a shipment: ``cartons`` packed into boxes, or ``weight`` divided evenly."""

    kind: str
    parcels: tuple[Measured, ...]
    rows: tuple[str, ...] = ()


def carton_plans(boxes: Sequence[Box], service: Service, demand: Demand) -> list[CartonPlan]:
    """Return the plan for a shipment: into boxes where there are any and every side is known.

    What is really packed has one form, so there is one plan: by weight alone only where nobody knows
    better, or where a piece fits no box.
    """
    battery = frozenset(item.battery for item in demand.goods if item.battery)
    pieces = sum(item.quantity for item in demand.goods)
    if boxes and pieces <= _MOST_PIECES and all(item.sides_mm for item in demand.goods):
        limited = tuple(_limit(box, service.parcel_max_g) for box in boxes)
        packed = _pack(demand.goods, limited)
        if packed is not None:
            return [_cartons(packed, battery)]
    return [_by_weight(service, demand, battery)]


def _limit(box: Box, parcel_max_g: int) -> Box:
    """Return the box as a service takes it: no heavier than its parcels may be."""
    gross = max(box.tare_g, min(box.max_gross_g, parcel_max_g))
    if gross == box.max_gross_g:
        return box
    return replace(box, max_gross_g=gross)


@lru_cache(maxsize=2048)
def _pack(goods: tuple[Goods, ...], boxes: tuple[Box, ...]) -> tuple[PackedBox, ...] | None:
    items = [
        Item(
            str(at),
            item.length_mm,
            item.width_mm,
            item.height_mm,
            item.weight_g,
            item.quantity,
        )
        for at, item in enumerate(goods)
    ]
    try:
        return pack(items, boxes)
    except DoesNotFit:
        return None


def _cartons(packed: Sequence[PackedBox], battery: frozenset[str]) -> CartonPlan:
    parcels = tuple(
        Measured.of_mm(
            one.gross_g,
            (one.box.outer_length_mm, one.box.outer_width_mm, one.box.outer_height_mm),
            battery,
        )
        for one in packed
    )
    return CartonPlan("cartons", parcels, tuple(dict.fromkeys(one.box.key for one in packed)))


def _by_weight(service: Service, demand: Demand, battery: frozenset[str]) -> CartonPlan:
    weights = divide_by_weight(
        demand.weight_g,
        parcel_max_g=service.parcel_max_g,
        parcels_max=service.parcels_max,
    )
    [first, *others] = demand.goods
    is_one_piece = not others and first.quantity == 1 and len(weights) == 1
    sides = first.sides_mm if is_one_piece else ()
    return CartonPlan("weight", tuple(Measured.of_mm(g, sides, battery) for g in weights))
