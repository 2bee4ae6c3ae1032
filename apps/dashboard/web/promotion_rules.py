"""Between the fields of the promotion page and a rule of the pricing engine.

What the page has no field for, such as a rule made by API, stays in the rule as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from apps.common.money import Money
from apps.dashboard.web.promotion_fields import (
    AMOUNT,
    OTHER,
    PARTS,
    PERCENT,
    PRICE,
    TIERED,
    TIERS,
    VALUES,
    WITHIN,
)
from apps.promotions.pricing.rows import TARGET_KEYS, Row, amount, part, parts, text, words

Rule = dict[str, Any]
Cleaned = Mapping[str, Any]
# Prefix of a chosen good → key of a target.
KEYS = {
    "sku": "skus",
    "product": "products",
    "category": "categories",
    "brand": "brands",
    "tag": "tags",
}
_COUNTED = ("uses", "uses_per_buyer", "units", "units_per_buyer", "units_per_order")
_WORDS = ("channels", "contents", "countries")


def rule_of(kind: str, data: Cleaned, currencies: Sequence[str], before: Row) -> Rule:
    """Return the rule that cleaned fields say, with what ``before`` has beyond the fields."""
    rule: Rule = {name: value for name, value in before.items() if name in _KEPT}
    rule |= _benefit(kind, data, currencies)
    conditions = _conditions(data, currencies, part(before, "conditions"))
    limits = _limits(data, currencies, part(before, "limits"))
    target = _target(data.get("items") or (), part(before, "target"))
    if kind == "buy_get":
        rule |= _sets(data, target)
    elif kind == "gift":
        if target or data.get("gift_per"):
            rule["gift"]["per"] = {**target, "quantity": data.get("gift_per") or 1}
    elif target and kind not in {"bundle", "shipping"}:
        rule["target"] = target
    rule |= {"conditions": conditions} if conditions else {}
    rule |= {"limits": limits} if limits else {}
    rule |= {"group": data["group"]} if data.get("group") else {}
    rule |= {"exclusive": True} if data.get("exclusive") else {}
    if data.get("margin_guard"):
        rule["margin_guard"] = percent_text(data["margin_guard"])
    return rule


_KEPT = frozenset({"level", "covers_shipping", "replaces_codes", "currency"})


def _benefit(kind: str, data: Cleaned, currencies: Sequence[str]) -> Rule:
    if kind in TIERED:
        return {"tiers": list(_tiers(kind, data, currencies))}
    if kind == "bundle":
        pieces = [
            {"skus": [data[f"part{place}_sku"]], "quantity": data[f"part{place}_quantity"] or 1}
            for place in PARTS
            if data.get(f"part{place}_sku")
        ]
        return {"bundle": pieces, "value": {PRICE: _amounts(data, "amount", currencies)}}
    if kind == "gift":
        return {"gift": {"sku": data.get("gift_sku"), "quantity": data.get("gift_quantity") or 1}}
    if kind == "buy_get":
        return {}
    return {"value": _value(kind, data, currencies, "")}


def _value(kind: str, data: Cleaned, currencies: Sequence[str], before: str) -> Rule:
    allowed = VALUES[kind]
    chosen = data.get("value_type") or allowed[0]
    if chosen == PERCENT:
        percent = data.get(f"{before}percent")
        return {PERCENT: percent_text(percent)} if percent else {}
    return {chosen: _amounts(data, f"{before}amount", currencies)}


def _tiers(kind: str, data: Cleaned, currencies: Sequence[str]) -> list[Rule]:
    found = []
    for place in TIERS:
        name = f"tier{place}_"
        reached: Rule = {}
        if kind == "quantity_tiers":
            reached = {"quantity": data.get(f"{name}quantity")}
        else:
            reached = {"spend": _amounts(data, f"{name}spend", currencies)}
        if any(reached.values()):
            found.append({**reached, "value": _value(kind, data, currencies, name)})
    return found


def _sets(data: Cleaned, target: Rule) -> Rule:
    get: Rule = {
        "quantity": data.get("get_quantity") or 1,
        "value": {PERCENT: percent_text(data.get("get_percent") or Decimal(100))},
    }
    chosen = data.get("get_from")
    if chosen == WITHIN:
        get["within"] = True
    elif chosen == OTHER:
        get["skus"] = split_words(data.get("get_skus") or "")
    else:
        get |= target
    return {"buy": {**target, "quantity": data.get("buy_quantity") or 1}, "get": get}


def _conditions(data: Cleaned, currencies: Sequence[str], before: Row) -> Rule:
    names = {*_WORDS, "follower", "nth_order", "hours", "min_spend", "min_quantity"}
    found: Rule = {name: value for name, value in before.items() if name not in names}
    for name in _WORDS:
        listed = split_words(data.get(name) or "")
        if name == "countries":
            listed = [word.upper() for word in listed]
        found |= {name: listed} if listed else {}
    found |= {"follower": True} if data.get("follower") else {}
    nth = before.get("nth_order")
    if data.get("first_order"):
        found["nth_order"] = 1
    elif nth not in (None, 1):
        found["nth_order"] = nth
    hours = _hours(data)
    found |= {"hours": hours} if hours else {}
    spend = _amounts(data, "min_spend", currencies)
    found |= {"min_spend": spend} if spend else {}
    found |= {"min_quantity": data["min_quantity"]} if data.get("min_quantity") else {}
    return found


def _hours(data: Cleaned) -> Rule:
    found: Rule = {}
    for key in ("from", "to"):
        clock: time | None = data.get(f"hours_{key}")
        found |= {key: f"{clock:%H:%M}"} if clock is not None else {}
    days = [int(day) for day in data.get("weekdays") or ()]
    return found | ({"weekdays": days} if days else {})


def _limits(data: Cleaned, currencies: Sequence[str], before: Row) -> Rule:
    names = {*_COUNTED, "max_discount", "budget"}
    found: Rule = {name: value for name, value in before.items() if name not in names}
    found |= {name: data[name] for name in _COUNTED if data.get(name)}
    for name in ("max_discount", "budget"):
        amounts = _amounts(data, name, currencies)
        found |= {name: amounts} if amounts else {}
    return found


def _target(items: Sequence[str], before: Row) -> Rule:
    found: Rule = {
        name: value
        for name, value in before.items()
        if name not in TARGET_KEYS and name != "quantity"
    }
    for item in items:
        prefix, _colon, word = item.partition(":")
        found.setdefault(KEYS[prefix], []).append(word)
    return found


def _amounts(data: Cleaned, name: str, currencies: Sequence[str]) -> dict[str, int]:
    given = {code: data.get(f"{name}_{code}") for code in currencies}
    return {code: minor for code, minor in given.items() if minor is not None}


def percent_text(percent: Decimal) -> str:
    """Return a percentage as rules write it: ``12.5``."""
    return f"{percent.normalize():f}"


def split_words(typed: str) -> list[str]:
    """Return the words of a text with commas, spaces or lines between them, each once."""
    plain = typed.replace("，", ",").replace("、", ",").replace("\n", ",").replace(" ", ",")
    return list(dict.fromkeys(word for word in plain.split(",") if word))


def initial_of(kind: str, rule: Row) -> dict[str, object]:
    """Return what the fields show of a rule."""
    conditions, limits = part(rule, "conditions"), part(rule, "limits")
    found: dict[str, object] = {
        **_initial_value(kind, rule),
        **{name: ", ".join(words(conditions, name)) for name in _WORDS},
        "follower": bool(conditions.get("follower")),
        "first_order": conditions.get("nth_order") == 1,
        "min_quantity": conditions.get("min_quantity"),
        **{f"hours_{key}": value for key, value in part(conditions, "hours").items()},
        "weekdays": [str(day) for day in words(part(conditions, "hours"), "weekdays")],
        **_texts("min_spend", conditions),
        **{name: limits.get(name) for name in _COUNTED},
        **_texts("max_discount", limits),
        **_texts("budget", limits),
        "group": text(rule, "group"),
        "exclusive": bool(rule.get("exclusive")),
        "margin_guard": text(rule, "margin_guard"),
    }
    return found


def items_of(rule: Row) -> list[str]:
    """Return the chosen goods of a rule as the form writes them."""
    target = part(rule, "buy") or part(part(rule, "gift"), "per") or part(rule, "target")
    return [f"{prefix}:{word}" for prefix, key in KEYS.items() for word in words(target, key)]


def _initial_value(kind: str, rule: Row) -> dict[str, object]:
    found: dict[str, object] = {}
    if kind in TIERED:
        for place, tier in zip(TIERS, parts(rule, "tiers"), strict=False):
            name = f"tier{place}_"
            found |= {
                f"{name}quantity": tier.get("quantity"),
                **_texts(f"{name}spend", tier, "spend"),
            }
            found |= _of_value(part(tier, "value"), name)
    elif kind == "bundle":
        for place, one in zip(PARTS, parts(rule, "bundle"), strict=False):
            found[f"part{place}_sku"] = next(iter(words(one, "skus")), "")
            found[f"part{place}_quantity"] = one.get("quantity", 1)
        found |= _of_value(part(rule, "value"), "")
    elif kind == "gift":
        gift = part(rule, "gift")
        found = {"gift_sku": text(gift, "sku"), "gift_quantity": gift.get("quantity", 1)}
        found["gift_per"] = part(gift, "per").get("quantity")
    elif kind == "buy_get":
        found = _initial_set(part(rule, "buy"), part(rule, "get"))
    else:
        found = _of_value(part(rule, "value"), "")
    return found


def _initial_set(buy: Row, get: Row) -> dict[str, object]:
    other = ", ".join(words(get, "skus"))
    same = all(words(buy, key) == words(get, key) for key in TARGET_KEYS)
    return {
        "buy_quantity": buy.get("quantity", 2),
        "get_quantity": get.get("quantity", 1),
        "get_percent": part(get, "value").get("percent", "100"),
        "get_from": WITHIN if get.get("within") else "same" if same else OTHER,
        "get_skus": "" if same else other,
    }


def _of_value(value: Row, before: str) -> dict[str, object]:
    if PERCENT in value:
        return {"value_type": PERCENT, f"{before}percent": value[PERCENT]}
    for name in (AMOUNT, PRICE):
        if name in value:
            return {"value_type": name, **_texts(f"{before}amount", value, name)}
    return {}


def _texts(field: str, holder: Row, name: str = "") -> dict[str, object]:
    """Return the amounts of a rule as people type them, by field."""
    amounts = holder.get(name or field)
    if not isinstance(amounts, Mapping):
        return {}
    return {
        f"{field}_{code}": f"{Money.from_minor(minor, code).amount:f}"
        for code in amounts
        if (minor := amount(holder, name or field, code)) is not None
    }
