"""Lists and search over catalogues of 10,000, 100,000 and 500,000 listings, beside a plain view.

``python bench/perf/catalog_list.py [--sizes 10000,100000,500000] [--seconds S] [--keep]``. Needs
MariaDB on this machine (``DATABASE_URL``, else root without password on port 3306), where it makes
the database ``gsbench_catalog`` and drops it at the end. Every case is called through the whole
WSGI stack of the portal with its production settings; the peer, a Django REST framework
``ModelSerializer`` with ``PageNumberPagination`` and ``title LIKE '%x%'`` over the same table, is
called without any middleware. Times never fail a run; more statements than allowed do.
"""

from __future__ import annotations

import argparse
import base64
import gc
import json
import os
import secrets
import signal
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.perf.rig.server import Server, ServerError, parse_address

DATABASE = "gsbench_catalog"
SIZES = (10_000, 100_000, 500_000)
ROOT = Path(__file__).resolve().parents[2]
_DEFAULT_URL = "mysql://root@127.0.0.1:3306/"
_MAX_CALLS = 200


@dataclass(frozen=True)
class Case:
    """One address that is called over and over; ``limit`` is the most statements it may take."""

    name: str
    call: Callable[[], bytes]
    limit: int | None = None


@dataclass(frozen=True)
class Figure:
    """One case at one size; processor time in ms and database work per call, medians."""

    case: str
    listings: int
    calls: int
    app_ms: float
    db_ms: float | None
    wall_ms: float
    p95_ms: float
    statements: float
    rows_read: float
    rows: int

    @property
    def total_ms(self) -> float | None:
        """Application and database together."""
        return None if self.db_ms is None else self.app_ms + self.db_ms


class Measured(Protocol):
    """A portal with rows that grow and addresses that are called."""

    def grow(self, size: int) -> None:
        """Add rows until there are so many."""

    def cases(self) -> list[Case]:
        """Return what is measured at this size."""


def main() -> int:
    """Measure the lists of the catalogue."""

    def site() -> Measured:
        from bench.perf.rig.catalogue_site import Site

        return Site()

    return measure_site(DATABASE, site, SIZES, __doc__ or "")


def measure_site(
    database: str, site: Callable[[], Measured], sizes: tuple[int, ...], about: str
) -> int:
    """Fill, measure at every size, print, and drop the database; returns the exit code.

    ``site`` is called when the portal's settings are in force.
    """
    options = _read_options(sizes, about)
    url = os.environ.get("DATABASE_URL", "")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        server = Server(parse_address(url if url.startswith(("mysql", "maria")) else _DEFAULT_URL))
    except ServerError as error:
        print(f"{error}\nStart one with: python3 dev.py services", file=sys.stderr)
        return 2
    if server.rows(f"SELECT GET_LOCK('{database}', 0)")[0][0] != 1:
        print("Another run is using this server; wait for its end.", file=sys.stderr)
        return 2
    try:
        server.create(database)
        _start_portal(server, database)
        return _run(server, site(), options, database)
    finally:
        if not options.keep:
            server.drop(database)


def _read_options(sizes: tuple[int, ...], about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, sizes)), help="rows, ascending")
    parser.add_argument("--seconds", type=float, default=0.3, help="time per case and size")
    parser.add_argument("--keep", action="store_true", help="leave the database for a look")
    options = parser.parse_args()
    options.sizes = sorted(int(size) for size in options.sizes.split(","))
    return options


def _run(server: Server, site: Measured, options: argparse.Namespace, database: str) -> int:
    figures: list[Figure] = []
    failures: list[str] = []
    for size in options.sizes:
        start = time.perf_counter()
        site.grow(size)
        print(f"{size} rows after {time.perf_counter() - start:.0f} s", file=sys.stderr)
        for case in site.cases():
            print(f"  {case.name}", file=sys.stderr)
            figure = _measure(server, case, size, options.seconds)
            figures.append(figure)
            if case.limit is not None and figure.statements > case.limit:
                failures.append(f"{case.name}: {figure.statements:g} SQL, limit {case.limit}")
        _keep(figures, database)
    print(as_table(figures, options.sizes))
    for failure in failures:
        print(f"FAILED: {failure}")
    load = os.getloadavg()
    print(f"load {load[0]:.1f}, {os.cpu_count()} processors; written: var/bench/{database}.json")
    return 1 if failures else 0


def _keep(figures: list[Figure], database: str) -> None:
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"load": os.getloadavg(), "figures": [asdict(figure) for figure in figures]}
    (folder / f"{database}.json").write_text(json.dumps(kept, indent=1) + "\n")


def _start_portal(server: Server, database: str) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "globalselling.settings.production",
            "DATABASE_URL": server.address.named(database).url,
            "CELERY_BROKER_URL": "memory://",
            "REDIS_URL": "",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "PERSONAL_DATA_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PORTAL_URL": "https://127.0.0.1",
            "CONN_MAX_AGE": "3600",
        }
    )
    import django

    django.setup()


def _measure(server: Server, case: Case, size: int, seconds: float) -> Figure:
    from django.db import connection

    answer, warmed = b"", time.perf_counter()
    for _ in range(3):
        answer = case.call()
        if time.perf_counter() - warmed > seconds:
            break
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        thread = server.thread_of(int(cursor.fetchone()[0]))
    gc.collect()
    gc.disable()
    calls, walls, apps = 0, [], []
    before, work = _counters(), server.thread_cpu_s(thread)
    end = time.perf_counter() + seconds
    while calls < _MAX_CALLS and (calls < 2 or time.perf_counter() < end):
        wall, cpu = time.perf_counter(), time.process_time()
        case.call()
        apps.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
        calls += 1
    worked = server.thread_cpu_s(thread)
    gc.enable()
    after = _counters()
    db = None if work is None or worked is None else (worked - work) / calls * 1000
    # Reading the counters is one statement; the rows it reads are those of its own table.
    return Figure(
        case=case.name,
        listings=size,
        calls=calls,
        app_ms=statistics.median(apps) * 1000,
        db_ms=db,
        wall_ms=statistics.median(walls) * 1000,
        p95_ms=sorted(walls)[int(len(walls) * 0.95)] * 1000,
        statements=round((after["Com_select"] - before["Com_select"]) / calls, 2),
        rows_read=round((after["rows"] - before["rows"]) / calls, 1),
        rows=_rows_in(answer),
    )


def _counters() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW SESSION STATUS WHERE Variable_name = 'Com_select'"
            " OR Variable_name LIKE 'Handler_read%'"
        )
        found: dict[str, int] = {name: int(value) for name, value in cursor.fetchall()}
    rows = sum(value for name, value in found.items() if name.startswith("Handler_read"))
    return {"Com_select": found["Com_select"], "rows": rows}


def _rows_in(answer: bytes) -> int:
    if answer[:1] == b"{":
        told: dict[str, Any] = json.loads(answer)
        return len(told.get("items", told.get("results", [])))
    return answer.count(b'<th scope="row"') + answer.count(b'role="option"')


def as_table(figures: list[Figure], sizes: list[int]) -> str:
    """Return the figures as a table: a line per case, its cost at each size and the growth."""
    lines = [
        "| case | rows | SQL | app + db ms at "
        + ", ".join(f"{size:,}" for size in sizes)
        + " | growth | rows read |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(figure.case for figure in figures):
        found = [figure for figure in figures if figure.case == name]
        parts = [
            f"{figure.app_ms:.2f} + " + ("n/a" if figure.db_ms is None else f"{figure.db_ms:.2f}")
            for figure in found
        ]
        first, last = found[0].total_ms, found[-1].total_ms
        growth = f"{last / first:.2f} ×" if first and last else "n/a"
        read = ", ".join(f"{figure.rows_read:,.0f}" for figure in found)
        shown = found[-1]
        lines.append(
            f"| {name} | {shown.rows} | {shown.statements:g} | {', '.join(parts)} | {growth}"
            f" | {read} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
