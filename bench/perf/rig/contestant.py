"""One contestant of a run: a process that answers JSON commands on its standard streams.

Every contestant runs in its own process with its own interpreter and its own connection, so that
processor time and statements can be told apart exactly. Standard library only: the peer's
interpreter imports this module too.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

# Session counters of the connection that works; the two of SHOW itself are taken off again.
COUNTERS = (
    "Questions",
    "Com_select",
    "Com_insert",
    "Com_update",
    "Com_commit",
    "Com_set_option",
    "Handler_commit",
)
STATUS_SQL = "SHOW SESSION STATUS WHERE Variable_name IN ('" + "','".join(COUNTERS) + "')"

Answer = dict[str, Any]
Command = Callable[..., Answer]


class Cursor(Protocol):
    """What is needed of a database cursor, whichever driver made it."""

    def execute(self, sql: str, /) -> object:
        """Run one statement."""

    def fetchall(self) -> Any:
        """Return its rows."""


def session_counters(cursor: Cursor) -> dict[str, int]:
    """Return the counters of this connection."""
    cursor.execute(STATUS_SQL)
    return {name: int(value) for name, value in cursor.fetchall()}


def connection_id(cursor: Cursor) -> int:
    """Return the server's number of this connection."""
    cursor.execute("SELECT CONNECTION_ID()")
    return int(cursor.fetchall()[0][0])


def measured(work: Callable[[int], None], calls: int, cursor: Cursor) -> Answer:
    """Call ``work(0..calls-1)`` and return wall, own processor time, latencies and statements."""
    gc.collect()
    before = session_counters(cursor)
    latencies = []
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(calls):
        start = time.perf_counter()
        work(number)
        latencies.append(time.perf_counter() - start)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = session_counters(cursor)
    counts = {name: after[name] - before[name] for name in before}
    counts["Questions"] -= 1
    return {"wall_s": wall, "app_cpu_s": cpu, "counts": counts, "latencies_s": sorted(latencies)}


def serve(commands: Mapping[str, Command]) -> None:
    """Answer ``{"do": name, …}`` lines until the input ends; a failure becomes ``{"error": …}``.

    Whatever a library prints goes to the error stream: the answers must stay alone on the output.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        request = json.loads(line)
        answer = commands[request.pop("do")](**request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
