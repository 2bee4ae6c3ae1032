"""The floor: the rows that ours wrote, written again by ``executemany``, table by table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.perf.rig.schema import copy_tables, parents_first, read_tables, with_referenced

if TYPE_CHECKING:
    from bench.perf.rig.server import Server

CHUNK = 1000
Rows = list[tuple[object, ...]]
WRITTEN = (
    "catalog_product",
    "catalog_variant",
    "catalog_listing",
    "inventory_stockbalance",
    "inventory_stockposting",
    "journal_journalentry",
    "imports_importchunk",
)


def prepare(server: Server, source: str, target: str) -> dict[str, int]:
    """Copy the empty tables and what they refer to; returns the rows that stand there already."""
    names = with_referenced(read_tables(server, source), WRITTEN)
    copy_tables(server, source, target, names)
    return server.row_counts(target, list(WRITTEN))


def write_again(server: Server, source: str, target: str) -> tuple[float, float, int]:
    """Write what ``source`` has beyond ``target``; returns wall and processor seconds, and rows.

    One transaction per thousand rows of each table, as ours commits a chunk.
    """
    tables = read_tables(server, source)
    names = with_referenced(tables, WRITTEN)
    found: list[tuple[str, Rows]] = []
    for name in parents_first(tables, names):
        if name == "imports_importrun":
            _copy_rest(server, source, target, name, tables[name].columns)
        elif name in WRITTEN:
            found.append((_insert(name, tables[name].columns), _rows(server, source, target, name)))
    connection = server.address.named(target).connect()
    cursor = connection.cursor()
    cpu, wall = time.process_time(), time.perf_counter()
    for sql, rows in found:
        for start in range(0, len(rows), CHUNK):
            cursor.executemany(sql, rows[start : start + CHUNK])
            connection.commit()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    connection.close()
    return wall, cpu, sum(len(rows) for _sql, rows in found)


def _rows(server: Server, source: str, target: str, name: str) -> Rows:
    columns = ", ".join(f"`{column}`" for column in read_tables(server, source)[name].columns)
    last = server.rows(f"SELECT COALESCE(MAX(id), 0) FROM {target}.{name}")[0][0]
    return server.rows(f"SELECT {columns} FROM {source}.{name} WHERE id > {last} ORDER BY id")


def _insert(name: str, columns: list[str]) -> str:
    named = ", ".join(f"`{column}`" for column in columns)
    return f"INSERT INTO `{name}` ({named}) VALUES ({', '.join(['%s'] * len(columns))})"


def _copy_rest(server: Server, source: str, target: str, name: str, columns: list[str]) -> None:
    named = ", ".join(f"`{column}`" for column in columns)
    server.rows(
        f"INSERT INTO {target}.{name} ({named}) SELECT {named} FROM {source}.{name}"
        f" WHERE id > (SELECT COALESCE(MAX(id), 0) FROM {target}.{name})"
    )
