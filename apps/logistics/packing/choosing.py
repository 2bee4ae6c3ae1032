"""Choosing boxes: one if one can hold everything, else as few as the attempts find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from apps.logistics.packing.facts import Box, DoesNotFit, Item, PackedBox
from apps.logistics.packing.filling import ORDERS, RANKINGS, Fill, fill_box, fits_alone

# Of each base at least this share lies on the floor or on other pieces, unless the caller asks
# otherwise: with less than half a piece may tip.
SUPPORT_PERCENT = 50

_Rest = dict[str, int]
# Beyond this many pieces equal ones are laid as columns and few attempts are made: the time of an
# attempt grows with the square of what is laid.
_MANY_PIECES = 200


def pack(
    items: Sequence[Item], boxes: Sequence[Box], *, support_percent: int = SUPPORT_PERCENT
) -> tuple[PackedBox, ...]:
    """Return the boxes that hold all pieces of all items, and where each piece lies.

    The number of boxes counts first, then their outer volume, then their tare. Nothing is random:
    the same items give the same boxes. Raises ``DoesNotFit`` for an item of which a single piece
    is too large or too heavy for every box, and ``ValueError`` for a side, quantity or mass that no
    real thing has, or a key used twice.
    """
    _require_real(items, boxes)
    by_size = sorted(boxes, key=lambda box: (box.outer_volume_mm3, box.tare_g, box.key))
    for item in items:
        _require_box(item, by_size)
    known = {item.key: item for item in items}
    scores = (_by_volume, _by_weight, _by_scarcity)
    attempts = (_pack_by(known, by_size, support_percent, score) for score in scores)
    fewest = _fewest_possible(items, by_size)
    best: list[Fill] | None = None
    for found in attempts:
        if best is None or _cost(found) < _cost(best):
            best = found
        if len(best) <= fewest:
            break
    return tuple(
        PackedBox(fill.box, fill.placements, fill.box.tare_g + fill.net_g) for fill in best or []
    )


def _require_real(items: Sequence[Item], boxes: Sequence[Box]) -> None:
    for item in items:
        sides = (item.length_mm, item.width_mm, item.height_mm)
        if min(sides) < 1 or item.weight_g < 0 or item.quantity < 1:
            raise ValueError(f"{item.key}: sides and quantity start at 1, the mass at 0")
    if len({item.key for item in items}) != len(items):
        raise ValueError("Each key names one item")
    for box in boxes:
        sides = (box.inner_length_mm, box.inner_width_mm, box.inner_height_mm)
        if min(sides) < 1 or not 0 <= box.tare_g <= box.max_gross_g:
            raise ValueError(f"{box.key}: sides start at 1, the tare at 0 and below the limit")


def _require_box(item: Item, boxes: Sequence[Box]) -> None:
    if not boxes:
        raise DoesNotFit(item.key, "no_box")
    large = [box for box in boxes if fits_alone(item, box)]
    if not large:
        raise DoesNotFit(item.key, "size")
    if all(item.weight_g > box.max_net_g for box in large):
        raise DoesNotFit(item.key, "weight")


def _fewest_possible(items: Sequence[Item], boxes: Sequence[Box]) -> int:
    """Return a number of boxes that no packing can go below: by volume and by mass."""
    volume = sum(item.length_mm * item.width_mm * item.height_mm * item.quantity for item in items)
    mass = sum(item.weight_g * item.quantity for item in items)
    room = max((box.inner_volume_mm3 for box in boxes), default=1)
    limit = max(1, max((box.max_net_g for box in boxes), default=1))
    return max(-(-volume // room), -(-mass // limit))


def _cost(fills: Sequence[Fill]) -> tuple[int, int, int]:
    return (
        len(fills),
        sum(fill.box.outer_volume_mm3 for fill in fills),
        sum(fill.box.tare_g for fill in fills),
    )


_Score = Callable[[Fill], tuple[float, ...]]


def _by_volume(fill: Fill) -> tuple[float, ...]:
    return (fill.volume_mm3, fill.net_g)


def _by_weight(fill: Fill) -> tuple[float, ...]:
    return (fill.net_g, fill.volume_mm3)


def _by_scarcity(fill: Fill) -> tuple[float, ...]:
    """Prefer a box that is full in either sense, so that no later box has to be."""
    share = fill.volume_mm3 / fill.box.inner_volume_mm3
    return (max(share, fill.net_g / max(1, fill.box.max_net_g)), fill.volume_mm3)


def _pack_by(
    items: Mapping[str, Item], boxes: Sequence[Box], support_percent: int, score: _Score
) -> list[Fill]:
    rest: _Rest = {key: item.quantity for key, item in items.items()}
    fills: list[Fill] = []
    while rest:
        fill = _next_fill(items, rest, boxes, support_percent, score)
        fills.append(fill)
        rest = {
            key: count - fill.counts.get(key, 0)
            for key, count in rest.items()
            if count > fill.counts.get(key, 0)
        }
    return fills


def _next_fill(
    items: Mapping[str, Item],
    rest: _Rest,
    boxes: Sequence[Box],
    support_percent: int,
    score: _Score,
) -> Fill:
    """Return the smallest box that holds all that is left, or else the best-filled of all."""
    pieces = sum(rest.values())
    best: Fill | None = None
    for box in boxes:
        for fill in _attempts(items, rest, box, support_percent):
            if len(fill.placements) == pieces:
                return fill
            if fill.placements and (best is None or score(fill) > score(best)):
                best = fill
    if best is None:
        raise DoesNotFit(next(iter(rest)), "size")
    return best


def _attempts(
    items: Mapping[str, Item], rest: _Rest, box: Box, support_percent: int
) -> Iterator[Fill]:
    wanted = [(items[key], count) for key, count in rest.items() if fits_alone(items[key], box)]
    if not wanted:
        return
    is_many = sum(rest.values()) > _MANY_PIECES
    seen: set[tuple[str, ...]] = set()
    for order in ORDERS[:1] if is_many else ORDERS:
        ordered = sorted(wanted, key=lambda pair: (order(pair[0]), pair[0].key))
        names = tuple(item.key for item, _count in ordered)
        if names in seen:
            continue
        seen.add(names)
        for ranking in RANKINGS[-1:] if is_many else RANKINGS:
            yield fill_box(
                box,
                ordered,
                support_percent=support_percent,
                ranking=ranking,
                stack=_MANY_PIECES if is_many else 1,
            )
