"""Pure rules of typed attributes: which rules hold for a category, and which values fit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

Value = str | bool | list[str]
MAX_TEXT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"^[+-]?\d{1,12}([.,]\d{1,4})?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """What one attribute asks: bounds are in ``unit``, ``markets`` empty means everywhere."""

    key: str
    kind: str
    label: str = ""
    unit: str = ""
    is_required: bool = False
    markets: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    basis: str = ""
    category: str = ""

    def is_required_in(self, market: str) -> bool:
        """Say whether a listing in the market needs the attribute."""
        return self.is_required and (not self.markets or market in self.markets)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value does not fit: a code, and what the sentence about it needs."""

    code: str
    detail: str = ""


class UnfitError(ValueError):
    """A value does not fit its rule."""

    def __init__(self, code: str, detail: object = "") -> None:
        """Keep the reason."""
        super().__init__(code)
        self.wrong = Wrong(code, str(detail))


@dataclass(frozen=True, slots=True)
class Checked:
    """Values that fit, as they are stored, and what is wrong with the others, by key."""

    values: dict[str, Value] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)


def inherit(levels: Iterable[Sequence[AttributeSpec]]) -> list[AttributeSpec]:
    """Return the rules that hold for a category, given those of each level from the root down.

    A rule further down replaces one of the same key above; otherwise the order stays.
    """
    held: dict[str, AttributeSpec] = {}
    for level in levels:
        for spec in level:
            held[spec.key] = spec
    return list(held.values())


def check_values(specs: Iterable[AttributeSpec], given: Mapping[str, object]) -> Checked:
    """Check each given value by its rule; an empty one (None, "", []) means none.

    A key that no rule names is wrong (``unknown``): nothing is stored that nobody defined.
    """
    known = {spec.key: spec for spec in specs}
    checked = Checked()
    for key, value in given.items():
        if value is None or value == "" or value == []:
            continue
        if key not in known:
            checked.wrong[key] = Wrong("unknown")
            continue
        try:
            checked.values[key] = clean_value(known[key], value)
        except UnfitError as error:
            checked.wrong[key] = error.wrong
    return checked


def find_lacking(
    specs: Iterable[AttributeSpec], values: Mapping[str, object], market: str
) -> list[AttributeSpec]:
    """Return the rules of attributes that a listing in the market needs and the product lacks."""
    return [spec for spec in specs if spec.is_required_in(market) and spec.key not in values]


def clean_value(spec: AttributeSpec, value: object) -> Value:
    """Return a value as it is stored; raises ``UnfitError`` with the reason.

    Numbers become decimal text without trailing zeros, dates ISO 8601, several choices a list in
    the order of the rule. Cleaning what is stored changes nothing.
    """
    if spec.kind == "boolean":
        return _boolean(value)
    if spec.kind == "multi_choice":
        return _several(spec, value)
    if spec.kind == "number":
        return _number(spec, value)
    if not isinstance(value, str):
        raise UnfitError("not_text")
    text = value.strip()
    if spec.kind == "choice":
        if text not in spec.choices:
            raise UnfitError("not_a_choice", text[:60])
        return text
    return _date(text) if spec.kind == "date" else _text(spec, text)


def _text(spec: AttributeSpec, text: str) -> str:
    if _CONTROL.search(text):
        raise UnfitError("control")
    limit = spec.max_length or MAX_TEXT
    if len(text) > limit:
        raise UnfitError("too_long", limit)
    if len(text) < max(spec.min_length or 0, 1):
        raise UnfitError("too_short", max(spec.min_length or 0, 1))
    if spec.pattern and not re.fullmatch(spec.pattern, text):
        raise UnfitError("pattern", spec.pattern)
    return text


def _number(spec: AttributeSpec, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise UnfitError("not_number")
    text = str(value).strip()
    if not text.isascii() or not _NUMBER.match(text):
        raise UnfitError("not_number")
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise UnfitError("not_number") from error
    if spec.min_value is not None and number < spec.min_value:
        raise UnfitError("too_small", _plain(spec.min_value))
    if spec.max_value is not None and number > spec.max_value:
        raise UnfitError("too_large", _plain(spec.max_value))
    return _plain(number)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if text not in _TRUE | _FALSE:
        raise UnfitError("not_boolean")
    return text in _TRUE


def _several(spec: AttributeSpec, value: object) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise UnfitError("not_list")
    chosen = {item.strip() for item in value}
    strange = sorted(chosen - set(spec.choices))
    if strange:
        raise UnfitError("not_a_choice", strange[0][:60])
    return [choice for choice in spec.choices if choice in chosen]


def _date(text: str) -> str:
    try:
        day = date.fromisoformat(text) if _DATE.match(text) and text.isascii() else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise UnfitError("not_date")
    return day.isoformat()
