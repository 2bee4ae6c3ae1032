"""One SKU, many buyers: one guarded row, sixteen buckets, and the allocator, side by side.

``python3 dev.py bench flash [--rounds N] [--seconds S] [--clients N] [--shim PATH]``. Starts a
MariaDB of its own with the binary log on (``sync_binlog=1``), once as the disk is and once with a
millisecond more per sync, and ends it. A reservation is what intake does to stock: the guarded update
and its posting in one durable transaction, by the portal's own code. ``--shim`` names another library
that slows syncs by ``EXTRA_SYNC_US`` or ``SLOWSYNC_US``; else ours is compiled (needs a C compiler).
Exit code 1: a unit is unaccounted for. Times never fail a run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.perf.flash_rig.work import ALLOCATOR, BUCKETS, CASES, PLAIN
from bench.perf.rig.meter import fsyncs_per_s
from devtools.machine import ROOT, need_debian
from devtools.services.daemon import Daemon
from devtools.services.mariadb import PACKAGES, MariaDB

EXTRA_US = 1000
# Measured with a bare driver and no framework, binary log on, 32 clients (design figures).
TO_BEAT = {PLAIN: (352, None), BUCKETS: (2018, 50), ALLOCATOR: (2787, 25)}
_SOURCE = ROOT / "bench" / "perf" / "flash_rig" / "slow_fsync.c"
_COLUMNS = ("per_s", "p50_ms", "p99_ms", "retries")
Rows = dict[tuple[str, str], list[dict[str, Any]]]


def main() -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--shim", type=Path, help="a compiled library that slows syncs")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    need_debian(PACKAGES, why="The measurement starts a MariaDB of its own")
    server = MariaDB()
    server.daemon = Daemon("mariadb-flash", user="mysql", port=33406)
    server.daemon.make_folder()
    shim = _shim(server.daemon, options.shim)
    rows: Rows = {}
    try:
        with _serving(server, None):
            _make_world(server)
        for number in range(options.rounds):
            for disk, library in (("as it is", None), ("1 ms more", shim)):
                if disk != "as it is" and library is None:
                    continue
                with _serving(server, library):
                    for case in CASES if number % 2 == 0 else reversed(CASES):
                        result = _run(server, case, options.clients, options.seconds)
                        rows.setdefault((disk, case), []).append(result)
    finally:
        server.stop()
        shutil.rmtree(server.daemon.folder)
    return _report(rows, options)


@contextmanager
def _serving(server: MariaDB, library: Path | None) -> Iterator[None]:
    slow = {"LD_PRELOAD": str(library), "EXTRA_SYNC_US": str(EXTRA_US)} if library else {}
    slow |= {"SLOWSYNC_US": str(EXTRA_US)} if library else {}
    os.environ.update(slow)
    try:
        server.start()
    finally:
        for name in slow:
            del os.environ[name]
    try:
        yield
    finally:
        server.stop()


def _shim(daemon: Daemon, given: Path | None) -> Path | None:
    """Return a library the server's user can read, or None when there is no compiler."""
    made = daemon.folder / "slow_fsync.so"
    if given is not None:
        shutil.copy(given, made)
    elif compiler := shutil.which("cc") or shutil.which("gcc"):
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)
    else:
        print("No C compiler: only the disk as it is can be measured.", file=sys.stderr)
        return None
    daemon.give(made, mode=0o755)
    return made


def _environment(server: MariaDB) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": server.url(), "DEBUG": "false", "LOG_LEVEL": "ERROR"}


def _python(server: MariaDB, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=_environment(server),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _make_world(server: MariaDB) -> None:
    _python(server, "manage.py", "migrate", "--verbosity", "0")
    _python(server, "manage.py", *("rehearse_flash_sale", "--stage", "make", "--units", "50000000"))


def _run(server: MariaDB, case: str, clients: int, seconds: float) -> dict[str, Any]:
    told = _python(server, "-m", "bench.perf.flash_rig.work", case, str(clients), str(seconds))
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return {**found, "load": os.getloadavg()[0]}


def _report(rows: Rows, options: argparse.Namespace) -> int:
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    fsyncs = fsyncs_per_s(folder)
    print(f"{options.clients} clients, {options.rounds} rounds of {options.seconds:g} s, one SKU")
    print(f"disk as it is: {fsyncs:,.0f} fdatasync/s; {os.cpu_count()} processors")
    for (disk, case), found in rows.items():
        parts = []
        for column in (*_COLUMNS, "load"):
            values = [item[column] for item in found]
            middle = statistics.median(values)
            parts.append(f"{column} {middle:.1f} [{min(values):.1f}-{max(values):.1f}]")
        print(f"{disk:10} {case:10}", "  ".join(parts))
        rate, limit = TO_BEAT[case]
        if disk != "as it is":
            within = f", p99 <= {limit} ms" if limit else ""
            print(f"{'':21} to beat: {rate}/s{within}")
    plain = {"rounds": {f"{disk}/{case}": found for (disk, case), found in rows.items()}}
    (folder / "flash.json").write_text(json.dumps(plain, indent=1) + "\n")
    wrong = [key for key, found in rows.items() if not all(item["exact"] for item in found)]
    for disk, case in wrong:
        print(f"FAILED: {case} with the disk {disk}: reservations and stock differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
