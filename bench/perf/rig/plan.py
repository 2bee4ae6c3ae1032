"""From recorded rows to the fewest statements that write them again with fresh identities.

Per unit of work: one UPDATE per changed table, then one multi-row INSERT per table, parents first.
Values are those recorded, but for three kinds: a reference to a row of the same unit becomes the
new row's key, a unique value becomes a fresh one of the same length wherever it stands, and a
changed number moves by the same amount again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bench.perf.rig.recording import Changed, Unit
from bench.perf.rig.schema import Row, Table, parents_first

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_KEPT_PREFIX = 4
Statement = tuple[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class NewKey:
    """The key the ``index``-th row of ``table`` gets."""

    table: str
    index: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """A value no row has yet, of the kind and length of the recorded one."""

    slot: int
    recorded: str | bytes | int


@dataclass(frozen=True, slots=True)
class Insert:
    """One multi-row INSERT; ``cells`` are its arguments row by row."""

    table: str
    sql: str
    cells: tuple[object, ...]
    rows: int
    keyed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one unit of work reads and writes."""

    orders: int
    updates: tuple[Statement, ...]
    inserts: tuple[Insert, ...]
    reads: tuple[Statement, ...] = ()


def compile_unit(tables: dict[str, Table], unit: Unit) -> Plan:
    """Return the statements that write ``unit`` again; ``ValueError`` if a key cannot be fresh."""
    updates = tuple(
        _update(tables[name], unit.changed[name]) for name in parents_first(tables, unit.changed)
    )
    fresh = _fresh_values(tables, unit)
    keys = _new_keys(tables, unit)
    inserts = tuple(
        _insert(tables[name], unit.inserted[name], keys, fresh)
        for name in parents_first(tables, unit.inserted)
    )
    return Plan(unit.orders, updates, inserts)


def fresh_value(recorded: str | bytes | int, number: int) -> str | bytes | int:
    """Return value ``number`` in the kind and length of the recorded one."""
    if isinstance(recorded, int):
        return number
    width = len(recorded)
    kept = min(_KEPT_PREFIX, max(0, width - 9))
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    if len(digits) > width - kept:
        raise ValueError(f"{recorded!r} is too short to be made fresh")
    tail = digits.rjust(width - kept, "0")
    if isinstance(recorded, bytes):
        return recorded[:kept] + tail.encode()
    return recorded[:kept] + tail


def _new_keys(tables: dict[str, Table], unit: Unit) -> dict[tuple[str, object], NewKey]:
    """Map the recorded key of every inserted row to the place its new key comes from."""
    keys: dict[tuple[str, object], NewKey] = {}
    for name, rows in unit.inserted.items():
        auto = tables[name].auto
        if auto is not None:
            rows.sort(key=lambda row, auto=auto: row[auto])  # type: ignore[misc]
            keys.update(((name, row[auto]), NewKey(name, index)) for index, row in enumerate(rows))
    return keys


def _fresh_values(tables: dict[str, Table], unit: Unit) -> dict[object, Fresh]:
    """Choose the columns whose value must be new and give each recorded value one slot."""
    fresh: dict[object, Fresh] = {}
    for name, rows in unit.inserted.items():
        table = tables[name]
        own_key = () if table.auto else (tuple(table.key),)
        for columns in (*table.uniques, *own_key):
            for row in rows:
                value = _to_refresh(table, columns, row, unit)
                if value is not None:
                    fresh.setdefault(value, Fresh(len(fresh), value))
    return fresh


def _to_refresh(
    table: Table, columns: tuple[str, ...], row: Row, unit: Unit
) -> str | bytes | int | None:
    """Return the value of a unique key that must change, None if a new reference does it."""
    values = [row.get(column) for column in columns]
    if any(value is None for value in values):
        return None
    if any(table.references.get(column, ("",))[0] in unit.inserted for column in columns):
        return None
    texts = [value for value in values if isinstance(value, str | bytes) and len(value) > 8]
    numbers = [
        row[column]
        for column in columns
        if column not in table.references and isinstance(row[column], int)
    ]
    chosen = (texts or numbers)[-1:]
    if not chosen:
        raise ValueError(f"{table.name}: unique key {columns} cannot be made fresh")
    value = chosen[0]
    return value if isinstance(value, str | bytes | int) else None


def _insert(
    table: Table,
    rows: list[Row],
    keys: dict[tuple[str, object], NewKey],
    fresh: dict[object, Fresh],
) -> Insert:
    columns = [column for column in table.columns if column != table.auto]
    unique = {column for group in (*table.uniques, tuple(table.key)) for column in group}
    cells = tuple(
        _cell(table, column, row[column], keys, fresh, unique) for row in rows for column in columns
    )
    names = ", ".join(f"`{column}`" for column in columns)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * len(rows))
    sql = f"INSERT INTO `{table.name}` ({names}) VALUES {marks}"
    return Insert(table.name, sql, cells, len(rows), keyed=table.auto is not None)


def _cell(
    table: Table,
    column: str,
    value: object,
    keys: dict[tuple[str, object], NewKey],
    fresh: dict[object, Fresh],
    unique: set[str],
) -> object:
    if column in table.references:
        return keys.get((table.references[column][0], value), value)
    # A number is fresh only in its own unique column: elsewhere the same digits mean another thing.
    if value in fresh and (isinstance(value, str | bytes) or column in unique):
        return fresh[value]
    return value


def _update(table: Table, rows: list[Changed]) -> Statement:
    """Return one statement for all changed rows of a table, in key order."""
    (key,) = table.key
    rows = sorted(rows, key=lambda row: str(row.key[key]).rjust(20))
    parts, arguments = [], list[object]()
    for column in sorted({column for row in rows for column in row.columns}):
        part, values = _assignment(column, key, rows)
        parts.append(part)
        arguments += values
    idents = [row.key[key] for row in rows]
    marks = ", ".join(["%s"] * len(idents))
    sql = f"UPDATE `{table.name}` SET {', '.join(parts)} WHERE `{key}` IN ({marks})"
    return sql, (*arguments, *idents)


def _assignment(column: str, key: str, rows: list[Changed]) -> tuple[str, list[object]]:
    pairs = [(row.key[key], *row.columns[column]) for row in rows if column in row.columns]
    if all(_is_number(old) and _is_number(new) for _, old, new in pairs):
        steps = [(ident, new - old) for ident, old, new in pairs]  # type: ignore[operator]
        cases = " ".join(["WHEN %s THEN %s"] * len(steps))
        sql = f"`{column}` = `{column}` + CASE `{key}` {cases} ELSE 0 END"
        return sql, list(_flat(steps))
    if len({new for _, _, new in pairs}) == 1 and len(pairs) == len(rows):
        return f"`{column}` = %s", [pairs[0][2]]
    cases = " ".join(["WHEN %s THEN %s"] * len(pairs))
    sql = f"`{column}` = CASE `{key}` {cases} ELSE `{column}` END"
    return sql, list(_flat((ident, new) for ident, _, new in pairs))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, date | datetime)


def _flat(pairs: Iterable[tuple[object, object]]) -> Iterator[object]:
    for first, second in pairs:
        yield first
        yield second
