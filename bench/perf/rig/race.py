"""Setting the contestants up on one server, and running their rounds in turn."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import os
import pickle
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.perf.rig.meter import Sample, take_sample
from bench.perf.rig.peers import install_oscar
from bench.perf.rig.plan import Plan, Statement, compile_unit
from bench.perf.rig.process import Contestant
from bench.perf.rig.recording import Unit, record_units
from bench.perf.rig.schema import copy_tables, read_tables, with_referenced
from bench.perf.rig.server import Server

ROOT = Path(__file__).resolve().parents[3]
OURS, FLOOR, OSCAR = "gsbench_ours", "gsbench_floor", "gsbench_oscar"
SINGLE, BATCH = "single", "batch of 100"
PROMOTIONS = "20 promotions"
# What only orders under promotions write: the floor has none.
_OF_PROMOTIONS = frozenset({"orders_linediscount", "orders_orderpricing", "promotions_redemption"})
BATCH_SIZE = 100
_SETUP_SECONDS = 400
_ROUND_SECONDS = 120
# What the floor must read before it can write: the lines' prices and stock, in one statement.
_READ_SQL = (
    "SELECT v.sku, l.price_minor, v.weight_g, v.cost_minor, p.title, b.id, b.node_id, b.available"
    " FROM catalog_listing l JOIN catalog_variant v ON v.id = l.variant_id"
    " JOIN catalog_product p ON p.id = v.product_id"
    " JOIN inventory_stockbalance b ON b.variant_id = v.id"
    " WHERE l.market_id = %s AND l.variant_id IN ({marks})"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much one run does."""

    rounds: int
    products: int
    single: int
    batches: int
    peer: int
    peer_with_promotions: int


FULL = Sizes(rounds=7, products=2000, single=500, batches=20, peer=40, peer_with_promotions=10)
QUICK = Sizes(rounds=5, products=500, single=150, batches=5, peer=15, peer_with_promotions=4)


def with_rounds(sizes: Sizes, rounds: int) -> Sizes:
    """Return the same sizes with another number of rounds."""
    return dataclasses.replace(sizes, rounds=rounds)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the result: who runs which case, how many orders a round."""

    who: str
    case: str
    orders: int

    @property
    def title(self) -> str:
        """Return the line's name."""
        return f"{self.who}: {self.case}"


@dataclass(slots=True)
class Runner:
    """A contestant that is set up, with the server thread that serves it."""

    contestant: Contestant
    thread: int | None
    entries: list[Entry]


@dataclass(slots=True)
class Race:
    """The contestants of one run and what they did."""

    server: Server
    sizes: Sizes
    work_folder: Path
    runners: dict[str, Runner] = field(default_factory=dict)
    samples: dict[Entry, list[Sample]] = field(default_factory=dict)
    written: dict[Entry, dict[str, float]] = field(default_factory=dict)
    updated: dict[str, dict[str, int]] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    surprises: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def plans_path(self) -> Path:
        """Where the recorded plans of the floor are."""
        return self.work_folder / "floor_plans.pickle"

    def run_rounds(self) -> None:
        """Run every case of every contestant once per round, each round in another order.

        Afterwards ``surprises`` names the tables that grew although nothing recorded said so.
        """
        entries = [entry for runner in self.runners.values() for entry in runner.entries]
        others = sorted(set(read_tables(self.server, OURS)) - set(self.tables) - _OF_PROMOTIONS)
        before = self.server.row_counts(OURS, others)
        for number in range(self.sizes.rounds):
            shift = number % len(entries)
            for entry in entries[shift:] + entries[:shift]:
                self._run(entry, is_counted=number == 0)
            print(f"round {number + 1} of {self.sizes.rounds} done", file=sys.stderr)
        after = self.server.row_counts(OURS, others)
        if "floor" in self.runners:
            self.surprises = {
                name: after[name] - before[name] for name in others if after[name] != before[name]
            }

    def _run(self, entry: Entry, *, is_counted: bool) -> None:
        runner = self.runners[entry.who]
        database = {"ours": OURS, "floor": FLOOR}.get(entry.who)
        before = self._count(database) if is_counted else {}
        sample = take_sample(
            self.server,
            runner.contestant,
            entry.case,
            orders=entry.orders,
            thread=runner.thread,
            seconds=_ROUND_SECONDS,
        )
        self.samples.setdefault(entry, []).append(sample)
        if is_counted and database:
            after = self._count(database)
            self.written[entry] = {
                name: (after[name] - before[name]) / entry.orders for name in self.tables
            }

    def _count(self, database: str | None) -> dict[str, int]:
        return self.server.row_counts(database, self.tables) if database else {}


@contextlib.contextmanager
def start_ours(race: Race) -> Iterator[Runner]:
    """Start our contestant on a fresh database."""
    race.server.create(OURS)
    env = race.environment = _environment(race.server)
    script = ROOT / "bench" / "perf" / "rig" / "ours.py"
    sizes = race.sizes
    entries = [
        Entry("ours", SINGLE, sizes.single),
        Entry("ours", BATCH, sizes.batches * BATCH_SIZE),
        Entry("ours", f"{SINGLE}, {PROMOTIONS}", sizes.single),
        Entry("ours", f"{BATCH}, {PROMOTIONS}", sizes.batches * BATCH_SIZE),
    ]
    with _started(race, "ours", [sys.executable, str(script)], env, entries) as runner:
        yield runner


def _environment(server: Server) -> dict[str, str]:
    """Return production's settings on our database, with secrets of this run."""
    return {
        "DJANGO_SETTINGS_MODULE": "globalselling.settings.production",
        "DATABASE_URL": server.address.named(OURS).url,
        "CELERY_BROKER_URL": "memory://",
        "REDIS_URL": "",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORTAL_URL": "https://127.0.0.1",
        "CONN_MAX_AGE": "3600",
        "PARTNER_CALLS_PER_MINUTE": "1000000",
    }


@contextlib.contextmanager
def start_floor(race: Race) -> Iterator[Runner]:
    """Record what ours writes, copy its tables, and start the floor on the copy."""
    ours = race.runners["ours"].contestant
    plans_path = race.plans_path
    plans_path.write_bytes(pickle.dumps(_record_plans(race, ours)))
    race.server.create(FLOOR)
    known = read_tables(race.server, OURS)
    copied = with_referenced(known, [*race.tables, "catalog_listing", "inventory_stockbalance"])
    copy_tables(race.server, OURS, FLOOR, copied)
    script = ROOT / "bench" / "perf" / "rig" / "floor.py"
    argv = [sys.executable, str(script), race.server.address.named(FLOOR).url]
    sizes = race.sizes
    entries = [
        Entry("floor", SINGLE, sizes.single),
        Entry("floor", BATCH, sizes.batches * BATCH_SIZE),
    ]
    with _started(race, "floor", argv, {}, entries, plans=str(plans_path)) as runner:
        yield runner


@contextlib.contextmanager
def start_oscar(race: Race) -> Iterator[Runner]:
    """Install django-oscar if needed and start it on a fresh database."""
    python = install_oscar(ROOT / "var" / "bench" / "oscar")
    race.server.create(OSCAR)
    address = race.server.address
    env = {
        "OSCAR_DB_NAME": OSCAR,
        "OSCAR_DB_USER": address.user,
        "OSCAR_DB_PASSWORD": address.password,
        "OSCAR_DB_HOST": address.host,
        "OSCAR_DB_PORT": str(address.port),
    }
    script = ROOT / "bench" / "perf" / "oscar" / "contestant.py"
    sizes = race.sizes
    entries = [
        Entry("oscar", "place only, 0 promotions", sizes.peer),
        Entry("oscar", "basket + place, 0 promotions", sizes.peer),
        Entry("oscar", "basket + place, 20 promotions", sizes.peer_with_promotions),
    ]
    with _started(race, "oscar", [str(python), str(script)], env, entries) as runner:
        yield runner


@contextlib.contextmanager
def _started(
    race: Race,
    name: str,
    argv: list[str],
    env: dict[str, str],
    entries: list[Entry],
    **setup: object,
) -> Iterator[Runner]:
    """Start a contestant, set it up and warm it; its process ends with the context."""
    print(f"setting up {name}", file=sys.stderr)
    arguments = setup or {"products": race.sizes.products}
    log = race.work_folder / f"{name}.log"
    with Contestant(name, argv, env=env, log=log, cwd=ROOT) as contestant:
        answer = contestant.ask("setup", seconds=_SETUP_SECONDS, **arguments)
        race.server.analyze(f"gsbench_{name}")
        thread = race.server.thread_of(answer["connection"])
        for entry in entries:
            few = max(BATCH_SIZE if entry.case.startswith(BATCH) else 1, entry.orders // 20)
            contestant.ask("prepare", case=entry.case, orders=few, seconds=_ROUND_SECONDS)
            contestant.ask("run", seconds=_ROUND_SECONDS)
        runner = race.runners[name] = Runner(contestant, thread, entries)
        yield runner


def _record_plans(race: Race, ours: Contestant) -> dict[str, list[Plan]]:
    """Return per case the plans the floor repeats, recorded from our service at work."""
    tables = read_tables(race.server, OURS)
    # The case before may have had promotions: switching them off is no part of an order.
    ours.ask("prepare", case=SINGLE, orders=1, seconds=_ROUND_SECONDS)
    plans = {}
    for case, orders, units in ((SINGLE, 1, 40), (BATCH, BATCH_SIZE, 3)):

        def work(case: str = case, orders: int = orders) -> None:
            ours.ask("prepare", case=case, orders=orders, seconds=_ROUND_SECONDS)
            ours.ask("run", seconds=_ROUND_SECONDS)

        recorded = record_units(race.server, OURS, work, units=units, orders=orders)
        plans[case] = [
            dataclasses.replace(compile_unit(tables, unit), reads=(_read(unit),))
            for unit in recorded
        ]
        race.tables = sorted({*race.tables, *(name for u in recorded for name in u.inserted)})
        race.updated[case] = {
            name: len(rows) for unit in recorded[-1:] for name, rows in unit.changed.items()
        }
    return plans


def _read(unit: Unit) -> Statement:
    market = unit.inserted["orders_order"][0]["market_id"]
    variants = [row["variant_id"] for row in unit.inserted["orders_orderline"]]
    marks = ", ".join(["%s"] * len(variants))
    return _READ_SQL.format(marks=marks), (market, *variants)
