"""The fault rig: real servers and processes, killed at random while orders come in, then judged.

``python -m tests.faults.rig --seconds 300 --seed 7`` prints what it did, the verdict, and the seed.
Loopback only; it ends by itself and kills only what it started.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.clients import Client, Ledger, Shop
from tests.faults.processes import ROOT, Processes
from tests.faults.servers import DATABASE, Servers
from tests.faults.sink import Sink

CLIENTS = 6
# Until then the portal must catch up by its own pauses; later, long pauses are cut short.
HURRY_AFTER_S = 45.0
END_STATES = {"completed", "cancelled"}


@dataclass(slots=True)
class Result:
    """What a run did and what was found; ``failures`` is empty when every guarantee held."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class Rig:
    """One run."""

    def __init__(
        self, *, seed: int, seconds: float, only: Sequence[str] = (), rate: float = 12.0
    ) -> None:
        """Prepare servers, environment and faults; nothing runs yet."""
        self._result = Result(seed)
        self._seconds = seconds
        self._chance = random.Random(seed)
        self._servers = Servers()
        self._sink = Sink(seed)
        self._port = _free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
        self._only = set(only)
        self._pause_s = CLIENTS / rate
        self._ledger = Ledger()

    def run(self) -> Result:
        """Start everything, shake it, wait for quiet, judge, and stop everything."""
        self._servers.start()
        try:
            self._run()
        finally:
            self._servers.stop()
        return self._result

    def _run(self) -> None:
        self._env = self._environment()
        self._new_database()
        self._sink.start()
        prepared = self._world("prepare", self._sink.url)
        processes = Processes(self._env, self._folder / "log", port=self._port)
        processes.start()
        try:
            _wait_for_port(self._port)
            self._shake(processes, prepared)
            waited = self._wait_for_quiet()
        finally:
            processes.stop()
            self._sink.stop()
        self._judge(prepared, waited)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self._servers.environment(),
            "DJANGO_SETTINGS_MODULE": "globalselling.settings.dev",
            "DEBUG": "false",
            "VAR_DIR": str(self._folder),
            "ALLOW_PRIVATE_WEBHOOKS": "true",
            "PARTNER_CALLS_PER_MINUTE": "1000000",
            "PYTHONUNBUFFERED": "1",
            "LOG_LEVEL": "WARNING",
        }

    def _new_database(self) -> None:
        statement = (
            "from django.db import connection as c;"
            "c.settings_dict['NAME'] = None; k = c.cursor();"
            f"k.execute('DROP DATABASE IF EXISTS {DATABASE}');"
            f"k.execute('CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')"
        )
        self._python("manage.py", "shell", "-v", "0", "-c", statement)
        self._python("-m", "devtools.from_models")

    def _python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _world(self, *arguments: str) -> Any:
        return json.loads(
            self._python("-m", "tests.faults.world", *arguments).strip().splitlines()[-1]
        )

    def _shake(self, processes: Processes, prepared: dict[str, Any]) -> None:
        shop = Shop(self._port, prepared["token"], tuple(prepared["skus"]), order_body)
        ends_at = time.monotonic() + self._seconds
        clients = [
            Client(
                n,
                shop,
                self._ledger,
                seed=self._result.seed,
                pause_s=self._pause_s,
                ends_at=ends_at,
            )
            for n in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        faults = {
            name: act
            for name, act in self._faults(processes).items()
            if not self._only or name in self._only
        }
        deck: list[str] = []
        while time.monotonic() < ends_at - 3:
            time.sleep(1.0 + self._chance.random() * 2.5)
            if not deck:
                deck = sorted(faults)
                self._chance.shuffle(deck)
            name = deck.pop()
            faults[name]()
            self._result.faults[name] += 1
        for client in clients:
            client.join()
        self._sink.is_faulty = False

    def _faults(self, processes: Processes) -> dict[str, Callable[[], None]]:
        return {
            "web killed": lambda: processes.kill("web"),
            "web worker killed": lambda: processes.kill_child("web", self._chance.randrange(8)),
            "worker killed": lambda: processes.kill("worker"),
            "pool process killed": lambda: processes.kill_child(
                "worker", self._chance.randrange(8)
            ),
            "relay killed": lambda: processes.kill("relay"),
            "dispatcher killed": lambda: processes.kill("webhooks"),
            "rabbitmq killed": self._servers.kill_rabbitmq,
            "redis killed": self._servers.kill_redis,
            "mariadb killed": self._servers.kill_mariadb,
            "mariadb frozen": self._servers.freeze_mariadb,
        }

    def _wait_for_quiet(self, patience_s: float = 180.0) -> float:
        """Wait until nothing is open; fail when for ``patience_s`` nothing gets less."""
        began = moved = time.monotonic()
        fewest: int | None = None
        while time.monotonic() - moved < patience_s:
            found = sum(self._world("open").values())
            if not found:
                return time.monotonic() - began
            if fewest is None or found < fewest:
                fewest, moved = found, time.monotonic()
            if time.monotonic() - began > HURRY_AFTER_S:
                self._world("hurry")
            time.sleep(3)
        still = self._world("open")
        self._result.failures.append(f"nothing got less for {patience_s:.0f} s: {still}")
        return time.monotonic() - began

    def _judge(self, prepared: dict[str, Any], waited: float) -> None:
        facts = self._world("judge")
        orders, keys, ledger = facts["orders"], facts["keys"], self._ledger
        checks = {
            "every accepted order exists, once, under its key": all(
                keys.get(key) == ident and ident in orders for key, ident in ledger.accepted.items()
            )
            and len(set(ledger.accepted.values())) == len(ledger.accepted),
            "no order without a request": set(orders) == set(keys.values())
            and all(key in ledger.accepted or key in ledger.unknown for key in keys),
            "every order ended": set(orders.values()) <= END_STATES,
            "every order completed once": facts["order_steps"] <= 1,
            "stock is exact": facts["stock_exact"] and not facts["wrong_balances"],
            "the ledger sums to zero": not any(facts["ledger"].values())
            and not facts["unbalanced"],
            "the journal's chain holds": not facts["chain_faults"],
            "no dead letter": not facts["dead_letters"],
            "no webhook lost": set(facts["completed_events"]) == set(facts["webhooks"])
            and set(facts["webhooks"]) <= set(self._sink.received),
            "repeats got the same answer": not ledger.contradictions,
            "something was really accepted": len(ledger.accepted) > 10,
        }
        self._result.failures += [name for name, holds in checks.items() if not holds]
        self._result.failures += ledger.contradictions[:3]
        twice = sum(count - 1 for count in self._sink.received.values() if count > 1)
        self._result.figures = {
            "accepted": len(ledger.accepted),
            "refused": len(ledger.refused),
            "unanswered": len(ledger.unknown),
            "http_attempts": ledger.attempts,
            "replayed_answers": ledger.replays,
            "journal_entries": facts["entries"],
            "republished": facts["republished"],
            "webhooks": len(facts["webhooks"]),
            "webhooks_received_twice": twice,
            "quiet_after_s": round(waited, 1),
            "checks": list(checks),
        }


def order_body(reference: str, lines: list[tuple[str, int]]) -> dict[str, object]:
    """Return the body of an order as the partner API takes it, of a buyer of its own.

    Equal orders of one buyer within minutes are held as possible duplicates and would never end.
    """
    return {
        "external_ref": reference,
        "market": "DE",
        "placed_at": "2026-11-25T09:00:00Z",
        "buyer": {
            "name": "Jonas Weber",
            "country": "DE",
            "street": "Sonnenallee 214",
            "city": "Berlin",
            "postal_code": "12059",
            "email": f"{reference.lower()}@example.de",
        },
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_port(port: int, limit_s: float = 60) -> None:
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the portal does not answer")


def _with_servers_of_its_own() -> None:
    """Start again with a data folder of our own: servers that others use are not killed."""
    wanted = str(ROOT / "var" / "faults")
    if os.environ.get("VAR_DIR") != wanted:
        command = [sys.executable, "-m", "tests.faults.rig", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "VAR_DIR": wanted})


def main() -> None:
    """Run from the command line; exit 1 when a guarantee did not hold."""
    _with_servers_of_its_own()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", nargs="*", default=[], help="Names of the faults to deal")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    result = Rig(seed=options.seed, seconds=options.seconds, only=options.only).run()
    print(json.dumps({"faults": dict(result.faults), **result.figures}, indent=1))
    for failure in result.failures:
        print(f"FAILED {failure}")
    print(f"seed {result.seed}: {'every guarantee held' if not result.failures else 'NOT SOUND'}")
    sys.exit(bool(result.failures))


if __name__ == "__main__":
    main()
