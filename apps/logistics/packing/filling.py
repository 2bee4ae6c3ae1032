"""Filling one box: extreme points, every allowed turn, a supported base.

The method is that of Crainic, Perboli and Tadei (2008), "Extreme point-based heuristics for
three-dimensional bin packing": a piece goes to a corner that earlier pieces leave, lowest first.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from apps.logistics.packing.facts import Box, Item, Placement

# Length, width and height of a piece as it lies.
Sides = tuple[int, int, int]
# A corner as (z, y, x): sorted, the lowest comes first, then the hindmost.
_Point = tuple[int, int, int]
# A laid piece as (x, y, z, far x, far y, far z).
_Solid = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Fill:
    """What one attempt put into a box: the pieces, how many of each item, volume and mass."""

    box: Box
    placements: tuple[Placement, ...]
    counts: Mapping[str, int]
    volume_mm3: int
    net_g: int


@lru_cache(maxsize=4096)
def turns_of(item: Item) -> tuple[Sides, ...]:
    """Return the different ways in which a piece may lie."""
    length, width, height = item.length_mm, item.width_mm, item.height_mm
    if item.keep_upright:
        found = {(length, width, height), (width, length, height)}
    else:
        found = {(a, b, c) for a, b, c in permutations((length, width, height))}
    return tuple(sorted(found))


def fits_alone(item: Item, box: Box) -> bool:
    """Say whether the sides of a single piece fit into an empty box."""
    room = (box.inner_length_mm, box.inner_width_mm, box.inner_height_mm)
    return any(
        all(side <= limit for side, limit in zip(turn, room, strict=True))
        for turn in turns_of(item)
    )


# The orders in which pieces are tried; each finds packings that the others miss.
ORDERS: tuple[Callable[[Item], tuple[int, ...]], ...] = (
    lambda item: (-_base(item), -_volume(item)),
    lambda item: (-_volume(item), -_base(item)),
    lambda item: (-max(item.length_mm, item.width_mm, item.height_mm), -_volume(item)),
    lambda item: (-min(item.length_mm, item.width_mm, item.height_mm), -_base(item)),
    lambda item: (-item.weight_g, -_volume(item)),
)


Ranking = Callable[[Sides, Box], tuple[int, ...]]


def _in_a_grid(turn: Sides, box: Box) -> tuple[int, ...]:
    """Put the turn first of which an empty box holds most, side by side."""
    across, along = box.inner_length_mm // turn[0], box.inner_width_mm // turn[1]
    return (-across * along * (box.inner_height_mm // turn[2]), turn[2])


# The orders in which the turns of a piece are tried at a corner.
RANKINGS: tuple[Ranking, ...] = (
    lambda turn, _box: (turn[2], -turn[0], -turn[1]),
    lambda turn, _box: (-turn[2], turn[0], turn[1]),
    _in_a_grid,
)


def _volume(item: Item) -> int:
    return item.length_mm * item.width_mm * item.height_mm


def _base(item: Item) -> int:
    """Return the area of the largest side on which it may lie."""
    return max(turn[0] * turn[1] for turn in turns_of(item))


def fill_box(
    box: Box,
    wanted: Sequence[tuple[Item, int]],
    *,
    support_percent: int,
    ranking: Ranking,
    stack: int = 1,
) -> Fill:
    """Put as many pieces as fit into one box, taking the items in the order given.

    ``support_percent`` of a piece's base must lie on the floor or on other pieces; of several
    turns that fit at a corner the first of ``ranking`` is taken, and up to ``stack`` equal pieces
    are laid on one another at once. A piece that found no place ends the attempt for its item:
    the room only shrinks.
    """
    space = _Space(box, support_percent, stack)
    placements: list[Placement] = []
    counts: dict[str, int] = {}
    volume = net_g = 0
    for item, quantity in wanted:
        if item.weight_g:
            quantity = min(quantity, (box.max_net_g - net_g) // item.weight_g)
        turns = sorted(turns_of(item), key=lambda turn: ranking(turn, box))
        laid = space.lay(item.key, turns, quantity)
        if laid:
            placements += laid
            counts[item.key] = counts.get(item.key, 0) + len(laid)
            volume += _volume(item) * len(laid)
            net_g += item.weight_g * len(laid)
    return Fill(box, tuple(placements), counts, volume, net_g)


class _Space:
    """The room in a box that is being filled."""

    def __init__(self, box: Box, support_percent: int, stack: int) -> None:
        self.stack = stack
        self.closed: set[_Point] = set()
        self.support_percent = support_percent
        self.length = box.inner_length_mm
        self.width = box.inner_width_mm
        self.height = box.inner_height_mm
        self.solids: list[_Solid] = []
        self.points: list[_Point] = [(0, 0, 0)]
        self.known: set[_Point] = {(0, 0, 0)}

    def lay(self, key: str, turns: Sequence[Sides], quantity: int) -> list[Placement]:
        """Lay up to ``quantity`` equal pieces and return them."""
        laid: list[Placement] = []
        # Corners at which no turn has room: what is laid later makes none there.
        self.closed = set()
        while len(laid) < quantity:
            column = self._find(turns, min(self.stack, quantity - len(laid)))
            if column is None:
                break
            (x, y, z, far_x, far_y, far_z), count = column
            height = (far_z - z) // count
            laid += [
                Placement(key, x, y, z + height * place, far_x - x, far_y - y, height)
                for place in range(count)
            ]
            self._add((x, y, z, far_x, far_y, far_z))
        return laid

    def _find(self, turns: Sequence[Sides], most: int) -> tuple[_Solid, int] | None:
        """Return the first place for a piece, and how many stand on one another there."""
        for point in self.points:
            if point in self.closed:
                continue
            z, y, x = point
            has_room = False
            for length, width, height in turns:
                solid = (x, y, z, x + length, y + width, z + height)
                if not self._is_inside(solid) or not self._is_free(solid):
                    continue
                has_room = True
                if self._is_supported(solid):
                    return self._stack(solid, min(most, (self.height - z) // height))
            if not has_room:
                self.closed.add(point)
        return None

    def _stack(self, solid: _Solid, most: int) -> tuple[_Solid, int]:
        x, y, z, far_x, far_y, far_z = solid
        column = (x, y, z, far_x, far_y, z + (far_z - z) * most)
        return (column, most) if self._is_free(column) else (solid, 1)

    def _is_inside(self, solid: _Solid) -> bool:
        return solid[3] <= self.length and solid[4] <= self.width and solid[5] <= self.height

    def _is_free(self, solid: _Solid) -> bool:
        x, y, z, far_x, far_y, far_z = solid
        for other in self.solids:
            if (
                x < other[3]
                and other[0] < far_x
                and y < other[4]
                and other[1] < far_y
                and z < other[5]
                and other[2] < far_z
            ):
                return False
        return True

    def _is_supported(self, solid: _Solid) -> bool:
        x, y, z, far_x, far_y, _far_z = solid
        needed = (far_x - x) * (far_y - y) * self.support_percent
        if z == 0 or needed <= 0:
            return True
        for other in self.solids:
            if other[5] != z:
                continue
            across = min(far_x, other[3]) - max(x, other[0])
            along = min(far_y, other[4]) - max(y, other[1])
            if across > 0 and along > 0:
                needed -= across * along * 100
                if needed <= 0:
                    return True
        return False

    def _add(self, solid: _Solid) -> None:
        x, y, z, far_x, far_y, far_z = solid
        self.solids.append(solid)
        # A corner that lies inside the new piece can never be used again.
        self.points = [
            point
            for point in self.points
            if not (x <= point[2] < far_x and y <= point[1] < far_y and z <= point[0] < far_z)
        ]
        corners = {
            (far_x, y, z),
            (x, far_y, z),
            (x, y, far_z),
            (far_x, self._slide(far_x, y, z, 1), z),
            (far_x, y, self._slide(far_x, y, z, 2)),
            (self._slide(x, far_y, z, 0), far_y, z),
            (x, far_y, self._slide(x, far_y, z, 2)),
            (self._slide(x, y, far_z, 0), y, far_z),
            (x, self._slide(x, y, far_z, 1), far_z),
        }
        for px, py, pz in corners:
            point = (pz, py, px)
            is_inside = px < self.length and py < self.width and pz < self.height
            if is_inside and point not in self.known:
                self.known.add(point)
                insort(self.points, point)

    def _slide(self, x: int, y: int, z: int, axis: int) -> int:
        """Return how far a corner moves towards the origin along one axis before it meets a piece."""
        place = (x, y, z)
        first, second = ((1, 2), (0, 2), (0, 1))[axis]
        reached = 0
        for other in self.solids:
            far = other[axis + 3]
            if (
                reached < far <= place[axis]
                and other[first] <= place[first] < other[first + 3]
                and other[second] <= place[second] < other[second + 3]
            ):
                reached = far
        return reached
