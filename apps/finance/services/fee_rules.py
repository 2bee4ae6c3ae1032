"""Opening the standard fee rules."""

from __future__ import annotations

from apps.finance.models import FeeRule
from apps.finance.reference import SINCE, SOURCE, STANDARD_FEES


def open_fee_rules() -> int:
    """Create the standard fee rules that are missing; returns how many were.

    A rule that exists in any version stays as it is, also when somebody ended it.
    """
    known = set(FeeRule.objects.values_list("code", flat=True))
    missing = [
        FeeRule(code=item.code, kind=item.kind, rate=item.rate, effective_from=SINCE, source=SOURCE)
        for item in STANDARD_FEES
        if item.code not in known
    ]
    # Two processes may start at once: the second one's rows are the same and are left out.
    FeeRule.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
