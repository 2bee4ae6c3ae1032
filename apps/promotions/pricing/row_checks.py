"""What is wrong with a promotion row that cannot be interpreted: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from apps.promotions.pricing.rows import KINDS, TARGET_KEYS, Kind, Row

_TARGET = frozenset({*TARGET_KEYS, "not", "min_unit_price", "max_unit_price", "only_undiscounted"})
_CONDITIONS = frozenset(
    (
        *(
            "markets",
            "currencies",
            "channels",
            "contents",
            "countries",
            "shipping_methods",
            "hours",
        ),
        *("buyer_tags", "follower", "nth_order", "min_spend", "spend_on", "min_quantity"),
        *("min_line_quantity", "min_distinct", "contains"),
    )
)
_LIMITS = frozenset(
    (
        *("uses", "uses_per_buyer", "uses_per_code", "units", "units_per_buyer", "units_per_order"),
        *("units_per_line", "applications", "max_discount", "budget", "cancelled_orders"),
    )
)
_TOP = frozenset(
    (
        *(
            "id",
            "kind",
            "level",
            "value",
            "target",
            "conditions",
            "codes",
            "limits",
            "tiers",
            "buy",
        ),
        *("get", "bundle", "gift", "priority", "group", "exclusive", "replaces_codes", "funding"),
        *("margin_guard", "currency", "starts", "ends", "covers_shipping", "name"),
    )
)
_OF_SOME_KINDS = frozenset(
    ("value", "target", "tiers", "buy", "get", "bundle", "gift", "covers_shipping")
)
FUNDERS = ("merchant", "platform")
# What counters can hold.
_MOST, _MOST_MINOR = 10**9, 10**13


class Problem(NamedTuple):
    """One thing that is wrong with a row: where, what, and what to do."""

    promotion: str
    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem as a sentence for people who write rows."""
        return f"{self.promotion}: {self.field} {self.problem}; {self.remedy}"


class PromotionRowError(ValueError):
    """A row cannot be interpreted; ``problems`` are all that was found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def check_row(row: Row) -> tuple[Problem, ...]:
    """Return all that is wrong with a row, nothing for a good one."""
    ident = row.get("id")
    if not isinstance(ident, str) or not ident:
        return (Problem(repr(ident), "id", "is missing", "give the promotion an id"),)
    kind = KINDS.get(str(row.get("kind")))
    if kind is None:
        remedy = f"use one of {', '.join(KINDS)}"
        return (Problem(ident, "kind", f"{row.get('kind')!r} is unknown", remedy),)
    return tuple(Problem(ident, *found) for found in _problems(row, kind))


Found = Iterator[tuple[str, str, str]]


def _problems(row: Row, kind: Kind) -> Found:
    yield from _unknown("", row, _TOP)
    for name in kind.needs:
        if not row.get(name):
            yield name, "is missing", f"the kind {row['kind']} needs it"
    yield from _unused(row, kind)
    for name, check in _CHECKS.items():
        if row.get(name) is not None:
            yield from check(row, name)
    if kind.values and row.get("value"):
        yield from _value("value", row["value"], kind.values)
    yield from _period(row)
    if _has_plain_amount(row) and not row.get("currency"):
        yield "currency", "is missing", "name the currency of the amounts, or give one for each"


def _unused(row: Row, kind: Kind) -> Found:
    is_on_units = kind.benefit == "units"
    levels = ("shown", "product") if is_on_units else (kind.level,)
    if row.get("level") not in (None, *levels):
        yield "level", f"{row['level']!r} does not fit", f"use {' or '.join(levels)}"
    used = {*kind.needs, *(("target",) if is_on_units or kind.benefit == "order" else ())}
    if kind.benefit == "order":
        used.add("covers_shipping")
    for name in sorted(_OF_SOME_KINDS - used):
        if row.get(name):
            yield name, f"has no meaning for the kind {row['kind']}", "leave it out"


def _unknown(where: str, row: object, known: frozenset[str]) -> Found:
    if not isinstance(row, Mapping):
        yield where, f"{row!r} is no object", "give an object"
        return
    for name in row:
        if name not in known:
            yield f"{where}{name}", "is unknown", f"use only {', '.join(sorted(known))}"


def _value(where: str, value: object, allowed: Sequence[str]) -> Found:
    if not isinstance(value, Mapping):
        yield where, f"{value!r} is no object", f"give one of {', '.join(allowed)}"
        return
    given = [name for name in allowed if name in value]
    extra = {"additional"} if "first" in given else set()
    if len(given) != 1 or set(value) - set(given) - extra:
        yield (
            where,
            f"has {', '.join(value) or 'nothing'}",
            f"give exactly one of {', '.join(allowed)}",
        )
        return
    for name, one in value.items():
        if name == "percent":
            yield from _percent(f"{where}.percent", one)
        else:
            yield from _money(f"{where}.{name}", one, least=0 if name == "price" else 1)


def _percent(where: str, value: object, least: int = 0) -> Found:
    try:
        # Short and without an exponent: 1e-999999999 would take all memory as a ratio.
        is_plain = isinstance(value, str) and len(value) <= 12 and "e" not in value.lower()
        found = Decimal(str(value)) if is_plain else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or not least <= found <= 100 or found.is_zero():
        yield where, f"{value!r} is no percentage", 'write a text above 0 up to 100, such as "12.5"'


def _money(where: str, value: object, least: int = 1) -> Found:
    amounts = value if isinstance(value, Mapping) else {"": value}
    for code, one in amounts.items():
        if not isinstance(one, int) or isinstance(one, bool) or not least <= one <= _MOST_MINOR:
            name = f"{where}.{code}" if code else where
            yield name, f"{one!r} is no amount", f"write whole minor units of {least} or more"


def _count(where: str, value: object, least: int = 1) -> Found:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        yield where, f"{value!r} is no count", f"write a whole number of {least} or more"


def _texts(where: str, value: object) -> Found:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        yield where, f"{value!r} is no list of texts", 'write a list such as ["a", "b"]'


def _target(row: Row, name: str) -> Found:
    return _target_at(name, row[name])


def _target_at(where: str, target: object, more: tuple[str, ...] = ()) -> Found:
    yield from _unknown(f"{where}.", target, _TARGET | set(more))
    if not isinstance(target, Mapping):
        return
    for key in TARGET_KEYS:
        if key in target:
            yield from _texts(f"{where}.{key}", target[key])
    for key in ("min_unit_price", "max_unit_price"):
        if key in target:
            yield from _money(f"{where}.{key}", target[key], least=0)
    if "not" in target:
        yield from _target_at(f"{where}.not", target["not"])


def _each(where: str, value: object) -> Iterator[tuple[str, Row]]:
    """Yield the objects of a list with their places; anything else in it is an empty object."""
    found = value if isinstance(value, list | tuple) else [value]
    for index, one in enumerate(found):
        yield f"{where}.{index}", one if isinstance(one, Mapping) else {"": one}


def _conditions(row: Row, name: str) -> Found:
    given = row[name]
    yield from _unknown("conditions.", given, _CONDITIONS)
    if not isinstance(given, Mapping):
        return
    for key, value in given.items():
        where = f"conditions.{key}"
        if key == "min_spend":
            yield from _money(where, value, least=0)
        elif key == "spend_on":
            yield from _target_at(where, value)
        elif key == "contains":
            for place, one in _each(where, value):
                yield from _target_at(place, one, ("quantity",))
                yield from _count(f"{place}.quantity", one.get("quantity", 1))
        elif key == "hours":
            yield from _hours(where, value)
        elif key.startswith("min_") or key == "nth_order":
            yield from _count(where, value)
        elif key != "follower":
            yield from _texts(where, value)


def _hours(where: str, value: object) -> Found:
    if not isinstance(value, Mapping):
        yield where, f"{value!r} is no object", 'write {"from": "20:00", "to": "22:00"}'
        return
    yield from _unknown(f"{where}.", value, frozenset({"from", "to", "weekdays"}))
    for key in ("from", "to"):
        if key in value and not _is_moment(f"2000-01-01T{value[key]}"):
            yield f"{where}.{key}", f"{value[key]!r} is no time", 'write it such as "20:00"'
    days = value.get("weekdays", [1])
    if not isinstance(days, list | tuple) or any(day not in range(1, 8) for day in days):
        yield f"{where}.weekdays", f"{days!r} are no weekdays", "list 1 for Monday up to 7"


def _limits(row: Row, name: str) -> Found:
    given = row[name]
    yield from _unknown("limits.", given, _LIMITS)
    if not isinstance(given, Mapping):
        return
    for key, value in given.items():
        if key in {"max_discount", "budget"}:
            yield from _money(f"limits.{key}", value)
        elif key == "cancelled_orders":
            if value not in ("forgotten", "counted"):
                yield "limits.cancelled_orders", f"{value!r} is unknown", "use forgotten or counted"
        else:
            yield from _count(f"limits.{key}", value)


def _object(row: Row, name: str) -> Row:
    value = row[name]
    return value if isinstance(value, Mapping) else {}


def _tiers(row: Row, name: str) -> Found:
    by_spend = row["kind"] == "spend_tiers"
    value_names = ("percent", "amount") if by_spend else ("percent", "amount", "price")
    key = "spend" if by_spend else "quantity"
    for where, tier in _each(name, row[name]):
        yield from _unknown(f"{where}.", tier, frozenset({key, "value"}))
        if by_spend:
            yield from _money(f"{where}.spend", tier.get("spend"), least=0)
        else:
            yield from _count(f"{where}.quantity", tier.get("quantity"))
        yield from _value(f"{where}.value", tier.get("value"), value_names)


def _buy(row: Row, name: str) -> Found:
    yield from _target_at(name, row[name], ("quantity", "spend"))
    buy = _object(row, name)
    if ("quantity" in buy) == ("spend" in buy):
        yield "buy", "has not one of quantity and spend", "give how many units or how much to buy"
    elif "quantity" in buy:
        yield from _count("buy.quantity", buy["quantity"])
    else:
        yield from _money("buy.spend", buy["spend"])


def _get(row: Row, name: str) -> Found:
    yield from _target_at(name, row[name], ("quantity", "value", "within"))
    get = _object(row, name)
    yield from _count("get.quantity", get.get("quantity"))
    yield from _value("get.value", get.get("value"), ("percent", "amount", "price"))


def _bundle(row: Row, name: str) -> Found:
    for where, one in _each(name, row[name]):
        yield from _target_at(where, one, ("quantity",))
        yield from _count(f"{where}.quantity", one.get("quantity"))


def _gift(row: Row, name: str) -> Found:
    yield from _unknown("gift.", row[name], frozenset({"sku", "quantity", "list_price", "per"}))
    gift = _object(row, name)
    if not gift.get("sku"):
        yield "gift.sku", "is missing", "name the SKU that is given"
    yield from _money("gift.list_price", gift.get("list_price", 0), least=0)
    yield from _count("gift.quantity", gift.get("quantity", 1))
    if gift.get("per"):
        yield from _target_at("gift.per", gift["per"], ("quantity",))


def _funding(row: Row, name: str) -> Found:
    given = row[name]
    yield from _unknown("funding.", given, frozenset(FUNDERS))
    shares = given.values() if isinstance(given, Mapping) else ()
    try:
        whole = sum(Decimal(str(share)) for share in shares)
    except InvalidOperation:
        whole = Decimal(0)
    if whole != 100:
        yield "funding", f"adds up to {whole}", "let the shares of merchant and platform make 100"


def _codes(row: Row, name: str) -> Found:
    yield from _texts(name, row[name])


def _margin(row: Row, name: str) -> Found:
    yield from _percent(name, row[name])
    if row[name] == "100":
        yield name, "cannot be the whole price", "write a percentage below 100"


def _period(row: Row) -> Found:
    given = [name for name in ("starts", "ends") if row.get(name)]
    bad = [name for name in given if not _is_moment(row[name])]
    for name in bad:
        yield name, f"{row[name]!r} is no moment", 'write it such as "2026-11-27T00:00"'
    if len(given) == 2 and not bad and str(row["starts"]) >= str(row["ends"]):
        yield "ends", "is not after starts", "let the promotion end after it starts"


def _is_moment(value: object) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _has_plain_amount(value: object, name: str = "") -> bool:
    """Say whether an amount anywhere in the row is a bare number."""
    if name in _MONEY and isinstance(value, int):
        return True
    if isinstance(value, Mapping):
        return name not in _MONEY and any(_has_plain_amount(one, key) for key, one in value.items())
    if isinstance(value, list | tuple):
        return any(_has_plain_amount(one) for one in value)
    return False


_MONEY = frozenset(
    (
        *(
            "amount",
            "price",
            "first",
            "additional",
            "min_unit_price",
            "max_unit_price",
            "min_spend",
        ),
        *("max_discount", "budget", "spend", "list_price"),
    )
)


def _integer(row: Row, name: str) -> Found:
    if not isinstance(row[name], int) or isinstance(row[name], bool):
        yield name, f"{row[name]!r} is no number", "write a whole number, the higher the earlier"


def _text(row: Row, name: str) -> Found:
    if not isinstance(row[name], str):
        yield name, f"{row[name]!r} is no text", "write a text"


def _flag(row: Row, name: str) -> Found:
    if not isinstance(row[name], bool):
        yield name, f"{row[name]!r} is neither true nor false", "write true or false"


_CHECKS: dict[str, Callable[[Row, str], Found]] = {
    "target": _target,
    "conditions": _conditions,
    "limits": _limits,
    "tiers": _tiers,
    "buy": _buy,
    "get": _get,
    "bundle": _bundle,
    "gift": _gift,
    "funding": _funding,
    "codes": _codes,
    "margin_guard": _margin,
    "priority": _integer,
    "group": _text,
    "currency": _text,
    "name": _text,
    "exclusive": _flag,
    "replaces_codes": _flag,
    "covers_shipping": _flag,
}
