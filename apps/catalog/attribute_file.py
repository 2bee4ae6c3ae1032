"""Reading a file of attribute rules (JSON); docs/guides/catalog.md describes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.catalog.attribute_rules import MAX_TEXT
from apps.markets.landed.rows import EU_MEMBERS

EU = "EU"
_KEY = r"^[a-z][a-z0-9_]{0,59}$"
_Short = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]


class RuleEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One rule of the file."""

    category: Annotated[str, Meta(min_length=1, max_length=20)]
    key: Annotated[str, Meta(pattern=_KEY)]
    label: _Short
    type: Literal["text", "number", "boolean", "choice", "multi_choice", "date"]
    labels: dict[str, _Short] = {}
    required: bool = False
    markets: list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]] = []
    unit: Annotated[str, Meta(max_length=16)] = ""
    choices: Annotated[list[_Short], Meta(max_length=500)] = []
    min: Decimal | None = None
    max: Decimal | None = None
    min_length: Annotated[int, Meta(ge=1, le=MAX_TEXT)] | None = None
    max_length: Annotated[int, Meta(ge=1, le=MAX_TEXT)] | None = None
    pattern: Annotated[str, Meta(max_length=200)] = ""
    basis: Annotated[str, Meta(max_length=300)] = ""

    def all_markets(self) -> list[str]:
        """Return the markets with the bloc ``EU`` written out, sorted."""
        found = set(self.markets)
        return sorted((found - {EU}) | EU_MEMBERS if EU in found else found)


class RuleDocument(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    source: Annotated[str, Meta(min_length=1, max_length=40)]
    version: Annotated[str, Meta(min_length=1, max_length=40)]
    rules: list[RuleEntry]


@dataclass(slots=True)
class RuleFile:
    """What a file says, or what is wrong with it: ``rule 3 (1604 fibre): …``."""

    document: RuleDocument | None = None
    problems: list[str] = field(default_factory=list)


def read_rule_file(raw: bytes) -> RuleFile:
    """Read and check a file; either the document is there or the problems are, never both."""
    try:
        document = msgspec.json.decode(raw, type=RuleDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return RuleFile(problems=[f"The file does not fit: {error}"])
    problems: list[str] = []
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(document.rules, start=1):
        where = f"rule {number} ({entry.category} {entry.key})"
        if (entry.category, entry.key) in seen:
            problems.append(f"{where}: this key of this category came before.")
        seen.add((entry.category, entry.key))
        problems += [f"{where}: {why}" for why in _unfit(entry)]
    return RuleFile(problems=problems) if problems else RuleFile(document)


def _unfit(entry: RuleEntry) -> Iterator[str]:
    for is_wrong, why in _CHECKS:
        if is_wrong(entry):
            yield why


def _bad_pattern(entry: RuleEntry) -> bool:
    try:
        re.compile(entry.pattern)
    except re.error:
        return True
    return False


def _too_precise(number: Decimal | None) -> bool:
    if number is None:
        return False
    exponent = number.as_tuple().exponent
    return not isinstance(exponent, int) or exponent < -4 or abs(number) >= Decimal(10) ** 12


_CHECKS: tuple[tuple[Callable[[RuleEntry], bool], str], ...] = (
    (
        lambda entry: entry.type in {"choice", "multi_choice"} and not entry.choices,
        "a choice needs its choices.",
    ),
    (
        lambda entry: bool(entry.choices) and entry.type not in {"choice", "multi_choice"},
        "only a choice has choices.",
    ),
    (
        lambda entry: len({choice.strip() for choice in entry.choices}) < len(entry.choices),
        "a choice stands twice.",
    ),
    (
        lambda entry: (
            entry.type != "number" and (entry.min, entry.max, entry.unit) != (None, None, "")
        ),
        "only a number has min, max and unit.",
    ),
    (
        lambda entry: entry.min is not None and entry.max is not None and entry.min > entry.max,
        "min is above max.",
    ),
    (
        lambda entry: _too_precise(entry.min) or _too_precise(entry.max),
        "bounds have at most 12 digits and 4 decimals.",
    ),
    (
        lambda entry: (
            entry.type != "text"
            and (entry.min_length, entry.max_length, entry.pattern) != (None, None, "")
        ),
        "only text has min_length, max_length and pattern.",
    ),
    (
        lambda entry: (entry.min_length or 0) > (entry.max_length or MAX_TEXT),
        "min_length is above max_length.",
    ),
    (_bad_pattern, "the pattern is no regular expression."),
    (lambda entry: bool(entry.markets) and not entry.required, "markets need required: true."),
)
