"""Bulk import side by side in one run: our importer, a raw driver writing the same rows, Oscar's.

``python bench/perf/bulk.py [--rows 10000,100000] [--kinds products,prices,stock]
[--oscar-rows 1000] [--no-oscar] [--keep]``. Needs MariaDB on this machine (``DATABASE_URL``, else
root without password on port 3306), where it makes the databases ``gsbulk_*`` and drops them at the
end. A whole row goes through three sheets – product and variant, price in a market, stock at a
place – and is checked before it is applied.
Figures are reported, never asserted: they depend on the machine and on its neighbours.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.perf.bulk_rig import floor
from bench.perf.rig.meter import fsyncs_per_s
from bench.perf.rig.peers import install_oscar
from bench.perf.rig.process import Contestant
from bench.perf.rig.server import Server, parse_address

ROOT = Path(__file__).resolve().parents[2]
OURS, FLOOR, OSCAR = "gsbulk_ours", "gsbulk_floor", "gsbulk_oscar"
KINDS = ("products", "prices", "stock")
SECONDS = 900
Facts = dict[str, float]


def main() -> int:
    """Run the benchmark and print what was measured."""
    options = _read_options()
    url = os.environ.get("DATABASE_URL", "")
    default = "mysql://root@127.0.0.1:3306/"
    server = Server(parse_address(url if url.startswith(("mysql", "maria")) else default))
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    try:
        result = _run(server, folder, options)
    finally:
        for name in () if options.keep else (OURS, FLOOR, OSCAR):
            server.drop(name)
    fsyncs = fsyncs_per_s(folder)
    print(
        f"MariaDB {server.settings().get('version')}, {os.cpu_count()} processors, load {load:.1f}"
        f" before and {os.getloadavg()[0]:.1f} after, {fsyncs:,.0f} fdatasync/s"
    )
    (folder / "bulk.json").write_text(json.dumps(result, indent=1) + "\n")
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default="10000,100000", help="sizes of our sheets")
    parser.add_argument("--kinds", default=",".join(KINDS), help="sheets, in this order")
    parser.add_argument("--oscar-rows", type=int, default=1000, help="rows of the peer's file")
    parser.add_argument("--no-oscar", action="store_true", help="leave the peer out")
    parser.add_argument("--keep", action="store_true", help="leave the databases for a look")
    options = parser.parse_args()
    options.rows = [int(size) for size in options.rows.split(",")]
    options.kinds = options.kinds.split(",")
    return options


def _run(server: Server, folder: Path, options: argparse.Namespace) -> dict[str, Facts]:
    result: dict[str, Facts] = {}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(_ours(server, folder))
        server.create(FLOOR)
        floor.prepare(server, OURS, FLOOR)
        ours.ask("run", seconds=SECONDS, kind="products", tag="W", count=500, folder=str(folder))
        for size in options.rows:
            _race(server, ours, folder, size, result, options.kinds)
        facts = ours.ask(
            "run",
            seconds=SECONDS,
            kind="products",
            tag="X",
            count=options.rows[-1],
            folder=str(folder),
            form="xlsx",
        )
        _note(result, f"ours: products, {options.rows[-1]:,} rows, xlsx", options.rows[-1], facts)
        print(f"the process that reads the workbook held {facts['reader_mib']:.0f} MiB at most")
        if not options.no_oscar:
            _race_oscar(server, folder, options.oscar_rows, result)
    return result


def _race(
    server: Server,
    ours: Contestant,
    folder: Path,
    size: int,
    result: dict[str, Facts],
    kinds: list[str],
) -> None:
    wall = 0.0
    tag = f"R{size}"
    floor.write_again(server, OURS, FLOOR)
    for kind in kinds:
        facts = ours.ask("run", seconds=SECONDS, kind=kind, tag=tag, count=size, folder=str(folder))
        wall += _note(result, f"ours: {kind}, {size:,} rows", size, facts)
    floor_wall, floor_cpu, rows = floor.write_again(server, OURS, FLOOR)
    print(
        f"whole rows, {size:,}: ours {size / wall:,.0f}/s; floor {size / floor_wall:,.0f}/s"
        f" ({rows / size:.2f} table rows each); ours takes {wall / floor_wall:.1f} times as long"
    )
    result[f"whole {size}"] = {
        "ours_s": wall,
        "floor_s": floor_wall,
        "floor_cpu_s": floor_cpu,
        "table_rows": rows,
    }


def _note(result: dict[str, Facts], title: str, size: int, facts: Facts) -> float:
    wall = facts["read_s"] + facts["check_s"] + facts["apply_s"]
    print(
        f"{title}: {size / wall:,.0f} rows/s in all; read {size / facts['read_s']:,.0f}, check "
        f"{size / facts['check_s']:,.0f}, apply {size / facts['apply_s']:,.0f} rows/s; app "
        f"{facts['cpu_s'] / size * 1000:.3f} ms and {facts['statements'] / size:.4f} statements a "
        f"row; memory +{facts['grown_mib']:.0f} MiB"
    )
    result[title] = facts
    return wall


def _race_oscar(server: Server, folder: Path, size: int, result: dict[str, Facts]) -> None:
    python = install_oscar(folder / "oscar")
    server.create(OSCAR)
    address = server.address
    env = {
        "OSCAR_DB_NAME": OSCAR,
        "OSCAR_DB_USER": address.user,
        "OSCAR_DB_PASSWORD": address.password,
        "OSCAR_DB_HOST": address.host,
        "OSCAR_DB_PORT": str(address.port),
    }
    script = str(ROOT / "bench" / "perf" / "oscar" / "importer.py")
    log = folder / "bulk-oscar.log"
    with Contestant("oscar", [str(python), script], env=env, log=log, cwd=ROOT) as oscar:
        oscar.ask("setup", seconds=SECONDS)
        facts = oscar.ask("run", seconds=SECONDS, tag="O", count=size, folder=str(folder))
    result["oscar"] = facts
    print(
        f"oscar CatalogueImporter, {size:,} rows: {size / facts['wall_s']:,.0f} rows/s; app "
        f"{facts['cpu_s'] / size * 1000:.2f} ms and {facts['statements'] / size:.1f} statements a "
        f"row; memory +{facts['grown_mib']:.0f} MiB"
    )


@contextlib.contextmanager
def _ours(server: Server, folder: Path) -> Iterator[Contestant]:
    server.create(OURS)
    env = {
        "DJANGO_SETTINGS_MODULE": "globalselling.settings.production",
        "DATABASE_URL": server.address.named(OURS).url,
        "CELERY_BROKER_URL": "memory://",
        "REDIS_URL": "",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORTAL_URL": "https://127.0.0.1",
        "CONN_MAX_AGE": "3600",
        "MEDIA_ROOT": str(folder / "media"),
    }
    script = str(ROOT / "bench" / "perf" / "bulk_rig" / "ours.py")
    log = folder / "bulk-ours.log"
    with Contestant("ours", [sys.executable, script], env=env, log=log, cwd=ROOT) as ours:
        ours.ask("setup", seconds=SECONDS)
        yield ours


if __name__ == "__main__":
    sys.exit(main())
