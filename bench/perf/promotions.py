"""Promotion quotes side by side in one run: the compiled program, and the plain evaluation of its rows.

``python bench/perf/promotions.py [--rounds N] [--quick] [--oscar]``. Carts of five lines from 10,000
products, under the 20 promotions of the other measurements and under 200: the same 20 with 180 more
on single products, brands and codes, or ten times the 20. Rounds are interleaved and compared by
processor time. Before measuring, both must agree on the carts; a difference fails the run, and so
does Oscar when it was asked for and cannot be measured (it needs MariaDB, and a minute).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from apps.promotions.pricing.cart import Cart, Line
from apps.promotions.pricing.program import Program, compile_program
from bench.perf.oscar.peer import measure_quotes
from bench.perf.promotions_reference import Row, evaluate
from bench.perf.rig import spec

GOAL, GROWTH = 40_000, 2.0
PRODUCTS, LINES, BRANDS = 10_000, 5, 400
MOMENT = datetime(2026, 11, 27, 12, tzinfo=UTC)
STARTS, ENDS = "2026-11-01T00:00", "2026-12-01T00:00"
Price = Callable[[Cart], object]


def main() -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a tenth of the quotes")
    parser.add_argument("--oscar", action="store_true", help="measure django-oscar too")
    options = parser.parse_args()
    carts = make_carts(400 if options.quick else 4_000)
    mixes = {"20": twenty(), "200": [*twenty(), *narrow(180)], "200 broad": broad(10)}
    programs = {name: compile_mix(rows) for name, rows in mixes.items()}
    for name in mixes:
        _agree(programs[name], mixes[name], carts[:100])
    speeds = _race(mixes, programs, carts, options.rounds)
    result = _summary(programs, speeds, carts)
    for line in result["lines"]:  # type: ignore[attr-defined]
        print(line)
    if options.oscar:
        _print_oscar(measure_quotes(rounds=3), median(speeds["20"]))
    print(json.dumps({"bench": "promotions", "load": os.getloadavg()[0], **result["figures"]}))  # type: ignore[dict-item]
    return 0


def _print_oscar(found: dict[str, Any], ours: float) -> None:
    middle = median(found["speeds"])
    print(
        f"{'oscar 20':>12} {middle:>9,.1f}/s [{min(found['speeds']):,.1f}-{max(found['speeds']):,.1f}]"
        f"  {found['applied']:.1f} promotions apply, {found['statements']} statements a quote;"
        f" ours is {ours / middle:,.0f} x as fast"
    )


def make_carts(count: int) -> list[Cart]:
    """Return ``count`` carts of five lines; the same for everybody."""
    return [_cart(number) for number in range(count)]


def _cart(number: int) -> Cart:
    lines = []
    for place, variant, quantity in spec.order_lines(number, PRODUCTS, count=LINES):
        fact = spec.product(place)
        line = Line(
            sku=fact.sku(variant),
            unit_price=fact.variant_price_minor(variant),
            quantity=quantity,
            product=f"P{place}",
            categories=(f"C{fact.category}",),
            brand=f"B{place % BRANDS}",
        )
        lines.append(line)
    return Cart(tuple(lines), spec.COUNTRY, spec.CURRENCY, MOMENT)


def _row(ident: str, **parts: object) -> Row:
    dated = {"id": ident, "currency": spec.CURRENCY, "starts": STARTS, "ends": ENDS}
    return {**dated, **parts}


def twenty(mark: str = "", more: int = 0) -> list[Row]:
    """Return the promotions of ``spec.PROMOTIONS`` as rows; ``more`` raises their thresholds."""
    return [_promotion(f"p{mark}{n}", more, *terms) for n, terms in enumerate(spec.PROMOTIONS)]


def _promotion(ident: str, more: int, kind: str | int, *numbers: int | str) -> Row:
    first, *rest = (int(number) for number in numbers)
    if kind == "category_percent":
        value = {"percent": str(rest[0])}
        target = {"categories": [f"C{first}"]}
        return _row(ident, kind="product_discount", level="product", value=value, target=target)
    if kind == "category_count":
        tiers = [{"quantity": rest[0], "value": {"percent": str(rest[1])}}]
        return _row(ident, kind="quantity_tiers", tiers=tiers, target={"categories": [f"C{first}"]})
    terms = {"amount": rest[0] * 100} if kind == "minimum_fixed" else {"percent": str(rest[0])}
    spend = {"min_spend": (first + more) * 100}
    return _row(ident, kind="order_discount", value=terms, conditions=spend)


def narrow(count: int) -> list[Row]:
    """Return promotions of which hardly any matches a cart: on products, on brands, with codes."""
    found = []
    for number in range(count):
        kind = number % 3
        value = {"percent": "5"}
        if kind == 0:
            parts: Row = {"kind": "product_discount", "target": {"products": [f"P{number * 53}"]}}
        elif kind == 1:
            parts = {"kind": "product_discount", "target": {"brands": [f"B{number % 30}"]}}
        else:
            parts = {"kind": "voucher", "codes": [f"SAVE{number}"]}
        found.append(_row(f"n{number}", value=value, **parts))
    return found


def broad(times: int) -> list[Row]:
    """Return the 20 promotions ``times`` over, as if a merchant stacked them with rising thresholds."""
    return [row for number in range(times) for row in twenty(f"{number}-", number * 2_500)]


def compile_mix(rows: Sequence[Row]) -> Program:
    """Compile rows for the market of the carts."""
    return compile_program(rows, market=spec.COUNTRY, currency=spec.CURRENCY)


def _agree(program: Program, rows: Sequence[Row], carts: Sequence[Cart]) -> None:
    open_rows = [row for row in rows if not row.get("codes")]
    for cart in carts:
        quote, wanted = program.quote(cart), evaluate(open_rows, cart)
        lines = {line.sku: line.total for line in quote.lines}
        applied = sorted(one.promotion for one in quote.applied)
        if (lines, applied) != (wanted["lines"], wanted["applied"]):
            raise SystemExit(f"The two disagree on {cart}: {quote.as_json()} and {wanted}")


def _race(
    mixes: dict[str, list[Row]], programs: dict[str, Program], carts: Sequence[Cart], rounds: int
) -> dict[str, list[float]]:
    few = carts[: max(len(carts) // 100, 20)]
    contestants: dict[str, tuple[Price, Sequence[Cart]]] = {
        name: (program.quote, carts) for name, program in programs.items()
    }
    contestants["20 read out"] = (lambda cart: programs["20"].quote(cart).as_bytes(), carts[::10])
    contestants["plain 20"] = (lambda cart: evaluate(mixes["20"], cart), few)
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants) if number % 2 else list(reversed(contestants))
        for name in order:
            speeds[name].append(_speed(*contestants[name]))
    return speeds


def _speed(price: Price, carts: Sequence[Cart]) -> float:
    """Return quotes per second of processor time."""
    began = time.process_time()
    for cart in carts:
        price(cart)
    return len(carts) / (time.process_time() - began)


def _summary(
    programs: dict[str, Program], speeds: dict[str, list[float]], carts: Sequence[Cart]
) -> dict[str, object]:
    figures: dict[str, object] = {}
    lines = []
    for name, found in speeds.items():
        middle = median(found)
        figures[name] = {"median": middle, "low": min(found), "high": max(found)}
        program = programs.get(name)
        applied = ""
        if program is not None:
            count = sum(len(program.quote(cart).applied) for cart in carts[:500])
            applied = f"  {count / len(carts[:500]):.1f} promotions apply"
        lines.append(f"{name:>12} {middle:>9,.0f}/s [{min(found):,.0f}-{max(found):,.0f}]{applied}")
    twenty_s, more_s = median(speeds["20"]), median(speeds["200"])
    growth = twenty_s / more_s
    met = {"speed": twenty_s >= GOAL, "growth": growth <= GROWTH}
    lines.append(
        f"20 promotions: goal {GOAL:,}/s {'met' if met['speed'] else 'missed'}; 200 promotions cost"
        f" {growth:.2f} x as much, goal {GROWTH:.0f} x {'met' if met['growth'] else 'missed'};"
        f" {twenty_s / median(speeds['plain 20']):.0f} x the plain evaluation"
    )
    figures |= {"growth": growth, "met": met}
    return {"lines": lines, "figures": figures}


if __name__ == "__main__":
    sys.exit(main())
