"""Order intake side by side in one run: our service, a raw driver writing the same rows, Oscar.

``python bench/perf/intake.py [--rounds N] [--quick] [--peers oscar,floor] [--keep]``. Needs MariaDB
on this machine (``DATABASE_URL``, else root without password on port 3306), where it makes the
databases ``gsbench_*`` and drops them at the end. Exit code 1: the floor wrote other rows than
ours, an asserted statement count was exceeded, or a peer that was asked for could not be measured.
Times never fail a run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.perf.rig import race as racing
from bench.perf.rig.meter import fsyncs_per_s
from bench.perf.rig.peers import OSCAR, PeerError
from bench.perf.rig.process import ContestantError
from bench.perf.rig.race import FLOOR, FULL, OURS, QUICK, Race
from bench.perf.rig.report import as_json, as_text, find_entry, list_goals
from bench.perf.rig.server import Server, ServerError, parse_address

PEERS = ("floor", "oscar")
_DEFAULT_URL = "mysql://root@127.0.0.1:3306/"
_LOCK = "gsbench"


def main() -> int:
    """Run the benchmark and return the exit code."""
    options = _read_options()
    url = os.environ.get("DATABASE_URL", "")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        server = Server(parse_address(url if url.startswith(("mysql", "maria")) else _DEFAULT_URL))
    except ServerError as error:
        print(f"{error}\nStart one with: python3 dev.py services", file=sys.stderr)
        return 2
    if server.rows(f"SELECT GET_LOCK('{_LOCK}', 0)")[0][0] != 1:
        print("Another run is using this server; wait for its end.", file=sys.stderr)
        return 2
    try:
        return _run(server, options)
    except ContestantError as error:
        print(f"The run stopped: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.keep:
            for database in (OURS, FLOOR, racing.OSCAR):
                server.drop(database)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, help="rounds of every case, at least 5")
    parser.add_argument("--quick", action="store_true", help="fewer orders, under 90 seconds")
    parser.add_argument("--peers", default=",".join(PEERS), help="of: floor,oscar")
    parser.add_argument("--keep", action="store_true", help="leave the databases for a look")
    options = parser.parse_args()
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := set(options.peers) - set(PEERS):
        parser.error(f"unknown peer: {', '.join(sorted(unknown))}")
    if options.rounds is not None and options.rounds < 5:
        parser.error("a median of fewer than 5 rounds says little")
    return options


def _run(server: Server, options: argparse.Namespace) -> int:
    sizes = QUICK if options.quick else FULL
    if options.rounds:
        sizes = racing.with_rounds(sizes, options.rounds)
    folder = racing.ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    race = Race(server, sizes, folder)
    load, start = os.getloadavg(), time.monotonic()
    failures = _race(race, options.peers)
    facts = _facts(race, load, time.monotonic() - start)
    failures += row_differences(race) + [
        f"goal missed: {goal.text} is {goal.measured:.2f}, limit {goal.limit:g}"
        for goal in list_goals(race)
        if goal.is_asserted and goal.measured is not None and not goal.is_met
    ]
    print(as_text(race, facts) if race.samples else "nothing was measured")
    for failure in failures:
        print(f"FAILED: {failure}")
    path = folder / "intake.json"
    path.write_text(json.dumps(as_json(race, facts, failures), indent=1) + "\n")
    print(f"written: {path.relative_to(racing.ROOT)}")
    return 1 if failures else 0


def _race(race: Race, peers: list[str]) -> list[str]:
    """Set up, run all rounds, end every process; returns what could not be measured."""
    failures = []
    starts = {"floor": racing.start_floor, "oscar": racing.start_oscar}
    with contextlib.ExitStack() as stack:
        stack.enter_context(racing.start_ours(race))
        for name in peers:
            try:
                stack.enter_context(starts[name](race))
            except (PeerError, ContestantError, ValueError) as error:
                failures.append(f"{name} was not measured: {error}")
        race.run_rounds()
    return failures


def row_differences(race: Race) -> list[str]:
    """Compare rows written per order, table by table: a ratio to a floor that did less is void."""
    found = [
        f"{table} grew by {rows} rows that the floor does not write"
        for table, rows in race.surprises.items()
    ]
    for case in (racing.SINGLE, racing.BATCH):
        ours, floor = find_entry(race, "ours", case), find_entry(race, "floor", case)
        if ours is None or floor is None:
            continue
        for table, rows in race.written[ours].items():
            other = race.written[floor][table]
            if abs(rows - other) > 1e-9:
                found.append(f"{case}: {table} got {rows:g} rows from ours, {other:g} from floor")
    return found


def _facts(race: Race, load: tuple[float, float, float], seconds: float) -> dict[str, object]:
    settings = race.server.settings()
    durability = ", ".join(
        f"{name} {settings.get(name, 'n/a')}"
        for name in ("innodb_flush_log_at_trx_commit", "innodb_flush_method", "log_bin")
    )
    pool = int(settings.get("innodb_buffer_pool_size", "0")) >> 20
    fsyncs = fsyncs_per_s(race.work_folder)
    now = os.getloadavg()
    return {
        "server": f"MariaDB {settings.get('version')}, {durability}, pool {pool} MiB, loopback TCP",
        "disk": f"4 KiB write + fdatasync {fsyncs:,.0f}/s, {1000 / fsyncs:.3f} ms each",
        "load average": f"{load[0]:.2f} before, {now[0]:.2f} after, {os.cpu_count()} processors",
        "interpreter": f"Python {sys.version.split()[0]}; peer {OSCAR} on the same, same driver",
        "rounds": f"{race.sizes.rounds} interleaved, {seconds:.0f} s in all",
    }


if __name__ == "__main__":
    sys.exit(main())
