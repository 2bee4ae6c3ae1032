"""Routing side by side in one run: the compiled network, and the plain evaluation of the same rows.

``python bench/perf/routing.py [--rounds N] [--quick]``. A thousand orders from China and Germany of one
to three lines: every service is looked at and the best is chosen; ``written`` also writes the decision
as the text that is stored. The plain evaluation keeps no reasons and writes nothing down. Rounds of all
are interleaved and compared by processor time; before measuring, compiled and plain must choose the
same service, price and day for every order, and a difference is the only thing that fails the run. No
database is read or written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.test")
django.setup()

from apps.fulfillment.routing.record import write_options  # noqa: E402
from apps.logistics.network import (  # noqa: E402
    Demand,
    Goods,
    Versioned,
    compile_network,
    list_options,
)
from apps.logistics.reference import packaged_rows  # noqa: E402
from apps.logistics.selectors import works_on  # noqa: E402
from bench.perf.routing_reference import evaluate  # noqa: E402

START = datetime(2026, 11, 2, tzinfo=UTC)
COUNTRIES = ("DE", "FR", "US", "GB", "JP", "AU", "BR", "CN", "ZA")
BATTERIES = ("", "", "", "", "ion_contained", "ion_alone")


def main() -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a tenth of the orders")
    options = parser.parse_args()
    found = orders(100 if options.quick else 1_000)
    began = time.process_time()
    network = compile_network([Versioned(f"{row['id']}@1", row) for row in packaged_rows()])
    compile_ms = (time.process_time() - began) * 1000

    def compiled(order: Demand) -> object:
        return list_options(network, order, works_on)

    def written(order: Demand) -> object:
        return write_options(list_options(network, order, works_on))

    differing = [order for order in found if _chosen(network, order) != _plain(order)]
    if differing:
        raise SystemExit(f"The two disagree on {differing[0]}")
    result = _race(
        {"compiled": compiled, "written": written, "plain": _plain}, found, options.rounds
    )
    low, high = result["compiled_low"], result["compiled_high"]
    print(
        f"compiled {result['compiled']:.3f} ms an order [{low:.3f}-{high:.3f}]  "
        f"written down {result['written']:.3f} ms  plain {result['plain']:.3f} ms  "
        f"ratio {result['ratio']:.1f}  compile {compile_ms:.1f} ms"
    )
    load = os.getloadavg()[0]
    print(json.dumps({"bench": "routing", "load": load, "orders": len(found), **result}))
    return 0


def orders(count: int) -> list[Demand]:
    """Return ``count`` shipments to route; the same for everybody."""
    chance = Random("routing")
    return [_order(chance) for _order_number in range(count)]


def _order(chance: Random) -> Demand:
    now = START + timedelta(minutes=chance.randrange(60 * 24 * 28))
    lines = tuple(
        Goods(
            f"SKU-{number}",
            chance.randrange(1, 4),
            chance.choice((120, 480, 1450, 2900, 29_999, 210_000)),
            battery=chance.choice(BATTERIES),
        )
        for number in range(chance.randrange(1, 4))
    )
    return Demand(
        origin=chance.choice(("CN", "CN", "CN", "DE")),
        destination=chance.choice(COUNTRIES),
        goods=lines,
        currency="CNY",
        now=now,
        ship_by=now + timedelta(days=3),
    )


def _chosen(network: object, order: Demand) -> object:
    best = list_options(network, order, works_on)[0]  # type: ignore[arg-type]
    if not best.is_open or best.departure is None:
        return None
    return best.way.service.code, best.cost_minor, best.departure.day


def _plain(order: Demand) -> object:
    return evaluate(
        packaged_rows(),
        origin=order.origin,
        destination=order.destination,
        goods=order.goods,
        now=order.now,
        ship_by=order.ship_by,
        is_open=works_on,
    )


def _race(
    contestants: dict[str, Callable[[Demand], object]], found: Sequence[Demand], rounds: int
) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        names = list(contestants) if number % 2 else list(reversed(contestants))
        for name in names:
            began = time.process_time()
            for order in found:
                contestants[name](order)
            spent[name].append((time.process_time() - began) * 1000 / len(found))
    compiled, plain = median(spent["compiled"]), median(spent["plain"])
    return {
        "compiled": compiled,
        "compiled_low": min(spent["compiled"]),
        "compiled_high": max(spent["compiled"]),
        "written": median(spent["written"]),
        "plain": plain,
        "ratio": plain / compiled,
    }


if __name__ == "__main__":
    sys.exit(main())
