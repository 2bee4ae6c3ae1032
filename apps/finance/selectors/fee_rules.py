"""Which fee rules count on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Q

from apps.finance.models import FeeRule
from apps.finance.rules import FeeRate
from apps.finance.states import FeeKind


def find_rates(market_id: int, on: date) -> list[FeeRate]:
    """Return one rate per kind of fee that is charged in a market on a day, in a fixed order.

    A rule of the market goes before a general one, then the later start, then the later version.
    """
    return find_rates_of([market_id], on)[market_id]


def find_rates_of(market_ids: Collection[int], on: date) -> dict[int, list[FeeRate]]:
    """Return market key → its rates on a day, as ``find_rates`` does for one; one statement."""
    valid = list(
        FeeRule.objects.filter(
            Q(market_id__in=market_ids) | Q(market_id=None),
            Q(effective_to=None) | Q(effective_to__gt=on),
            effective_from__lte=on,
        )
    )
    return {
        key: _choose(rule for rule in valid if rule.market_id in {key, None}) for key in market_ids
    }


def _choose(valid: Iterable[FeeRule]) -> list[FeeRate]:
    best: dict[str, FeeRule] = {}
    for rule in valid:
        known = best.get(rule.kind)
        if known is None or _weight(rule) > _weight(known):
            best[rule.kind] = rule
    return [_rate(best[kind]) for kind in FeeKind.values if kind in best]


def _weight(rule: FeeRule) -> tuple[bool, date, int, int]:
    return rule.market_id is not None, rule.effective_from, rule.version, rule.pk


def _rate(rule: FeeRule) -> FeeRate:
    return FeeRate(
        kind=rule.kind,
        rate=Decimal(rule.rate),
        rule_id=rule.pk,
        code=rule.code,
        version=rule.version,
        fixed_minor=rule.fixed_minor,
        fixed_currency=rule.fixed_currency,
    )
