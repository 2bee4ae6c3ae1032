"""The floor's statements: the recorded rows again, with fresh identities."""

from __future__ import annotations

import pytest

from bench.perf.rig.plan import Fresh, NewKey, compile_unit, fresh_value
from bench.perf.rig.recording import Changed, Unit
from bench.perf.rig.schema import Table, parents_first, with_referenced

REFERENCE = "ord_0000000001"


@pytest.fixture
def tables() -> dict[str, Table]:
    """Orders with lines, events that name an order by its text, and a shelf."""
    return {
        "order": Table(
            "order",
            columns=["id", "public_id", "total"],
            key=["id"],
            auto="id",
            uniques=[("public_id",)],
        ),
        "line": Table(
            "line",
            columns=["id", "order_id", "position"],
            key=["id"],
            auto="id",
            uniques=[("order_id", "position")],
            references={"order_id": ("order", "id")},
        ),
        "event": Table("event", columns=["id", "subject"], key=["id"], auto="id"),
        "shelf": Table("shelf", columns=["id", "available", "note"], key=["id"], auto="id"),
    }


def test_parents_are_inserted_first(tables):
    unit = Unit(
        1,
        {
            "line": [{"id": 70, "order_id": 9, "position": 1}],
            "order": [{"id": 9, "public_id": REFERENCE, "total": 500}],
        },
    )

    plan = compile_unit(tables, unit)

    assert [insert.table for insert in plan.inserts] == ["order", "line"]
    assert plan.inserts[1].sql == "INSERT INTO `line` (`order_id`, `position`) VALUES (%s, %s)"


def test_reference_to_a_new_row_takes_its_new_key(tables):
    unit = Unit(
        2,
        {
            "order": [
                {"id": 10, "public_id": "ord_0000000002", "total": 1},
                {"id": 9, "public_id": REFERENCE, "total": 1},
            ],
            "line": [{"id": 70, "order_id": 10, "position": 1}],
        },
    )

    plan = compile_unit(tables, unit)

    # Rows keep the order of their keys, so the second new key belongs to recorded order 10.
    assert plan.inserts[1].cells == (NewKey("order", 1), 1)


def test_reference_to_an_old_row_stays(tables):
    unit = Unit(1, {"line": [{"id": 70, "order_id": 4, "position": 1}]})
    tables["line"].uniques = []

    plan = compile_unit(tables, unit)

    assert plan.inserts[0].cells == (4, 1)


def test_unique_text_becomes_the_same_fresh_value_wherever_it_stands(tables):
    unit = Unit(
        1,
        {
            "order": [{"id": 9, "public_id": REFERENCE, "total": 500}],
            "event": [{"id": 3, "subject": REFERENCE}],
        },
    )

    plan = compile_unit(tables, unit)

    cells = {insert.table: insert.cells for insert in plan.inserts}
    assert cells == {"order": (Fresh(0, REFERENCE), 500), "event": (Fresh(0, REFERENCE),)}


def test_key_that_cannot_be_fresh_is_refused(tables):
    tables["order"].uniques = [("total",)]
    unit = Unit(1, {"order": [{"id": 9, "public_id": REFERENCE, "total": "short"}]})

    with pytest.raises(ValueError, match="order: unique key"):
        compile_unit(tables, unit)


def test_changed_numbers_move_by_the_same_amount_in_one_statement(tables):
    unit = Unit(
        1,
        changed={
            "shelf": [
                Changed({"id": 12}, {"available": (100, 97)}),
                Changed({"id": 5}, {"available": (40, 39)}),
            ]
        },
    )

    plan = compile_unit(tables, unit)

    assert plan.updates == (
        (
            "UPDATE `shelf` SET `available` = `available`"
            " + CASE `id` WHEN %s THEN %s WHEN %s THEN %s ELSE 0 END WHERE `id` IN (%s, %s)",
            (5, -1, 12, -3, 5, 12),
        ),
    )


def test_changed_text_is_set_to_the_recorded_value(tables):
    unit = Unit(1, changed={"shelf": [Changed({"id": 5}, {"note": ("", "counted")})]})

    plan = compile_unit(tables, unit)

    assert plan.updates == (("UPDATE `shelf` SET `note` = %s WHERE `id` IN (%s)", ("counted", 5)),)


@pytest.mark.parametrize(
    ("recorded", "number", "expected"),
    [
        (REFERENCE, 33, "ord_0000000011"),
        (b"key_00000000", 1, b"key000000001"),
        ("123456789", 31, "00000000Z"),
        (17, 99, 99),
    ],
)
def test_fresh_value_keeps_kind_and_length(recorded, number, expected):
    assert fresh_value(recorded, number) == expected


def test_text_too_short_for_the_number_is_refused():
    with pytest.raises(ValueError, match="too short"):
        fresh_value("ab", 32**2)


def test_tables_that_refer_to_each_other_are_refused():
    tables = {
        "a": Table("a", references={"b_id": ("b", "id")}),
        "b": Table("b", references={"a_id": ("a", "id")}),
    }

    with pytest.raises(ValueError, match="in a circle: a, b"):
        parents_first(tables, tables)


def test_copied_tables_bring_those_they_refer_to():
    tables = {
        "line": Table("line", references={"order_id": ("order", "id")}),
        "order": Table("order", references={"market_id": ("market", "id")}),
        "market": Table("market"),
        "other": Table("other"),
    }

    assert with_referenced(tables, ["line"]) == ["line", "market", "order"]
