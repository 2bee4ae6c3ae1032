"""What one unit of work (an order, a batch) wrote, seen by comparing all rows before and after.

The floor must write the same rows as the service. Taking them from the tables themselves, not from
a second list of columns, keeps the floor honest when the schema grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.perf.rig.schema import Key, Row, Table, read_tables, snapshot

if TYPE_CHECKING:
    from bench.perf.rig.server import Server

Snapshots = dict[str, dict[Key, Row]]


@dataclass(slots=True)
class Changed:
    """One row that was there before: its key and its changed columns (old value, new value)."""

    key: Row
    columns: dict[str, tuple[object, object]]


@dataclass(slots=True)
class Unit:
    """The rows one unit of work inserted and changed, by table."""

    orders: int
    inserted: dict[str, list[Row]] = field(default_factory=dict)
    changed: dict[str, list[Changed]] = field(default_factory=dict)

    def written(self) -> dict[str, tuple[int, int]]:
        """Return rows inserted and rows changed by table."""
        names = sorted({*self.inserted, *self.changed})
        return {
            name: (len(self.inserted.get(name, ())), len(self.changed.get(name, ())))
            for name in names
        }


def record_units(
    server: Server, database: str, work: Callable[[], None], *, units: int, orders: int
) -> list[Unit]:
    """Call ``work`` ``units`` times and return what each call wrote.

    The first call looks at every table, the others only at those touched before. Rows that appear
    elsewhere later are found by ``Race.run_rounds``, which counts all tables.
    """
    tables = read_tables(server, database)
    watched = list(tables)
    recorded = []
    before = _take(server, database, tables, watched)
    for _ in range(units):
        work()
        after = _take(server, database, tables, watched)
        unit = compare(tables, before, after, orders=orders)
        recorded.append(unit)
        watched = sorted({name for seen in recorded for name in seen.written()})
        before = {name: after[name] for name in watched}
    return recorded


def compare(tables: dict[str, Table], before: Snapshots, after: Snapshots, *, orders: int) -> Unit:
    """Return the difference of two sets of snapshots; raises ``ValueError`` if a row vanished."""
    unit = Unit(orders)
    for name, rows in after.items():
        earlier = before[name]
        if earlier.keys() - rows.keys():
            raise ValueError(f"{name}: rows were deleted, which the floor cannot repeat")
        inserted = [row for key, row in rows.items() if key not in earlier]
        changed = [
            Changed(
                {column: row[column] for column in tables[name].key},
                {
                    column: (earlier[key][column], value)
                    for column, value in row.items()
                    if earlier[key][column] != value
                },
            )
            for key, row in rows.items()
            if key in earlier and earlier[key] != row
        ]
        if inserted:
            unit.inserted[name] = inserted
        if changed:
            unit.changed[name] = changed
    return unit


def _take(server: Server, database: str, tables: dict[str, Table], names: list[str]) -> Snapshots:
    return {name: snapshot(server, database, tables[name]) for name in names}
