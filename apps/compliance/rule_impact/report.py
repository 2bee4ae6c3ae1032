"""The result of a dry run: one CSV line per listing, and the tallies per company and market."""

from __future__ import annotations

import csv
import io
import json
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import IO, NamedTuple

from apps.common.cells import BYTE_ORDER_MARK, defuse
from apps.common.money import Money
from apps.compliance.rule_impact.pricing import Change, Outcome

# Names for machines, the same in every language.
COLUMNS = (
    *("merchant", "sku", "market", "currency", "before", "after", "difference", "result"),
    *("new_data", "rows_before", "rows_after", "why"),
)
_CHANGED = (Change.DEARER, Change.CHEAPER)


class Key(NamedTuple):
    """What tallies are kept by."""

    merchant_id: int
    market_id: int
    currency: str


@dataclass(slots=True)
class Tally:
    """Counts of one company in one market; each change takes eight bytes until the median is known."""

    counts: Counter[str] = field(default_factory=Counter)
    gated: int = 0
    changes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, outcome: Outcome) -> None:
        """Count one listing."""
        self.counts[outcome.change] += 1
        self.gated += bool(outcome.new_data)
        if outcome.change in _CHANGED and outcome.before is not None and outcome.after is not None:
            self.changes.append(outcome.after - outcome.before)

    def spread(self) -> tuple[int, int, int] | None:
        """Return the smallest, median and largest change in minor units, a half rounded away from 0."""
        if not self.changes:
            return None
        ordered = array("q", sorted(self.changes))
        middle = len(ordered) // 2
        pair = ordered[middle - 1] + ordered[middle] if len(ordered) % 2 == 0 else None
        median = ordered[middle] if pair is None else _half(pair)
        return ordered[0], median, ordered[-1]


def _half(doubled: int) -> int:
    return int((Decimal(doubled) / 2).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def pack(outcomes: Sequence[Outcome]) -> bytes:
    """Return outcomes as compressed JSON."""
    return zlib.compress(json.dumps(outcomes, separators=(",", ":")).encode(), 1)


def unpack(packed: bytes) -> list[Outcome]:
    """Return the outcomes that ``pack`` wrote."""
    return [Outcome(*row) for row in json.loads(zlib.decompress(packed))]


def write(parts: Iterable[bytes], file: IO[bytes]) -> dict[Key, Tally]:
    """Write packed parts as CSV, one at a time, and return the tallies of all of them."""
    tallies: dict[Key, Tally] = {}
    file.write(f"{BYTE_ORDER_MARK}{_lines([COLUMNS])}".encode())
    for packed in parts:
        outcomes = unpack(packed)
        for outcome in outcomes:
            key = Key(outcome.merchant_id, outcome.market_id, outcome.currency)
            tallies.setdefault(key, Tally()).add(outcome)
        file.write(_lines(_cells(outcome) for outcome in outcomes).encode())
    return tallies


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(outcome: Outcome) -> tuple[str, ...]:
    before, after = outcome.before, outcome.after
    difference = None if before is None or after is None else after - before
    return (
        outcome.merchant,
        defuse(outcome.sku),
        outcome.country,
        outcome.currency,
        *(_amount(minor, outcome.currency) for minor in (before, after, difference)),
        outcome.change,
        outcome.new_data,
        outcome.rows_before,
        outcome.rows_after,
        outcome.why,
    )


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else str(Money.from_minor(minor, currency).amount)
