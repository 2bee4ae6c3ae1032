"""Check results of an order in words, the newest run of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.formatting import join_sentences
from apps.compliance.models import CheckRun
from apps.compliance.rules import Finding
from apps.compliance.sentences import explain
from apps.orders.models import Order

BADGES = {
    CheckRun.Verdict.PASS.value: "passed",
    CheckRun.Verdict.HOLD.value: "review",
    CheckRun.Verdict.FAIL.value: "failed",
}


@dataclass(frozen=True, slots=True)
class CheckWords:
    """One check as the page tells it."""

    kind: str
    label: str
    verdict: str
    badge: str
    reason: str
    rule_version: str
    ran_at: datetime


def tell_checks(order: Order, runs: Sequence[CheckRun]) -> list[CheckWords]:
    """Return the newest run of each kind; ``runs`` come the newest first."""
    newest: dict[str, CheckRun] = {}
    for run in runs:
        newest.setdefault(run.kind, run)
    return [_tell(order, newest[kind]) for kind in sorted(newest)]


def _tell(order: Order, run: CheckRun) -> CheckWords:
    findings = [Finding(**row) for row in run.reasons if "severity" in row]
    reason = explain(run.kind, findings, order.ship_to_country).reason if findings else ""
    if any(row.get("code") == "accepted" for row in run.reasons):
        reason = join_sentences(reason, _("A person accepted this."))
    return CheckWords(
        kind=run.kind,
        label=str(CheckRun.Kind(run.kind).label),
        verdict=run.verdict,
        badge=BADGES[run.verdict],
        reason=reason,
        rule_version=run.rule_version,
        ran_at=run.ran_at,
    )
