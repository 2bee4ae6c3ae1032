"""Which fee rules count on a day."""

from __future__ import annotations

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
    valid = FeeRule.objects.filter(
        Q(market_id=market_id) | Q(market_id=None),
        Q(effective_to=None) | Q(effective_to__gt=on),
        effective_from__lte=on,
    )
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
