"""Checking a packing, whoever made it: shares no geometry with the packer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from apps.logistics.packing.facts import Item, PackedBox, Placement


def find_faults(
    items: Sequence[Item], packed: Sequence[PackedBox], *, support_percent: int
) -> tuple[str, ...]:
    """Return a sentence for everything that is wrong with a packing; none for a right one.

    Checked: every piece is packed once, lies inside its box, overlaps no other, lies as it may,
    has ``support_percent`` of its base on the floor or on others, and each box has the mass that
    is said and no more than it may have.
    """
    known = {item.key: item for item in items}
    return tuple(_all_faults(known, packed, support_percent))


def _all_faults(
    known: Mapping[str, Item], packed: Sequence[PackedBox], support_percent: int
) -> Iterator[str]:
    counted = Counter(piece.key for box in packed for piece in box.placements)
    for key in sorted(known.keys() | counted.keys()):
        wanted = known[key].quantity if key in known else 0
        if counted[key] != wanted:
            yield f"{key}: {counted[key]} packed of {wanted}"
    for place, box in enumerate(packed, 1):
        for fault in _faults_of(box, known, support_percent):
            yield f"Box {place} ({box.box.key}): {fault}"


def _faults_of(packed: PackedBox, known: Mapping[str, Item], support_percent: int) -> Iterator[str]:
    box = packed.box
    pieces = [piece for piece in packed.placements if piece.key in known]
    mass = box.tare_g + sum(known[piece.key].weight_g for piece in pieces)
    if packed.gross_g != mass:
        yield f"weighs {mass} g, said to weigh {packed.gross_g} g"
    if mass > box.max_gross_g:
        yield f"weighs {mass} g, may weigh {box.max_gross_g} g"
    room = (box.inner_length_mm, box.inner_width_mm, box.inner_height_mm)
    for piece in pieces:
        if any(
            low < 0 or high > limit for (low, high), limit in zip(_spans(piece), room, strict=True)
        ):
            yield f"{piece.key} lies outside"
        if not _lies_as_it_may(piece, known[piece.key]):
            yield f"{piece.key} is turned as it may not be"
        if _supported_mm2(piece, pieces) * 100 < _area(piece) * support_percent:
            yield f"{piece.key} hangs in the air"
    for first, second in combinations(pieces, 2):
        if all(
            _shared(one, two) > 0 for one, two in zip(_spans(first), _spans(second), strict=True)
        ):
            yield f"{first.key} and {second.key} overlap"


def _spans(piece: Placement) -> tuple[tuple[int, int], ...]:
    return (
        (piece.x_mm, piece.x_mm + piece.length_mm),
        (piece.y_mm, piece.y_mm + piece.width_mm),
        (piece.z_mm, piece.z_mm + piece.height_mm),
    )


def _shared(one: tuple[int, int], two: tuple[int, int]) -> int:
    return min(one[1], two[1]) - max(one[0], two[0])


def _lies_as_it_may(piece: Placement, item: Item) -> bool:
    lies = [piece.length_mm, piece.width_mm, piece.height_mm]
    if sorted(lies) != sorted([item.length_mm, item.width_mm, item.height_mm]):
        return False
    return piece.height_mm == item.height_mm or not item.keep_upright


def _area(piece: Placement) -> int:
    return piece.length_mm * piece.width_mm


def _supported_mm2(piece: Placement, pieces: Sequence[Placement]) -> int:
    if piece.z_mm == 0:
        return _area(piece)
    across, along, (floor, _top) = _spans(piece)
    return sum(
        max(0, _shared(across, _spans(other)[0])) * max(0, _shared(along, _spans(other)[1]))
        for other in pieces
        if other.z_mm + other.height_mm == floor
    )
