"""Order intake over HTTP: the partner API, and a bare view that writes the same rows, in one run.

``python bench/perf/intake_http.py [--rounds N] [--orders N]``. Both are served by the same server
(granian, two workers) on the loopback and asked by the same client over eight connections that stay
open, each order with a key of its own. Processor time of all processes of the server and of the
database threads that serve them is divided by the orders; the client's is not counted. Needs
MariaDB as ``bench/perf/intake.py`` does. Exit code 1: an order was not accepted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import aiohttp

from bench.perf.rig import race as racing
from bench.perf.rig.race import FLOOR, OURS, QUICK, ROOT, Race
from bench.perf.rig.server import Server, ServerError, parse_address

CLIENTS = 8
_DEFAULT_URL = "mysql://root@127.0.0.1:3306/"
_TICKS = os.sysconf("SC_CLK_TCK")
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_Round = dict[str, float]


@dataclass(frozen=True, slots=True)
class Door:
    """A server that listens: its address, its process, its database, and what to send it."""

    name: str
    url: str
    pid: int
    database: str
    headers: Mapping[str, str]


def main() -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=800, help="orders of one round")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    url = os.environ.get("DATABASE_URL", "")
    try:
        server = Server(parse_address(url if url.startswith(("mysql", "maria")) else _DEFAULT_URL))
    except ServerError as error:
        print(f"{error}\nStart one with: python3 dev.py services", file=sys.stderr)
        return 2
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        rounds = _run(Race(server, QUICK, folder), options.rounds, options.orders)
    finally:
        for database in (OURS, FLOOR):
            server.drop(database)
    return _report(rounds, folder)


def _run(race: Race, rounds: int, orders: int) -> dict[str, list[_Round]]:
    found: dict[str, list[_Round]] = {}
    with ExitStack() as stack:
        ours = stack.enter_context(racing.start_ours(race))
        stack.enter_context(racing.start_floor(race))
        wanted = (rounds + 1) * orders
        answer = ours.contestant.ask("open_door", seconds=60, first=1_000_000, orders=wanted)
        bodies = [json.dumps(body).encode() for body in answer["bodies"]]
        doors = [
            stack.enter_context(_serve_api(race, answer["secret"])),
            stack.enter_context(_serve_bare(race)),
        ]
        for number in range(rounds + 1):
            share = bodies[number * orders : (number + 1) * orders]
            for door in doors if number % 2 else reversed(doors):
                result = _measure(race.server, door, share)
                if number:  # the first round warms
                    found.setdefault(door.name, []).append(result)
    return found


@contextmanager
def _serve_api(race: Race, secret: str) -> Iterator[Door]:
    env = {**race.environment, "SECURE_SSL_REDIRECT": "0"}
    argv = ["--interface", "asginl", "globalselling.asgi:application"]
    with _serving(race, argv, env) as (port, pid):
        url = f"http://127.0.0.1:{port}/api/v1/orders"
        headers = {"Authorization": f"Bearer {secret}", "X-Forwarded-Proto": "https"}
        yield Door("api", url, pid, OURS, headers)


@contextmanager
def _serve_bare(race: Race) -> Iterator[Door]:
    url = race.server.address.named(FLOOR).url
    env = {"BARE_URL": url, "BARE_PLANS": str(race.plans_path)}
    argv = ["--interface", "wsgi", "bench.perf.rig.bare:application"]
    with _serving(race, argv, env) as (port, pid):
        yield Door("bare", f"http://127.0.0.1:{port}/", pid, FLOOR, {})


@contextmanager
def _serving(race: Race, argv: Sequence[str], env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(port)]
    with (race.work_folder / "intake_http.log").open("a") as log:
        process = subprocess.Popen(
            [*command, "--workers", "2", "--no-ws", *argv],
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start; see var/bench/intake_http.log")


def _measure(server: Server, door: Door, bodies: Sequence[bytes]) -> _Round:
    # A connection's thread lives as long as it does: those that serve later rounds are known now.
    app, threads = _tree_cpu_s(door.pid), _threads_cpu_s(server, door.database)
    began = time.perf_counter()
    latencies, refused = asyncio.run(_send(door, bodies))
    wall = time.perf_counter() - began
    app = _tree_cpu_s(door.pid) - app
    after = _threads_cpu_s(server, door.database)
    db = sum(spent - threads.get(thread, 0.0) for thread, spent in after.items())
    latencies.sort()
    count = len(bodies)
    return {
        "orders_per_s": count / wall,
        "app_ms": app / count * 1000,
        "db_ms": db / count * 1000,
        "p50_ms": latencies[count // 2] * 1000,
        "p99_ms": latencies[int(count * 0.99)] * 1000,
        "refused": float(refused),
    }


async def _send(door: Door, bodies: Sequence[bytes]) -> tuple[list[float], int]:
    waiting = list(enumerate(bodies))
    latencies: list[float] = []
    refused = 0

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal refused
        while waiting:
            number, body = waiting.pop()
            key = f"{door.name}-{time.time_ns()}-{number}"
            headers = {**door.headers, "Idempotency-Key": key, "Content-Type": "application/json"}
            began = time.perf_counter()
            async with session.post(door.url, data=body, headers=headers) as response:
                text = await response.text()
            latencies.append(time.perf_counter() - began)
            if response.status != 201:
                refused += 1
                print(f"{door.name}: {response.status} {text[:300]}", file=sys.stderr)

    connector = aiohttp.TCPConnector(limit=CLIENTS)
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
        await asyncio.gather(*(work(session) for _ in range(CLIENTS)))
    return latencies, refused


def _tree_cpu_s(pid: int) -> float:
    """Return the processor seconds of a process and its children (10 ms steps)."""
    total = 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
        for task in Path(f"/proc/{one}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return total / _TICKS


def _threads_cpu_s(server: Server, database: str) -> dict[int, float]:
    rows = server.rows(f"SELECT TID FROM information_schema.PROCESSLIST WHERE DB = '{database}'")
    found = {int(str(tid)): server.thread_cpu_s(int(str(tid))) for (tid,) in rows}
    return {thread: spent for thread, spent in found.items() if spent is not None}


def _report(rounds: Mapping[str, Sequence[_Round]], folder: Path) -> int:
    for name, found in rounds.items():
        parts = []
        for column in ("orders_per_s", "app_ms", "db_ms", "p50_ms", "p99_ms"):
            values = [item[column] for item in found]
            parts.append(f"{column} {median(values):.2f} [{min(values):.2f}-{max(values):.2f}]")
        print(f"{name:5}", "  ".join(parts))
    cost = {
        name: median([r["app_ms"] + r["db_ms"] for r in found]) for name, found in rounds.items()
    }
    api = rounds["api"]
    goals = [
        ("app + db ms per order", "<= 3", cost["api"], cost["api"] <= 3),
        (
            "times the bare view",
            "<= 2.5",
            cost["api"] / cost["bare"],
            cost["api"] <= 2.5 * cost["bare"],
        ),
        ("orders per second", ">= 500", median([r["orders_per_s"] for r in api]), None),
        ("p99 ms with 8 clients", "<= 50", median([r["p99_ms"] for r in api]), None),
    ]
    for text, limit, value, _met in goals:
        print(f"goal {text:24} {limit:8} {value:8.2f}")
    refused = sum(item["refused"] for found in rounds.values() for item in found)
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors")
    (folder / "intake_http.json").write_text(json.dumps(rounds, indent=1) + "\n")
    if refused:
        print(f"FAILED: {refused:.0f} orders were not accepted")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
