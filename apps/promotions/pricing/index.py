"""Which rules a cart must try: by what is in it and which codes were entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apps.promotions.pricing.cart import KEY_KINDS
from apps.promotions.pricing.gates import Gate
from apps.promotions.pricing.rule import Rule
from apps.promotions.pricing.taking import Benefit
from apps.promotions.pricing.thresholds import Threshold


class Index(NamedTuple):
    """Which rules a cart must try, by their places in the sequence.

    ``kinds`` are the groups of a line's keys that any rule names; the others need no look.
    """

    by_key: Mapping[str, tuple[int, ...]]
    by_code: Mapping[str, tuple[int, ...]]
    always: tuple[int, ...]
    kinds: tuple[int, ...]


def index_rules(rules: Sequence[Rule]) -> Index:
    """Return the index of rules that stand in sequence."""
    by_key: dict[str, list[int]] = {}
    by_code: dict[str, list[int]] = {}
    always = []
    for place, rule in enumerate(rules):
        if rule.codes:
            for code in rule.codes:
                by_code.setdefault(code, []).append(place)
        elif rule.keys:
            for key in rule.keys:
                by_key.setdefault(key, []).append(place)
        else:
            always.append(place)
    kinds = {key.partition(":")[0] for key in by_key}
    return Index(
        {key: tuple(places) for key, places in by_key.items()},
        {code: tuple(places) for code, places in by_code.items()},
        tuple(always),
        tuple(place for place, kind in enumerate(KEY_KINDS) if kind in kinds),
    )


# From when, until when, gate, threshold, spend, benefit and number of a rule.
Terms = tuple[float, float, Gate | None, Threshold | None, int, Benefit, int]


def plain_terms(rule: Rule) -> Terms | None:
    """Return the terms of a rule that has no group, no code and no test of single runs."""
    if rule.group or rule.codes or rule.test is not None or rule.replaces_codes:
        return None
    threshold = None if rule.spend else rule.threshold
    return rule.starts, rule.ends, rule.gate, threshold, rule.spend, rule.benefit, rule.number
