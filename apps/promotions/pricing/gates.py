"""What must be true of a cart, whatever is in it, before a promotion is tried: place, buyer, use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.promotions.pricing import reasons
from apps.promotions.pricing.cart import UNUSED, Cart, Usage
from apps.promotions.pricing.policy import Policy
from apps.promotions.pricing.rows import Row, amount, limit, part, text, words

# A code of ``reasons`` and its parameters.
Refusal = tuple[str, tuple[object, ...]]
# The codes are those the buyer entered, in the form in which they are compared.
Gate = Callable[[Cart, frozenset[str]], Refusal | None]


class Setting(NamedTuple):
    """What rows are compiled for."""

    policy: Policy
    market: str
    currency: str
    timezone: str


def compile_gate(row: Row, setting: Setting) -> Gate | None:
    """Return the tests of a row on place, time of day, buyer, codes and use, or nothing."""
    tests = [*_place(row), *_hours(row, setting), *_buyer(row, setting)]
    tests += [*_codes(row, setting), *_use(row, setting)]
    if len(tests) < 2:
        return tests[0] if tests else None

    def gate(cart: Cart, codes: frozenset[str]) -> Refusal | None:
        for test in tests:
            refusal = test(cart, codes)
            if refusal is not None:
                return refusal
        return None

    return gate


def plain_code(code: str, policy: Policy) -> str:
    """Return a code in the form in which it is compared."""
    return code.strip() if policy.codes == "exact" else code.strip().casefold()


def _place(row: Row) -> list[Gate]:
    conditions = part(row, "conditions")
    found: list[Gate] = []
    channels = words(conditions, "channels")
    if row.get("kind") == "live_price" and not channels:
        channels = ("live",)
    for allowed, code, name in (
        (channels, reasons.CHANNEL, "channel"),
        (words(conditions, "contents"), reasons.CONTENT, "content"),
        (words(conditions, "countries"), reasons.COUNTRY, "country"),
        (words(conditions, "shipping_methods"), reasons.SHIPPING_METHOD, "shipping_method"),
    ):
        if allowed:
            found.append(_one_of(frozenset(allowed), code, name))
    return found


def _one_of(allowed: frozenset[str], code: str, name: str) -> Gate:
    shown = tuple(sorted(allowed))

    def test(cart: Cart, _codes: frozenset[str]) -> Refusal | None:
        value = getattr(cart, name)
        return None if value in allowed else (code, (value, shown))

    return test


def _hours(row: Row, setting: Setting) -> list[Gate]:
    hours = part(part(row, "conditions"), "hours")
    if not hours:
        return []
    zone = ZoneInfo(setting.timezone)
    begin, end = text(hours, "from", "00:00"), text(hours, "to", "00:00")
    first, last = time.fromisoformat(begin), time.fromisoformat(end)
    days = frozenset(int(str(day)) for day in words(hours, "weekdays"))
    refusal: Refusal = (reasons.OUTSIDE_HOURS, (f"{begin}-{end}",))

    def test(cart: Cart, _codes: frozenset[str]) -> Refusal | None:
        local = cart.moment.astimezone(zone)
        now = local.time().replace(tzinfo=None)
        weekday = local.isoweekday()
        if first < last:
            is_in = first <= now < last
        else:
            is_in = now >= first or now < last
            if first != last and now < last:
                weekday = (weekday - 2) % 7 + 1  # past midnight: the evening before counts
        return None if is_in and (not days or weekday in days) else refusal

    return [test]


def _buyer(row: Row, setting: Setting) -> list[Gate]:
    conditions = part(row, "conditions")
    found: list[Gate] = []
    tags = frozenset(words(conditions, "buyer_tags"))
    if tags:
        refusal: Refusal = (reasons.BUYER_TAGS, (tuple(sorted(tags)),))
        found.append(lambda cart, _: refusal if tags.isdisjoint(cart.buyer.tags) else None)
    if conditions.get("follower") or row["kind"] == "follower_price":
        found.append(lambda cart, _: None if cart.buyer.is_follower else (reasons.NOT_FOLLOWER, ()))
    nth = limit(conditions, "nth_order")
    if row["kind"] == "first_order_price":
        nth = 1
    if nth is not None:
        found.append(_nth_order(nth, setting.policy.cancelled_orders == "counted"))
    return found


def _nth_order(needed: int, counts_cancelled: bool) -> Gate:
    def test(cart: Cart, _codes: frozenset[str]) -> Refusal | None:
        orders = cart.buyer.orders
        if orders is not None:
            nth = orders + 1 - (0 if counts_cancelled else cart.buyer.cancelled_orders)
            if nth == needed:
                return None
        if needed == 1:
            return (reasons.NOT_FIRST_ORDER, ())
        return (reasons.NOT_NTH_ORDER, (needed, None if orders is None else nth))

    return test


def _codes(row: Row, setting: Setting) -> list[Gate]:
    known = frozenset(plain_code(code, setting.policy) for code in words(row, "codes"))
    if not known:
        return []
    ident, per_code = text(row, "id"), limit(part(row, "limits"), "uses_per_code")

    def test(cart: Cart, codes: frozenset[str]) -> Refusal | None:
        entered = known & codes
        if not entered:
            return (reasons.CODE_NOT_ENTERED, ())
        if per_code is not None:
            used = {
                plain_code(code, setting.policy): uses
                for code, uses in cart.usage.get(ident, UNUSED).code_uses.items()
            }
            if all(used.get(code, 0) >= per_code for code in entered):
                return (reasons.CODE_USED_UP, (min(entered),))
        return None

    return [test]


def _use(row: Row, setting: Setting) -> list[Gate]:
    limits, ident = part(row, "limits"), text(row, "id")
    counts = text(limits, "cancelled_orders", setting.policy.cancelled_orders) == "counted"

    def uses(usage: Usage) -> int:
        return usage.uses + (usage.cancelled_uses if counts else 0)

    def buyer_uses(usage: Usage) -> int:
        return usage.buyer_uses + (usage.buyer_cancelled_uses if counts else 0)

    found: list[Gate] = []
    for allowed, count, code in (
        (limit(limits, "uses"), uses, reasons.USED_UP),
        (limit(limits, "uses_per_buyer"), buyer_uses, reasons.BUYER_USED_UP),
        (amount(limits, "budget", setting.currency), _spent, reasons.BUDGET_USED_UP),
        (limit(limits, "units"), _units, reasons.UNITS_SOLD_OUT),
        (limit(limits, "units_per_buyer"), _buyer_units, reasons.BUYER_UNITS_USED_UP),
    ):
        if allowed is not None:
            found.append(_below(ident, allowed, count, code))
    return found


def _below(ident: str, allowed: int, count: Callable[[Usage], int], code: str) -> Gate:
    def test(cart: Cart, _codes: frozenset[str]) -> Refusal | None:
        return (code, (allowed,)) if count(cart.usage.get(ident, UNUSED)) >= allowed else None

    return test


def _spent(usage: Usage) -> int:
    return usage.spent


def _units(usage: Usage) -> int:
    return usage.units


def _buyer_units(usage: Usage) -> int:
    return usage.buyer_units


def timestamp_of(moment: str, timezone: str, otherwise: float) -> float:
    """Return a moment of a row as seconds; without a zone of its own it is in the market's time."""
    if not moment:
        return otherwise
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(timezone))
    return found.timestamp()
