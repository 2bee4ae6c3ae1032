"""Boxes and time of the packer on 4,288 real orders, against the box counts that came with them.

``python bench/perf/packing.py --data FOLDER [--every N]``. The folder holds ``boxes.csv``,
``items.csv.gz`` and ``expected.csv`` of BoxPacker's test suite (MIT, Doug Wright), whose reference is
that library's own result: once with every item kept as it lies, once freely turned. The reference asks
for no supported base, so the comparison is made without; the portal's own demand is told beside it.
Every packing is checked by ``packing.checking``. Exit code 1: a wrong packing, or more boxes in
total than the reference.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from apps.logistics.packing import Box, Item, pack
from apps.logistics.packing.checking import find_faults
from apps.logistics.packing.choosing import SUPPORT_PERCENT


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the set and how many boxes the reference took: as it lies, and turned freely."""

    key: str
    rows: tuple[tuple[int, int, int, int, int], ...]
    kept: int
    turned: int

    def items(self, *, keep_upright: bool) -> list[Item]:
        """Return its items under keys of their own: the set repeats names."""
        return [
            Item(str(place), *row, keep_upright=keep_upright) for place, row in enumerate(self.rows)
        ]


@dataclass(slots=True)
class Tally:
    """What a run over the orders came to."""

    case: str
    support_percent: int
    boxes: int = 0
    reference: int = 0
    worse: int = 0
    better: int = 0
    faults: list[str] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """Return the totals and the time per order."""
        times = sorted(self.times_ms)
        return {
            "case": self.case,
            "support_percent": self.support_percent,
            "orders": len(times),
            "boxes": self.boxes,
            "reference": self.reference,
            "worse": self.worse,
            "better": self.better,
            "faults": len(self.faults),
            "median_ms": round(times[len(times) // 2], 2),
            "p99_ms": round(times[int(len(times) * 0.99)], 2),
            "max_ms": round(times[-1], 2),
        }


def main() -> int:
    """Run both cases with and without support and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="take every n-th order")
    options = parser.parse_args()
    boxes, orders = read_boxes(options.data), list(read_orders(options.data))[:: options.every]
    results = [
        run(boxes, orders, keep_upright=kept, support_percent=support)
        for kept in (True, False)
        for support in (0, SUPPORT_PERCENT)
    ]
    for result in results:
        print(json.dumps(result.figures()))
    print(json.dumps({"bench": "packing", "load": os.getloadavg()[0]}))
    missed = any(one.boxes > one.reference for one in results if not one.support_percent)
    return int(missed or any(one.faults for one in results))


def read_boxes(folder: Path) -> list[Box]:
    """Return the kinds of boxes of the set."""
    with (folder / "boxes.csv").open(encoding="utf-8") as source:
        rows = [(row[0], *map(int, row[1:])) for row in csv.reader(source)]
    return [
        Box(key, *inner, *outer, tare_g=tare, max_gross_g=gross)
        for key, *outer, tare, a, b, c, gross in rows
        for inner in [(a, b, c)]
    ]


def read_orders(folder: Path) -> Iterator[Order]:
    """Yield the orders in the file's order."""
    with (folder / "expected.csv").open(encoding="utf-8") as source:
        expected = {row[0]: (int(row[1]), int(row[4])) for row in csv.reader(source)}
    found: dict[str, list[tuple[int, int, int, int, int]]] = {}
    with gzip.open(folder / "items.csv.gz", "rt", encoding="utf-8") as source:
        for key, quantity, _name, *numbers in csv.reader(source):
            width, length, depth, weight = map(int, numbers)
            row = (width, length, depth, weight, int(quantity))
            found.setdefault(key, []).append(row)
    for key, rows in found.items():
        yield Order(key, tuple(rows), *expected[key])


def run(
    boxes: list[Box], orders: list[Order], *, keep_upright: bool, support_percent: int
) -> Tally:
    """Pack every order, check the result, and count boxes and time."""
    tally = Tally("kept as it lies" if keep_upright else "turned freely", support_percent)
    for order in orders:
        items = order.items(keep_upright=keep_upright)
        started = time.perf_counter()
        packed = pack(items, boxes, support_percent=support_percent)
        tally.times_ms.append((time.perf_counter() - started) * 1000)
        expected = order.kept if keep_upright else order.turned
        tally.boxes += len(packed)
        tally.reference += expected
        tally.worse += len(packed) > expected
        tally.better += len(packed) < expected
        tally.faults += find_faults(items, packed, support_percent=support_percent)
    return tally


if __name__ == "__main__":
    sys.exit(main())
