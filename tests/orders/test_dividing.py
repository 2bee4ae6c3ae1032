"""Cutting lines, discounts and fees: the parts are the whole, to the minor unit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.orders.dividing import Part, Run, cap_runs, cut_amount, divide, share


def run(first: int, units: int, amount: int, platform: int = 0) -> Run:
    return Run("prm_1", "Ten off", "", first, units, amount, platform)


def test_the_earlier_units_carry_the_odd_cents() -> None:
    assert [share(100, 3, units) for units in (0, 1, 2, 3)] == [0, 34, 67, 100]


def test_a_run_is_cut_where_the_units_part() -> None:
    part = Part(5, 100, (run(1, 3, 100, 50),))

    kept, taken = divide(part, 2)

    assert kept == Part(3, 67, (run(1, 2, 67, 34),))
    assert taken == Part(2, 33, (run(0, 1, 33, 16),))


def test_a_side_without_an_amount_has_no_run() -> None:
    kept, taken = divide(Part(4, 9, (run(0, 2, 9),)), 2)

    assert (kept.runs, taken.runs) == ((run(0, 2, 9),), ())


def test_a_discount_without_rows_lies_on_all_units() -> None:
    kept, taken = divide(Part(3, 100, ()), 1)

    assert (kept.discount_minor, taken.discount_minor) == (67, 33)


@pytest.mark.parametrize("taken", [0, 3, 4])
def test_some_units_must_stay_and_some_go(taken: int) -> None:
    with pytest.raises(ValueError, match="taken"):
        divide(Part(3, 0, ()), taken)


def test_the_last_runs_shrink_first() -> None:
    runs = (run(0, 1, 60, 30), run(1, 1, 50, 25))

    assert cap_runs(runs, 80) == (run(0, 1, 60, 30), run(1, 1, 20, 10))
    assert cap_runs(runs, 0) == ()


def test_nothing_is_shared_by_nothing() -> None:
    assert (cut_amount(100, part=1, whole=3), cut_amount(100, part=1, whole=0)) == (33, 0)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    quantity = draw(st.integers(2, 40))
    runs: list[Run] = []
    start = 0
    while start < quantity and len(runs) < 4:
        units = draw(st.integers(1, quantity - start))
        amount = draw(st.integers(1, 10_000))
        runs.append(run(start, units, amount, draw(st.integers(0, amount))))
        start += units
    loose = draw(st.integers(0, 500))
    return Part(quantity, sum(item.amount_minor for item in runs) + loose, tuple(runs))


@settings(max_examples=60, deadline=None)
@given(parts(), st.data())
def test_cut_again_and_again_nothing_is_lost(part: Part, data: st.DataObject) -> None:
    pieces = [part]
    for _turn in range(4):
        whole = pieces.pop(0)
        if whole.quantity == 1:
            pieces.append(whole)
            continue
        pieces += divide(whole, data.draw(st.integers(1, whole.quantity - 1)))

    assert sum(piece.quantity for piece in pieces) == part.quantity
    assert sum(piece.discount_minor for piece in pieces) == part.discount_minor
    assert sum(piece.platform_minor for piece in pieces) == part.platform_minor
    for piece in pieces:
        for item in piece.runs:
            assert 0 <= item.platform_minor <= item.amount_minor
            assert item.first_unit >= 0
            assert item.first_unit + item.unit_count <= piece.quantity
