"""One promotion as closures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

from apps.promotions.pricing import reasons
from apps.promotions.pricing.amounts import ratio_of
from apps.promotions.pricing.bundle_benefits import compile_bundle
from apps.promotions.pricing.gates import (
    Gate,
    Refusal,
    Setting,
    compile_gate,
    plain_code,
    timestamp_of,
)
from apps.promotions.pricing.order_benefits import compile_order
from apps.promotions.pricing.other_benefits import compile_gift, compile_shipping
from apps.promotions.pricing.rows import KINDS, LEVELS, Row, number, part, parts, text, words
from apps.promotions.pricing.set_benefits import compile_buy_get
from apps.promotions.pricing.taking import Benefit
from apps.promotions.pricing.targets import RunTest, compile_target
from apps.promotions.pricing.thresholds import Threshold, compile_threshold, plain_spend
from apps.promotions.pricing.unit_benefits import compile_units

_MAKERS: dict[str, Callable[[Row, Setting, int], Benefit | None]] = {
    "units": compile_units,
    "order": compile_order,
    "buy_get": compile_buy_get,
    "bundle": compile_bundle,
    "shipping": compile_shipping,
    "gift": compile_gift,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A promotion that may apply in this market and currency.

    ``keys`` lead from lines to the promotion; without keys it is tried for every cart. ``codes`` do
    the same for codes. ``starts`` and ``ends`` are seconds, the end not included. ``spend`` repeats a
    threshold that is nothing but a spend. ``platform`` is the platform's share of the funding.
    """

    number: int
    ident: str
    kind: str
    level: str
    priority: int
    starts: float
    ends: float
    starts_text: str
    ends_text: str
    keys: frozenset[str]
    codes: frozenset[str]
    gate: Gate | None
    threshold: Threshold | None
    spend: int
    test: RunTest | None
    benefit: Benefit
    is_on_units: bool
    is_exclusive: bool
    replaces_codes: bool
    group: str
    platform: tuple[int, int]


def compile_rule(row: Row, setting: Setting, no: int) -> Rule | Refusal:
    """Return a checked row as a rule, or why it can never apply in this market and currency."""
    refusal = _elsewhere(row, setting)
    if refusal is not None:
        return refusal
    kind = KINDS[text(row, "kind")]
    benefit = _MAKERS[kind.benefit](row, setting, no)
    if benefit is None:
        return reasons.CURRENCY, (setting.currency,)
    target = compile_target(part(row, "target"), setting.currency)
    level = text(row, "level", kind.level)
    reading = setting
    if level == "shown":  # whatever the order of lines, shown prices see the cart at full prices
        policy = replace(setting.policy, threshold="before")
        reading = Setting(policy, setting.market, setting.currency, setting.timezone)
    is_spread = kind.benefit in {"units", "order"}
    return Rule(
        number=no,
        ident=text(row, "id"),
        kind=text(row, "kind"),
        level=level,
        priority=number(row, "priority"),
        starts=timestamp_of(text(row, "starts"), setting.timezone, -inf),
        ends=timestamp_of(text(row, "ends"), setting.timezone, inf),
        starts_text=text(row, "starts"),
        ends_text=text(row, "ends"),
        keys=target.keys if is_spread else _set_keys(row, setting),
        codes=frozenset(plain_code(code, setting.policy) for code in words(row, "codes")),
        gate=compile_gate(row, setting),
        threshold=compile_threshold(row, reading),
        spend=plain_spend(row, reading),
        test=target.test,
        benefit=benefit,
        is_on_units=kind.benefit == "units",
        is_exclusive=bool(row.get("exclusive")),
        replaces_codes=bool(row.get("replaces_codes")),
        group=text(row, "group"),
        platform=ratio_of(str(part(row, "funding").get("platform", "0"))),
    )


def _elsewhere(row: Row, setting: Setting) -> Refusal | None:
    conditions = part(row, "conditions")
    markets, currencies = words(conditions, "markets"), words(conditions, "currencies")
    if markets and setting.market not in markets:
        return reasons.MARKET, (setting.market, tuple(sorted(markets)))
    own = text(row, "currency")
    if (own and own != setting.currency) or (currencies and setting.currency not in currencies):
        return reasons.CURRENCY, (setting.currency,)
    return None


def _set_keys(row: Row, setting: Setting) -> frozenset[str]:
    """Return the keys of an offer on sets: a cart without any of them cannot hold a set."""
    pieces = [part(row, "buy")] if row.get("buy") else parts(row, "bundle")
    found = [compile_target(piece, setting.currency).keys for piece in pieces]
    return frozenset().union(*found) if found and all(found) else frozenset()


def sequence_of(rule: Rule, setting: Setting) -> tuple[bool, int, int, int]:
    """Return where a rule stands among those of the cart: the lower one is tried first."""
    level = LEVELS.index(rule.level) if setting.policy.sequence == "levels" else 0
    return not rule.replaces_codes, level, -rule.priority, rule.number
