"""The packer: what it answers in plain cases, and that no answer is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.logistics.packing import Box, DoesNotFit, Item, PackedBox, Placement, pack
from apps.logistics.packing.checking import find_faults


def box(key: str, length: int, width: int, height: int, *, max_gross_g: int = 30_000) -> Box:
    """A box with walls of 5 mm."""
    outer = (length + 10, width + 10, height + 10)
    return Box(key, length, width, height, *outer, tare_g=100, max_gross_g=max_gross_g)


SMALL = box("small", 200, 150, 100)
LARGE = box("large", 400, 300, 250)


def test_takes_the_smallest_box_that_holds_everything() -> None:
    item = Item("mug", 100, 75, 100, 300, quantity=4)

    [packed] = pack([item], [LARGE, SMALL])

    assert packed.box == SMALL
    assert packed.gross_g == 1300
    assert len(packed.placements) == 4


def test_opens_a_second_box_when_the_first_would_be_too_heavy() -> None:
    light = box("light", 200, 150, 100, max_gross_g=1000)

    packed = pack([Item("brick", 50, 50, 50, 450, quantity=3)], [light])

    assert sorted(one.gross_g for one in packed) == [550, 1000]


def test_turns_a_piece_unless_it_must_stand_upright() -> None:
    flat = box("flat", 300, 100, 60)

    [packed] = pack([Item("rod", 50, 50, 290, 100)], [flat])
    assert packed.placements == (Placement("rod", 0, 0, 0, 290, 50, 50),)

    with pytest.raises(DoesNotFit) as caught:
        pack([Item("bottle", 50, 50, 290, 100, keep_upright=True)], [flat])
    assert (caught.value.key, caught.value.reason) == ("bottle", "size")


@pytest.mark.parametrize(
    ("item", "boxes", "reason"),
    [
        (Item("wide", 500, 1, 1, 1), [SMALL, LARGE], "size"),
        (Item("lead", 10, 10, 10, 29_901), [SMALL, LARGE], "weight"),
        (Item("any", 1, 1, 1, 1), [], "no_box"),
    ],
)
def test_says_why_an_item_fits_nowhere(item: Item, boxes: list[Box], reason: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        pack([Item("fine", 1, 1, 1, 1), item] if boxes else [item], boxes)

    assert (caught.value.key, caught.value.reason) == (item.key, reason)


@pytest.mark.parametrize(
    "items",
    [
        [Item("a", 0, 1, 1, 1)],
        [Item("a", 1, 1, 1, -1)],
        [Item("a", 1, 1, 1, 1, quantity=0)],
        [Item("a", 1, 1, 1, 1), Item("a", 2, 2, 2, 2)],
    ],
)
def test_refuses_what_no_real_thing_is(items: list[Item]) -> None:
    with pytest.raises(ValueError, match=r"sides|key"):
        pack(items, [SMALL])


def test_nothing_to_pack_takes_no_box() -> None:
    assert pack([], [SMALL]) == ()


def test_a_large_plate_lies_on_a_small_one_only_with_enough_support() -> None:
    chest = box("chest", 100, 100, 20)
    items = [Item("post", 40, 100, 10, 1), Item("plate", 100, 100, 10, 1)]

    # The plate goes below, the post on top of it: every base is held.
    [packed] = pack(items, [chest])

    assert find_faults(items, [packed], support_percent=100) == ()


def test_packs_thousands_of_pieces_in_columns() -> None:
    items = [Item("tin", 40, 30, 20, 1, quantity=3000), Item("can", 47, 33, 21, 2, quantity=300)]

    packed = pack(items, [SMALL, LARGE])

    assert find_faults(items, packed, support_percent=100) == ()
    # By volume alone three: 81.8 litres into boxes of 30.
    assert len(packed) == 3


SIDES = st.integers(1, 120)
ITEMS = st.lists(
    st.tuples(SIDES, SIDES, SIDES, st.integers(0, 3000), st.integers(1, 6), st.booleans()),
    max_size=7,
)
BOXES = st.lists(
    st.tuples(st.integers(120, 260), st.integers(120, 260), st.integers(120, 260)),
    min_size=1,
    max_size=4,
)


@given(
    raw_items=ITEMS,
    raw_boxes=BOXES,
    limit=st.integers(3100, 20_000),
    support=st.sampled_from([0, 50, 90]),
)
@settings(max_examples=150, deadline=None)
def test_every_packing_is_right(
    raw_items: list[tuple[int, int, int, int, int, bool]],
    raw_boxes: list[tuple[int, int, int]],
    limit: int,
    support: int,
) -> None:
    items = [Item(str(place), *raw) for place, raw in enumerate(raw_items)]
    boxes = [box(str(place), *raw, max_gross_g=limit) for place, raw in enumerate(raw_boxes)]

    packed = pack(items, boxes, support_percent=support)

    assert find_faults(items, packed, support_percent=support) == ()
    assert packed == pack(items, boxes, support_percent=support)


CUBE = Item("cube", 50, 50, 50, 100, quantity=2)
TALL = Item("tall", 40, 50, 90, 10, keep_upright=True)


def placed(item: Item, *pieces: Placement, gross_g: int | None = None) -> tuple[str, ...]:
    """The faults of these pieces in the small box."""
    mass = SMALL.tare_g + item.weight_g * len(pieces) if gross_g is None else gross_g
    return find_faults([item], [PackedBox(SMALL, pieces, mass)], support_percent=50)


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([(0, 0, 0), (49, 0, 0)], "cube and cube overlap"),
        ([(0, 0, 0), (151, 0, 0)], "cube lies outside"),
        ([(0, 0, 0), (-1, 60, 0)], "cube lies outside"),
        ([(0, 0, 0), (26, 0, 50)], "cube hangs in the air"),
        ([(0, 0, 0), (0, 0, 49)], "cube and cube overlap"),
        ([(0, 0, 0)], "cube: 1 packed of 2"),
    ],
)
def test_the_check_finds_what_is_wrong(pieces: list[tuple[int, int, int]], fault: str) -> None:
    faults = placed(CUBE, *(Placement("cube", *place, 50, 50, 50) for place in pieces))

    assert any(fault in sentence for sentence in faults)


def test_the_check_finds_wrong_masses_turns_and_strangers() -> None:
    right = [Placement("cube", 0, 0, 0, 50, 50, 50), Placement("cube", 50, 0, 0, 50, 50, 50)]
    assert placed(CUBE, *right) == ()
    assert placed(CUBE, *right, gross_g=299) == (
        "Box 1 (small): weighs 300 g, said to weigh 299 g",
    )
    lying = placed(TALL, Placement("tall", 0, 0, 0, 90, 50, 40))
    assert lying == ("Box 1 (small): tall is turned as it may not be",)
    stranger = placed(
        TALL, Placement("tall", 0, 0, 0, 50, 40, 90), Placement("x", 99, 0, 0, 1, 1, 1)
    )
    assert "x: 1 packed of 0" in stranger
