"""Landed cost side by side in one run: the compiled rule book, and the plain evaluation of the same rows.

``python bench/perf/landed.py [--rounds N] [--quick]``. Baskets of three lines in one market, charged
with their full trace. Rounds of both are interleaved and compared by processor time; before
measuring, both must agree on every basket, and a difference is the only thing that fails the run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from apps.markets.landed.book import compile_book
from apps.markets.landed.sale import Item, Sale
from apps.markets.reference_rules import packaged_rows
from bench.perf.landed_reference import evaluate

GOAL = 20_000
DAY = date(2026, 11, 25)
MARKETS = {"DE": "EUR", "FR": "EUR", "US": "USD", "BR": "USD", "GB": "GBP"}
HEADINGS = ("610910", "640411", "850440", "420222", "330499")
Price = Callable[[Sale], object]


def main() -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a tenth of the quotes")
    options = parser.parse_args()
    count = 500 if options.quick else 5_000
    results = [_race(market, count, options.rounds) for market in MARKETS]
    for result in results:
        print(
            f"{result['market']}  compiled {result['compiled']:>9,.0f}/s "
            f"[{result['compiled_low']:,.0f}-{result['compiled_high']:,.0f}]  "
            f"plain {result['plain']:>7,.0f}/s  ratio {result['ratio']:.1f}  "
            f"compile {result['compile_ms']:.2f} ms  {'met' if result['met'] else 'missed'}"
        )
    print(json.dumps({"bench": "landed", "load": os.getloadavg()[0], "markets": results}))
    return 0


def baskets(market: str, count: int) -> list[Sale]:
    """Return ``count`` baskets of three lines; the same for everybody."""
    chance = Random(f"landed {market}")
    return [
        Sale(
            destination=market,
            sold_on=DAY,
            currency=MARKETS[market],
            items=tuple(_item(chance) for _line in range(3)),
            shipping=Decimal(chance.randrange(0, 900)).scaleb(-2),
            facts={"section_301_cn_rate": Decimal("0.075")},
        )
        for _basket in range(count)
    ]


def _item(chance: Random) -> Item:
    return Item(
        unit_price=Decimal(chance.randrange(100, 3000)).scaleb(-2),
        quantity=chance.randrange(1, 3),
        hs6=chance.choice(HEADINGS),
        origin="CN",
        tariff_rate=Decimal(chance.choice(("0", "0.04", "0.12"))),
    )


def _race(market: str, count: int, rounds: int) -> dict[str, object]:
    sales, rows = baskets(market, count), packaged_rows()
    began = time.process_time()
    book = compile_book(rows, market, DAY)
    compile_s = time.process_time() - began
    _agree(sales, book.quote, rows)
    contestants: dict[str, tuple[Price, Sequence[Sale]]] = {
        "compiled": (book.quote, sales),
        "plain": (lambda sale: evaluate(rows, sale), sales[: max(count // 10, 50)]),
    }
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants) if number % 2 else list(reversed(contestants))
        for name in order:
            speeds[name].append(_speed(*contestants[name]))
    compiled, plain = median(speeds["compiled"]), median(speeds["plain"])
    return {
        "market": market,
        "compiled": compiled,
        "compiled_low": min(speeds["compiled"]),
        "compiled_high": max(speeds["compiled"]),
        "plain": plain,
        "ratio": compiled / plain,
        "compile_ms": compile_s * 1000,
        "met": compiled >= GOAL,
    }


def _agree(sales: Sequence[Sale], quote: Price, rows: Sequence[object]) -> None:
    for sale in sales[:200]:
        wanted = evaluate(rows, sale)  # type: ignore[arg-type]
        found = quote(sale)
        if any(getattr(found, name) != value for name, value in wanted.items()):
            raise SystemExit(f"The two disagree on {sale}: {found} and {wanted}")


def _speed(price: Price, sales: Sequence[Sale]) -> float:
    """Return quotes per second of processor time."""
    began = time.process_time()
    for sale in sales:
        price(sale)
    return len(sales) / (time.process_time() - began)


if __name__ == "__main__":
    sys.exit(main())
