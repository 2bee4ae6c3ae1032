"""What is measured per round, and how rounds become one figure."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.perf.rig.process import Contestant
    from bench.perf.rig.server import Server

# Statements of others on the server, as a share of all, above which its process is not ours alone.
QUIET = 0.02
_BLOCK = b"\0" * 4096


@dataclass(frozen=True, slots=True)
class Spread:
    """Median of the rounds with the lowest and highest round."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one case, per order; times in ms, None where it could not be read."""

    orders: int
    orders_per_s: float
    app_ms: float
    thread_ms: float | None
    server_ms: float | None
    statements: float
    work_statements: float
    commits: float
    fsyncs: float
    foreign_share: float
    p99_ms: float

    @property
    def work_ms(self) -> float | None:
        """Processor time of the application and of its own database thread."""
        return None if self.thread_ms is None else self.app_ms + self.thread_ms

    @property
    def whole_ms(self) -> float | None:
        """The same with the whole database process: its background threads, and any neighbour."""
        return None if self.server_ms is None else self.app_ms + self.server_ms


def spread(values: Iterable[float | None]) -> Spread | None:
    """Return median, lowest and highest; None when any round has no value."""
    found = list(values)
    known = [value for value in found if value is not None]
    if not known or len(known) < len(found):
        return None
    return Spread(statistics.median(known), min(known), max(known))


def take_sample(
    server: Server,
    runner: Contestant,
    case: str,
    *,
    orders: int,
    thread: int | None,
    seconds: float,
) -> Sample:
    """Run one round of a case and return its figures per order.

    What the contestant prepares (requests, filled baskets) is outside every figure.
    """
    runner.ask("prepare", case=case, orders=orders, seconds=seconds)
    before, cpu, own = server.global_counters(), server.cpu_s(), server.thread_cpu_s(thread)
    answer = runner.ask("run", seconds=seconds)
    own_after, cpu_after = server.thread_cpu_s(thread), server.cpu_s()
    after = server.global_counters()
    counts = answer["counts"]
    # The closing SHOW of the administrator and the two of the contestant are not the orders'.
    everything = after["Questions"] - before["Questions"] - 3
    latencies = answer["latencies_s"]
    return Sample(
        orders=orders,
        orders_per_s=orders / answer["wall_s"],
        app_ms=answer["app_cpu_s"] / orders * 1000,
        thread_ms=_per_order(own, own_after, orders),
        server_ms=_per_order(cpu, cpu_after, orders),
        statements=counts["Questions"] / orders,
        work_statements=(counts["Questions"] - counts["Com_set_option"] - counts["Com_commit"])
        / orders,
        commits=counts["Com_commit"] / orders,
        fsyncs=(after["Innodb_data_fsyncs"] - before["Innodb_data_fsyncs"]) / orders,
        foreign_share=max(0.0, 1 - counts["Questions"] / max(1, everything)),
        p99_ms=latencies[min(len(latencies) - 1, int(len(latencies) * 0.99))] * 1000,
    )


def fsyncs_per_s(folder: Path, *, seconds: float = 1.0) -> float:
    """Return how many 4 KiB writes with ``fdatasync`` the disk of ``folder`` does per second."""
    path = folder / "fdatasync.probe"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    count, start = 0, time.perf_counter()
    try:
        while time.perf_counter() - start < seconds:
            os.pwrite(handle, _BLOCK, count % 256 * len(_BLOCK))
            os.fdatasync(handle)
            count += 1
        return count / (time.perf_counter() - start)
    finally:
        os.close(handle)
        path.unlink()


def _per_order(before: float | None, after: float | None, orders: int) -> float | None:
    if before is None or after is None:
        return None
    return (after - before) / orders * 1000
