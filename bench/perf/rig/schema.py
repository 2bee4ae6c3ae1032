"""What the database knows about our tables: columns, keys, references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.perf.rig.server import Server

Row = dict[str, object]
Key = tuple[object, ...]


@dataclass(slots=True)
class Table:
    """One table; ``columns`` leaves out what the database computes itself."""

    name: str
    columns: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    auto: str | None = None
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_tables(server: Server, database: str) -> dict[str, Table]:
    """Return every table of ``database`` by name."""
    tables: dict[str, Table] = {}
    where = f"WHERE TABLE_SCHEMA = '{database}'"
    for name, column, extra, generated in server.rows(
        "SELECT TABLE_NAME, COLUMN_NAME, EXTRA, IS_GENERATED FROM information_schema.COLUMNS "
        f"{where} ORDER BY TABLE_NAME, ORDINAL_POSITION"
    ):
        table = tables.setdefault(str(name), Table(str(name)))
        if generated != "ALWAYS":
            table.columns.append(str(column))
        if "auto_increment" in str(extra):
            table.auto = str(column)
    _read_uniques(server, where, tables)
    for name, column, other, other_column in server.rows(
        "SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME "
        f"FROM information_schema.KEY_COLUMN_USAGE {where} AND REFERENCED_TABLE_NAME IS NOT NULL"
    ):
        tables[str(name)].references[str(column)] = (str(other), str(other_column))
    return tables


def _read_uniques(server: Server, where: str, tables: dict[str, Table]) -> None:
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, index, column in server.rows(
        "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
        f"{where} AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
    ):
        groups[str(name), str(index)].append(str(column))
    for (name, index), columns in groups.items():
        if index == "PRIMARY":
            tables[name].key = columns
        else:
            tables[name].uniques.append(tuple(columns))


def with_referenced(tables: dict[str, Table], names: Iterable[str]) -> list[str]:
    """Return ``names`` and every table they refer to, however far."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(other for other, _ in tables[name].references.values())
    return sorted(found)


def parents_first(tables: dict[str, Table], names: Iterable[str]) -> list[str]:
    """Order ``names`` so that a table comes after those it refers to; raises on a circle."""
    waiting, ordered = sorted(set(names)), list[str]()
    while waiting:
        ready = [
            name
            for name in waiting
            if not any(
                other in waiting and other != name for other, _ in tables[name].references.values()
            )
        ]
        if not ready:
            raise ValueError(f"tables refer to each other in a circle: {', '.join(waiting)}")
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def copy_tables(server: Server, source: str, target: str, names: list[str]) -> None:
    """Copy tables with their keys, checks and rows from one database to another."""
    tables = read_tables(server, source)
    server.rows("SET SESSION foreign_key_checks = 0")
    server.rows(f"USE {target}")
    for name in names:
        server.rows(str(server.rows(f"SHOW CREATE TABLE {source}.`{name}`")[0][1]))
        columns = ", ".join(f"`{column}`" for column in tables[name].columns)
        server.rows(
            f"INSERT INTO {target}.`{name}` ({columns}) SELECT {columns} FROM {source}.`{name}`"
        )
    server.rows("SET SESSION foreign_key_checks = 1")


def snapshot(server: Server, database: str, table: Table) -> dict[Key, Row]:
    """Return all rows of a table by primary key."""
    columns = ", ".join(f"`{column}`" for column in table.columns)
    rows = [
        dict(zip(table.columns, values, strict=True))
        for values in server.rows(f"SELECT {columns} FROM {database}.`{table.name}`")
    ]
    return {tuple(row[column] for column in table.key): row for row in rows}
