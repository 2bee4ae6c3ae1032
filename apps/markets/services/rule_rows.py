"""Proposing, approving, rejecting and superseding rule rows; loading the shipped ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal.actors import Actor, system_actor
from apps.journal.services import PLATFORM, Fact, record_many
from apps.markets import approval, events
from apps.markets.landed.book import compile_row
from apps.markets.landed.rows import PENDING
from apps.markets.models import RuleRow
from apps.markets.reference_rules import packaged_rows
from apps.markets.services.dated_rows import RowBook, RowEvents, digest_of

__all__ = [
    "approve_row",
    "check_body",
    "digest_of",
    "load_rule_book",
    "propose_row",
    "reject_row",
    "supersede",
]

PUBLISHER = system_actor("rule_book")
REQUIRED = ("id", "market", "kind", "role", "effective_from")
ROLES = ("primary", "surcharge", "fee", "gate")


def propose_row(
    body: Mapping[str, Any], *, actor: Actor, now: datetime, replaces: RuleRow | None = None
) -> RuleRow:
    """Write a new version of a rule that waits for a second person; it prices nothing yet.

    Raises ``markets.rule_invalid`` (422) with the field for a body the engine cannot interpret, and
    ``markets.rule_replaces`` (409) when ``replaces`` is another rule or no longer in force.
    """
    return _BOOK.propose(body, actor=actor, now=now, replaces=replaces)


def supersede(old: RuleRow, changes: Mapping[str, Any], *, actor: Actor, now: datetime) -> RuleRow:
    """Propose a version of ``old`` with some parts of its body changed; see ``propose_row``."""
    return propose_row({**old.body, **changes}, actor=actor, now=now, replaces=old)


def approve_row(row: RuleRow, *, actor: Actor, now: datetime, override: str = "") -> RuleRow:
    """Put a proposed row in force from its first day and end the version it replaces there.

    The proposer gets ``markets.own_proposal`` (403); a row that is decided already
    ``markets.rule_decided`` (409). What a safeguard lacks refuses the approval, unless ``override``
    says why it goes on without; the row and the journal keep that reason.
    """
    reason = override.strip()[:300]
    return _BOOK.approve(row, actor=actor, now=now, evidence=lambda it: _evidence_for(it, reason))


def reject_row(row: RuleRow, *, reason: str, actor: Actor, now: datetime) -> RuleRow:
    """Refuse a proposed row with a reason; same refusals as ``approve_row``."""
    return _BOOK.reject(row, reason=reason, actor=actor, now=now)


def load_rule_book(*, now: datetime) -> tuple[int, int]:
    """Bring the shipped rows in; returns how many became baseline and how many were proposed.

    A rule nobody has yet becomes baseline and applies at once. A shipped row that differs from
    every version that is there is proposed and waits for a person. Running it again changes
    nothing.
    """
    with transaction.atomic():
        baseline, proposed = _BOOK.load(packaged_rows(), actor=PUBLISHER, now=now)
        if baseline or proposed:
            counts = {"baseline": baseline, "proposed": proposed}
            fact = Fact(events.RULE_BOOK_LOADED, "rulerow", "rule_book", counts)
            record_many([fact], tenant_id=PLATFORM, actor=PUBLISHER, now=now)
    return baseline, proposed


def check_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as plain JSON, or raise ``markets.rule_invalid`` naming what is wrong."""
    _BOOK.check_parts(body, REQUIRED)
    if body["role"] not in ROLES:
        names = {"names": ", ".join(ROLES)}
        raise _BOOK.invalid("role", _("Use one of these: %(names)s.") % names)
    try:
        first = date.fromisoformat(str(body["effective_from"]))
        copy: dict[str, Any] = json.loads(json.dumps(dict(body)))
        compile_row(copy, "DE" if body["market"] == "EU" else str(body["market"]), first)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise _BOOK.unreadable(error) from error
    _BOOK.check_dates(copy)
    return copy


def _columns(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "market": body["market"],
        "confidence": body.get("confidence") or "",
        "verification": body.get("verification") or "",
        "is_pending": body.get("status") == PENDING,
    }


def _evidence_for(row: RuleRow, override: str) -> dict[str, str]:
    """Return the proofs an approval rests on; a missing one needs a reason, kept on the row."""
    looks = approval.inspect(row)
    refusals: dict[str, DomainError] = {
        name: look.refusal for name, look in looks.items() if look.refusal is not None
    }
    facts = {name: look.evidence for name, look in looks.items() if name not in refusals}
    if refusals and not override:
        raise next(iter(refusals.values()))
    if refusals:
        row.decision_note = override
    return {**facts, **{f"without_{name}": error.code for name, error in refusals.items()}}


_BOOK = RowBook(
    model=RuleRow,
    prefix="markets",
    events=RowEvents(
        events.RULE_PROPOSED, events.RULE_APPROVED, events.RULE_REJECTED, events.RULE_SUPERSEDED
    ),
    check=check_body,
    columns=_columns,
    keeps=("market",),
)
