"""An approval rests on a finished dry run of exactly this version under today's decisions."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.compliance.rule_impact import selectors
from apps.compliance.rule_impact.models import RuleDryRun
from apps.markets import selectors as markets
from apps.markets.approval import Look
from apps.markets.models import RuleRow

TEMPLATE = "admin/compliance/_dry_run_panel.html"


def look_at(row: RuleRow) -> Look:
    """Return the newest dry run of a row, and whether an approval may rest on it.

    Missing, unfinished and outdated runs close the gate: ``compliance.dry_run_missing``,
    ``compliance.dry_run_unfinished`` and ``compliance.dry_run_stale`` (409).
    """
    run = selectors.find_newest_run(row)
    facts: dict[str, object] = {"run": run}
    if run is not None and run.finished_at is not None:
        facts["totals"] = partial(selectors.get_totals, run)
    return Look(TEMPLATE, facts, run.public_id if run else "", _refusal(run, row))


def _refusal(run: RuleDryRun | None, row: RuleRow) -> DomainError | None:
    if run is None or run.row_digest != row.digest:
        return _missing()
    if run.finished_at is None:
        return DomainError(
            "compliance.dry_run_unfinished", _("The dry run of this version has not finished.")
        )
    if run.book_digest != markets.digest_decisions(row.market):
        return DomainError(
            "compliance.dry_run_stale",
            _("Rows of these markets were decided about since the dry run. Run it again."),
        )
    return None


def _missing() -> DomainError:
    return DomainError(
        "compliance.dry_run_missing",
        _("There is no dry run of this version. Run it first: it shows who pays what."),
    )
