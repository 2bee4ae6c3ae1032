"""What the planners of all kinds share: parsed rows, problems, plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from apps.imports.cells import Cell, CellError, Fact, Parser, Value, Warned, is_blank
from apps.imports.layouts import Layout
from apps.imports.reading.rows import Row
from apps.journal.actors import Actor
from apps.journal.services import Json

Undo = dict[str, Json]
SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to say about a row or one of its cells; ``column`` is empty for the row."""

    row: Row
    column: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    is_warning: bool = False


@dataclass(slots=True)
class Parsed:
    """A row whose cells could all be read; blank cells are absent from ``values``."""

    row: Row
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value that would change, for people to look at."""

    row: int
    key: str
    column: str
    before: str
    after: str


@dataclass(slots=True)
class Plan:
    """What would become of some rows, and the work that does it (its planner knows its form)."""

    new: list[Parsed] = field(default_factory=list)
    changed: list[Parsed] = field(default_factory=list)
    unchanged: list[Parsed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def refuse(self, parsed: Parsed, column: str, code: str, **facts: Fact) -> None:
        """Say that a row cannot be applied."""
        self.problems.append(Problem(parsed.row, column, code, facts))

    def warn(self, parsed: Parsed, column: str, code: str, **facts: Fact) -> None:
        """Say what to look at; the row is applied all the same."""
        self.problems.append(Problem(parsed.row, column, code, facts, is_warning=True))

    def show(self, parsed: Parsed, column: str, before: object, after: object) -> None:
        """Keep a change as a sample, while there is room."""
        if len(self.samples) < SAMPLES:
            key = str(parsed.values["sku"])
            told = (str(before)[:60], str(after)[:60])
            self.samples.append(Sample(parsed.row.number, key, column, *told))


@dataclass(slots=True)
class Undone:
    """What undoing a chunk restored, and the rows it could not, with why."""

    restored: int = 0
    problems: list[tuple[int, str, dict[str, Fact]]] = field(default_factory=list)

    def refuse(self, row: int, code: str, **facts: Fact) -> None:
        """Say that a row stays as it is."""
        self.problems.append((row, code, facts))


class Planner(Protocol):
    """What each kind of sheet knows: how its rows belong together and what they do."""

    def group_of(self, parsed: Parsed) -> str:
        """Return the word by which rows belong to one record; empty for a row of its own."""

    def key_of(self, parsed: Parsed) -> str:
        """Return what may be there once in a sheet."""

    def plan(self, rows: Sequence[Parsed], *, lock: bool) -> Plan:
        """Work out what the rows would do; with ``lock`` the records are locked for ``write``."""

    def write(self, plan: Plan, *, reference: str, actor: Actor, now: datetime) -> Undo:
        """Do it in the caller's transaction and return what undoing needs."""

    def undo(
        self, undo: Undo, *, made_at: datetime, reference: str, actor: Actor, now: datetime
    ) -> Undone:
        """Restore what nobody changed since, in the caller's transaction."""


class SheetReader:
    """Reads the cells of rows by the columns a person matched."""

    def __init__(self, layout: Layout, columns: Sequence[str], decimal_mark: str) -> None:
        """Make the parser of each matched column once."""
        self.width = len(columns)
        self._parsers: list[tuple[int, str, Parser]] = []
        for position, name in enumerate(columns):
            column = layout.find(name)
            if column is not None and column.reader is not None:
                self._parsers.append((position, name, column.reader(decimal_mark)))
        self._required = tuple(
            column.name for column in layout.columns if column.required and not column.is_info
        )
        self._positions = {name: position for position, name, _parser in self._parsers}

    def cell(self, cells: Sequence[Cell], name: str) -> str:
        """Return one cell as text without reading it, empty where the column is not matched."""
        position = self._positions.get(name, -1)
        if not 0 <= position < len(cells) or cells[position] is None:
            return ""
        return str(cells[position]).strip()

    def parse(self, row: Row) -> tuple[Parsed | None, list[Problem]]:
        """Return the row's values and what is wrong with its cells; nothing for a wrong row."""
        values: dict[str, Value] = {}
        problems: list[Problem] = []
        is_wrong = False
        cells, length = row.cells, len(row.cells)
        for position, name, parser in self._parsers:
            if position >= length:
                continue
            cell = cells[position]
            if cell is None or (type(cell) is str and not cell.strip()):
                continue
            try:
                value = parser(cell)
            except CellError as error:
                problems.append(Problem(row, name, error.code, error.facts))
                is_wrong = True
                continue
            if isinstance(value, Warned):
                problems.append(Problem(row, name, value.code, value.facts, is_warning=True))
                value = value.value
            values[name] = value
        wrong = self._incomplete(row, values, problems)
        return (None if is_wrong or wrong else Parsed(row, values)), problems

    def _incomplete(self, row: Row, values: dict[str, Value], problems: list[Problem]) -> bool:
        known = len(problems)
        if len(row.cells) > self.width and not all(map(is_blank, row.cells[self.width :])):
            facts: dict[str, Fact] = {"cells": len(row.cells), "columns": self.width}
            problems.append(Problem(row, "", "too_many_cells", facts))
        named = {problem.column for problem in problems}
        problems += [
            Problem(row, name, "missing")
            for name in self._required
            if name not in values and name not in named
        ]
        return len(problems) > known
