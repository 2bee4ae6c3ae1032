"""What a unit of work wrote, from the rows before and after."""

from __future__ import annotations

import pytest

from bench.perf.rig.recording import Changed, Unit, compare
from bench.perf.rig.schema import Table

TABLES = {"shelf": Table("shelf", columns=["id", "available"], key=["id"], auto="id")}


def rows(**available: int):
    return {"shelf": {(key,): {"id": key, "available": count} for key, count in available.items()}}


def test_new_and_changed_rows_are_told_apart():
    before, after = rows(a=5, b=7), rows(a=5, b=4, c=1)

    unit = compare(TABLES, before, after, orders=1)

    assert unit == Unit(
        1,
        inserted={"shelf": [{"id": "c", "available": 1}]},
        changed={"shelf": [Changed({"id": "b"}, {"available": (7, 4)})]},
    )
    assert unit.written() == {"shelf": (1, 1)}


def test_untouched_tables_are_left_out():
    assert compare(TABLES, rows(a=5), rows(a=5), orders=1).written() == {}


def test_deleted_rows_are_refused():
    with pytest.raises(ValueError, match="shelf: rows were deleted"):
        compare(TABLES, rows(a=5, b=7), rows(a=5), orders=1)
