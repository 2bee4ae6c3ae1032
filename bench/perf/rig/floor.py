"""The floor: the rows of our service, written by a bare driver with the fewest statements.

One order: one SELECT of the lines' prices, one UPDATE per changed table, one multi-row INSERT per
table, COMMIT. No framework, no validation, no encryption: the recorded values are sent again.
"""

from __future__ import annotations

import itertools
import pickle
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[3])

from bench.perf.rig import contestant
from bench.perf.rig.contestant import Answer
from bench.perf.rig.plan import Fresh, Insert, NewKey, Plan, fresh_value
from bench.perf.rig.server import parse_address

if TYPE_CHECKING:
    from MySQLdb.cursors import Cursor


class Floor:
    """A connection and the plans of each case, used in turn."""

    def __init__(self, url: str) -> None:
        """Connect to the floor's copy of our tables."""
        self.connection = parse_address(url).connect()
        self.cursor: Cursor = self.connection.cursor()
        # READ COMMITTED as ours has it; set once per connection, not per order.
        self.cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        self.connection.commit()
        self.plans: dict[str, list[Plan]] = {}
        self.next: list[Plan] = []
        # Counts upward from the clock, so that no value meets one of an earlier run.
        self.numbers = itertools.count(int(time.time()) % 100_000_000 * 10_000)

    def setup(self, plans: str) -> Answer:
        """Load the plans from a file this run wrote; returns the connection's number."""
        self.plans = pickle.loads(Path(plans).read_bytes())
        return {"connection": contestant.connection_id(self.cursor)}

    def prepare(self, case: str, orders: int) -> Answer:
        """Choose the plans that write ``orders`` orders of a case."""
        plans = self.plans[case]
        self.next = list(itertools.islice(itertools.cycle(plans), orders // plans[0].orders))
        return {}

    def run(self) -> Answer:
        """Write what was prepared and return the measurement."""
        return contestant.measured(
            lambda number: self.write(self.next[number]), len(self.next), self.cursor
        )

    def write(self, plan: Plan) -> None:
        """Write one plan and commit."""
        for sql, arguments in plan.reads:
            self.cursor.execute(sql, arguments)
            self.cursor.fetchall()
        for sql, arguments in plan.updates:
            self.cursor.execute(sql, arguments)
        fresh: dict[int, object] = {}
        first: dict[str, int] = {}
        for insert in plan.inserts:
            self.cursor.execute(insert.sql, self._arguments(insert, first, fresh))
            if insert.keyed:
                first[insert.table] = self.cursor.lastrowid
        self.connection.commit()

    def _arguments(
        self, insert: Insert, first: dict[str, int], fresh: dict[int, object]
    ) -> list[object]:
        arguments = []
        for cell in insert.cells:
            value = cell
            if type(cell) is NewKey:
                value = first[cell.table] + cell.index
            elif type(cell) is Fresh:
                value = fresh.get(cell.slot)
                if value is None:
                    value = fresh[cell.slot] = fresh_value(cell.recorded, next(self.numbers))
            arguments.append(value)
        return arguments


if __name__ == "__main__":
    floor = Floor(sys.argv[1])
    contestant.serve({"setup": floor.setup, "prepare": floor.prepare, "run": floor.run})
