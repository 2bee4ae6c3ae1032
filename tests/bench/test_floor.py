"""The floor on a real server: it writes the rows that were recorded, again and again."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from bench.perf.rig.floor import Floor
from bench.perf.rig.plan import compile_unit
from bench.perf.rig.recording import record_units
from bench.perf.rig.schema import copy_tables, read_tables, with_referenced
from bench.perf.rig.server import Address, Server

pytestmark = pytest.mark.mariadb

SOURCE, TARGET = f"gstest_source_{os.getpid()}", f"gstest_target_{os.getpid()}"
TABLES = (
    "CREATE TABLE shelf (id INT PRIMARY KEY, available INT NOT NULL CHECK (available >= 0))",
    "CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, number VARCHAR(20) UNIQUE,"
    " total INT, doubled INT AS (total * 2) STORED)",
    "CREATE TABLE line (id BIGINT AUTO_INCREMENT PRIMARY KEY, order_id BIGINT NOT NULL,"
    " shelf_id INT NOT NULL, UNIQUE (order_id, shelf_id),"
    " FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (shelf_id) REFERENCES shelf (id))",
    "INSERT INTO shelf VALUES (1, 1000), (2, 1000)",
)


@pytest.fixture
def server() -> Iterator[Server]:
    """The server of the test database, with two databases of its own."""
    if connection.vendor != "mysql":
        pytest.fail("this test needs MariaDB or MySQL: run it through .ci/run")
    facts = connection.settings_dict
    address = Address(
        facts["HOST"] or "127.0.0.1",
        int(facts["PORT"] or 3306),
        facts["USER"],
        facts["PASSWORD"],
    )
    server = Server(address)
    server.create(SOURCE)
    server.create(TARGET)
    yield server
    server.drop(SOURCE)
    server.drop(TARGET)


def place(server: Server, number: int) -> None:
    """Write an order of two lines, as a service would."""
    for statement in (
        f"UPDATE {SOURCE}.shelf SET available = available - id",
        f"INSERT INTO {SOURCE}.orders (number, total) VALUES ('number-{number:08d}', 30)",
        f"INSERT INTO {SOURCE}.line (order_id, shelf_id)"
        f" SELECT MAX(o.id), s.id FROM {SOURCE}.orders o, {SOURCE}.shelf s GROUP BY s.id",
    ):
        server.rows(statement)


def test_floor_writes_the_recorded_rows_again(server, tmp_path: Path):
    server.rows(f"USE {SOURCE}")
    for statement in TABLES:
        server.rows(statement)
    numbers = iter(range(10))
    units = record_units(server, SOURCE, lambda: place(server, next(numbers)), units=2, orders=1)
    tables = read_tables(server, SOURCE)
    assert [unit.written() for unit in units] == [
        {"line": (2, 0), "orders": (1, 0), "shelf": (0, 2)}
    ] * 2
    copied = with_referenced(tables, ["line"])
    copy_tables(server, SOURCE, TARGET, copied)
    plans = tmp_path / "plans.pickle"
    plans.write_bytes(pickle.dumps({"single": [compile_unit(tables, unit) for unit in units]}))
    floor = Floor(server.address.named(TARGET).url)
    floor.setup(str(plans))
    floor.prepare("single", 5)

    answer = floor.run()

    assert server.row_counts(TARGET, copied) == {"line": 14, "orders": 7, "shelf": 2}
    assert server.rows(f"SELECT available FROM {TARGET}.shelf ORDER BY id") == [(993,), (986,)]
    assert server.rows(
        f"SELECT COUNT(*) FROM {TARGET}.orders o JOIN {TARGET}.line l ON l.order_id = o.id"
    ) == [(14,)]
    # Per order: one update, two inserts, the commit.
    assert answer["counts"]["Questions"] == 20
    floor.connection.close()
