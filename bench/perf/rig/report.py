"""The result of a run as a table for people and as JSON for machines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.perf.rig.meter import QUIET, Sample, Spread, spread
from bench.perf.rig.race import BATCH, PROMOTIONS, SINGLE, Entry

if TYPE_CHECKING:
    from bench.perf.rig.race import Race

_COLUMNS: tuple[tuple[str, Callable[[Sample], float | None], int], ...] = (
    ("orders/s", lambda sample: sample.orders_per_s, 0),
    ("app ms", lambda sample: sample.app_ms, 3),
    ("db ms", lambda sample: sample.thread_ms, 3),
    ("app+db ms", lambda sample: sample.work_ms, 3),
    ("with server", lambda sample: sample.whole_ms, 3),
    ("SQL", lambda sample: sample.statements, 2),
    ("work SQL", lambda sample: sample.work_statements, 2),
    ("commits", lambda sample: sample.commits, 2),
    ("fsyncs", lambda sample: sample.fsyncs, 2),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of the design with what was measured; counts are asserted, times only reported."""

    text: str
    measured: float | None
    limit: float
    is_asserted: bool = False
    at_least: bool = False

    @property
    def is_met(self) -> bool | None:
        """Say whether the goal is met; None when it was not measured."""
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def figures(samples: list[Sample]) -> dict[str, Spread | None]:
    """Return median and range of every column over the rounds of one case."""
    return {name: spread([read(item) for item in samples]) for name, read, _ in _COLUMNS}


def ratio(race: Race, dividend: Entry | None, divisor: Entry | None) -> float | None:
    """Return the processor time of ``dividend`` divided by that of ``divisor``."""
    values = [
        spread([sample.work_ms for sample in race.samples[entry]]) if entry else None
        for entry in (dividend, divisor)
    ]
    if values[0] is None or values[1] is None:
        return None
    return values[0].median / values[1].median


def find_entry(race: Race, who: str, case: str) -> Entry | None:
    """Return the line of a contestant's case, None if it did not run."""
    return next((e for e in race.samples if (e.who, e.case) == (who, case)), None)


def list_ratios(race: Race) -> dict[str, float | None]:
    """Return every ratio by name, on processor time of application and database thread."""
    pairs = {
        f"ours / floor, {SINGLE}": (("ours", SINGLE), ("floor", SINGLE)),
        f"ours / floor, {BATCH}": (("ours", BATCH), ("floor", BATCH)),
    }
    for entry in race.samples:
        if entry.who == "oscar":
            own = f"{SINGLE}, {PROMOTIONS}" if entry.case.endswith(PROMOTIONS) else SINGLE
            pairs[f"oscar / ours, {entry.case}"] = (("oscar", entry.case), ("ours", own))
    return {
        name: ratio(race, find_entry(race, *first), find_entry(race, *second))
        for name, (first, second) in pairs.items()
    }


def list_goals(race: Race) -> list[Goal]:
    """Return the goals of order intake with what this run measured."""
    single, batch = find_entry(race, "ours", SINGLE), find_entry(race, "ours", BATCH)
    ratios = list_ratios(race)
    peer = ratios.get("oscar / ours, basket + place, 0 promotions")
    statements = _median(race, single, "SQL")
    per_second = _median(race, batch, "orders/s")
    return [
        Goal("single: SQL statements per order", statements, 15, is_asserted=True),
        Goal("single: SQL statements per order, stretch", statements, 10),
        Goal(
            "batch of 100: SQL statements per order",
            _median(race, batch, "SQL"),
            4,
            is_asserted=True,
        ),
        Goal("single: app+db ms per order", _cost(race, single), 1.75),
        Goal("single: times the floor", ratios[f"ours / floor, {SINGLE}"], 2.5),
        Goal("batch of 100: times the floor", ratios[f"ours / floor, {BATCH}"], 1.5),
        Goal("batch of 100: orders per second", per_second, 2500, at_least=True),
        Goal("times cheaper than oscar, 0 promotions", peer, 25, at_least=True),
    ]


def _cost(race: Race, entry: Entry | None) -> float | None:
    """Return ms per order: with the whole server process, unless neighbours were using it too."""
    is_quiet = entry is not None and all(s.foreign_share <= QUIET for s in race.samples[entry])
    return _median(race, entry, "with server" if is_quiet else "app+db ms")


def _median(race: Race, entry: Entry | None, column: str) -> float | None:
    found = figures(race.samples[entry])[column] if entry else None
    return found.median if found else None


def as_text(race: Race, facts: dict[str, object]) -> str:
    """Return the whole result for a terminal of 150 columns."""
    return "\n".join(
        [
            *_heading(facts),
            "",
            *_table(race),
            "",
            *_notes(race),
            "",
            *_rows_written(race),
            "",
            *_ratio_lines(race),
            "",
            *_goal_lines(race),
        ]
    )


def _heading(facts: dict[str, object]) -> Iterator[str]:
    yield "Order intake: 3 lines, price, reserve, persist, journal; per order, median [min-max]"
    for name, value in facts.items():
        yield f"  {name}: {value}"


def _table(race: Race) -> Iterator[str]:
    head = f"{'':<38}" + "".join(f"{name:>24}" for name, _, _ in _COLUMNS[:5])
    yield head + "".join(f"{name:>9}" for name, _, _ in _COLUMNS[5:])
    for entry, samples in race.samples.items():
        row = figures(samples)
        wide = "".join(f"{_cell(row[name], digits):>24}" for name, _, digits in _COLUMNS[:5])
        narrow = "".join(f"{_short(row[name], digits):>9}" for name, _, digits in _COLUMNS[5:])
        yield f"{entry.title:<38}{wide}{narrow}"


def _notes(race: Race) -> Iterator[str]:
    yield "app: the contestant's process. db: the server thread of its connection."
    yield "with server: app and the whole server process, so background threads and any neighbour."
    yield "SQL: every round trip. work SQL: without COMMIT and SET, what the framework adds around."
    share = max(sample.foreign_share for rounds in race.samples.values() for sample in rounds)
    if share > QUIET:
        yield (
            f"Others used the server during the run (up to {share:.0%} of its statements in a"
            " round): “with server” and fsyncs include them; app, db and SQL do not."
        )


def _rows_written(race: Race) -> Iterator[str]:
    for case in (SINGLE, BATCH):
        ours = find_entry(race, "ours", case)
        if ours in race.written:
            rows = {name: count for name, count in race.written[ours].items() if count}
            text = ", ".join(f"{name} {count:g}" for name, count in rows.items())
            changed = ", ".join(f"{name} {count}" for name, count in race.updated[case].items())
            yield f"rows per order, {case}: {text}; changed per transaction: {changed}"
    if any(entry.who == "floor" for entry in race.written):
        yield "the floor wrote the same number of rows into the same tables (checked in this run)"


def _ratio_lines(race: Race) -> Iterator[str]:
    for name, value in list_ratios(race).items():
        yield f"{name:<46}{'not measured' if value is None else f'{value:8.2f}'}"


def _goal_lines(race: Race) -> Iterator[str]:
    for goal in list_goals(race):
        verdict = {True: "met", False: "MISSED", None: "not measured"}[goal.is_met]
        measured = "" if goal.measured is None else f"{goal.measured:.2f}"
        sign = ">=" if goal.at_least else "<="
        yield f"goal {goal.text:<46}{sign} {goal.limit:<8g}{measured:>10}  {verdict}"


def _cell(value: Spread | None, digits: int) -> str:
    if value is None:
        return "n/a"
    return f"{value.median:.{digits}f} [{value.low:.{digits}f}-{value.high:.{digits}f}]"


def _short(value: Spread | None, digits: int) -> str:
    return "n/a" if value is None else f"{value.median:.{digits}f}"


def as_json(race: Race, facts: dict[str, object], failures: list[str]) -> dict[str, object]:
    """Return everything measured, round by round."""
    return {
        "facts": facts,
        "sizes": asdict(race.sizes),
        "processors": os.cpu_count(),
        "cases": [
            {
                "who": entry.who,
                "case": entry.case,
                "figures": {
                    name: asdict(value) if value else None
                    for name, value in figures(samples).items()
                },
                "rounds": [asdict(sample) for sample in samples],
                "rows_per_order": race.written.get(entry, {}),
            }
            for entry, samples in race.samples.items()
        ],
        "ratios": list_ratios(race),
        "goals": [{**asdict(goal), "is_met": goal.is_met} for goal in list_goals(race)],
        "failures": failures,
    }
