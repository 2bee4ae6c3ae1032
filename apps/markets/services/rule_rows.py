"""Proposing, approving, rejecting and superseding rule rows; loading the shipped ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal.actors import Actor, system_actor
from apps.journal.services import PLATFORM, Fact, record, record_many
from apps.markets import approval, events
from apps.markets.landed.book import compile_row
from apps.markets.landed.rows import PENDING
from apps.markets.models import RuleRow, RuleStatus
from apps.markets.reference_rules import packaged_rows

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
    checked = check_body(body)
    if not checked.get("sources"):
        raise _invalid("sources", _("Name at least one source."))
    with transaction.atomic():
        if replaces is not None:
            _check_successor(checked, _locked(replaces))
        elif RuleRow.objects.filter(rule_id=checked["id"]).exists():
            raise DomainError(
                "markets.rule_replaces",
                _("The rule %(rule)s exists. Propose a new version of it instead.")
                % {"rule": checked["id"]},
            )
        row = _insert(checked, RuleStatus.PROPOSED, proposed_by=str(actor), now=now, old=replaces)
        _record(row, events.RULE_PROPOSED, actor=actor, now=now)
    return row


def supersede(old: RuleRow, changes: Mapping[str, Any], *, actor: Actor, now: datetime) -> RuleRow:
    """Propose a version of ``old`` with some parts of its body changed; see ``propose_row``."""
    return propose_row({**old.body, **changes}, actor=actor, now=now, replaces=old)


def approve_row(row: RuleRow, *, actor: Actor, now: datetime, override: str = "") -> RuleRow:
    """Put a proposed row in force from its first day and end the version it replaces there.

    The proposer gets ``markets.own_proposal`` (403); a row that is decided already
    ``markets.rule_decided`` (409). What a safeguard lacks refuses the approval, unless ``override``
    says why it goes on without; the row and the journal keep that reason.
    """
    with transaction.atomic():
        found = _decidable(row, actor)
        evidence = _evidence_for(found, override.strip()[:300])
        if found.replaces is not None:
            old = _locked(found.replaces)
            _check_successor(found.body, old)
            old.status, old.superseded_from = RuleStatus.SUPERSEDED, found.effective_from
            old.save(update_fields=["status", "superseded_from"])
            _record(old, events.RULE_SUPERSEDED, actor=actor, now=now)
        _decide(found, RuleStatus.APPROVED, actor=actor, now=now)
        _record(found, events.RULE_APPROVED, actor=actor, now=now, facts=evidence)
    return found


def reject_row(row: RuleRow, *, reason: str, actor: Actor, now: datetime) -> RuleRow:
    """Refuse a proposed row with a reason; same refusals as ``approve_row``."""
    if not reason.strip():
        raise DomainError("markets.rule_reason", _("Say why the row is rejected."), status=422)
    with transaction.atomic():
        found = _decidable(row, actor)
        found.decision_note = reason.strip()[:300]
        _decide(found, RuleStatus.REJECTED, actor=actor, now=now)
        _record(found, events.RULE_REJECTED, actor=actor, now=now)
    return found


def load_rule_book(*, now: datetime) -> tuple[int, int]:
    """Bring the shipped rows in; returns how many became baseline and how many were proposed.

    A rule nobody has yet becomes baseline and applies at once. A shipped row that differs from
    every version that is there is proposed and waits for a person. Running it again changes
    nothing.
    """
    with transaction.atomic():
        known = set(RuleRow.objects.values_list("rule_id", "digest"))
        rules = {rule_id for rule_id, _digest in known}
        new = [body for body in packaged_rows() if (body["id"], digest_of(body)) not in known]
        for body in new:
            _bring_in(check_body(body), is_known=body["id"] in rules, now=now)
        proposed = sum(body["id"] in rules for body in new)
        if new:
            counts = {"baseline": len(new) - proposed, "proposed": proposed}
            fact = Fact(events.RULE_BOOK_LOADED, "rulerow", "rule_book", counts)
            record_many([fact], tenant_id=PLATFORM, actor=PUBLISHER, now=now)
    return len(new) - proposed, proposed


def check_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as plain JSON, or raise ``markets.rule_invalid`` naming what is wrong."""
    missing = [name for name in REQUIRED if not body.get(name)]
    if missing:
        raise _invalid(missing[0], _("This part is missing: %(names)s.") % _named(missing))
    if body["role"] not in ROLES:
        raise _invalid("role", _("Use one of these: %(names)s.") % _named(ROLES))
    if not isinstance(body.get("sources"), list):
        raise _invalid("sources", _("Give a list of addresses."))
    try:
        first = date.fromisoformat(str(body["effective_from"]))
        last = date.fromisoformat(str(body.get("effective_to") or date.max))
        copy: dict[str, Any] = json.loads(json.dumps(dict(body)))
        compile_row(copy, "DE" if body["market"] == "EU" else str(body["market"]), first)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise _invalid("body", _("The engine cannot read it: %(why)s") % {"why": error}) from error
    if last < first:
        raise _invalid("effective_to", _("The last day is before the first."))
    return copy


def digest_of(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a body in its one text form."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _bring_in(body: dict[str, Any], *, is_known: bool, now: datetime) -> None:
    if not is_known:
        _insert(body, RuleStatus.BASELINE, proposed_by=str(PUBLISHER), now=now, old=None)
        return
    current = RuleRow.objects.filter(
        rule_id=body["id"], status__in=[RuleStatus.BASELINE, RuleStatus.APPROVED]
    )
    old = current.order_by("-version").first()
    row = _insert(body, RuleStatus.PROPOSED, proposed_by=str(PUBLISHER), now=now, old=old)
    _record(row, events.RULE_PROPOSED, actor=PUBLISHER, now=now)


def _insert(
    body: dict[str, Any],
    status: RuleStatus,
    *,
    proposed_by: str,
    now: datetime,
    old: RuleRow | None,
) -> RuleRow:
    last = RuleRow.objects.filter(rule_id=body["id"]).aggregate(last=Max("version"))["last"] or 0
    return RuleRow.objects.create(
        rule_id=body["id"],
        version=last + 1,
        market=body["market"],
        kind=body["kind"],
        body=body,
        digest=digest_of(body),
        sources=body["sources"],
        confidence=body.get("confidence") or "",
        verification=body.get("verification") or "",
        effective_from=date.fromisoformat(body["effective_from"]),
        effective_to=date.fromisoformat(body["effective_to"]) if body.get("effective_to") else None,
        status=status,
        is_pending=body.get("status") == PENDING,
        replaces=old,
        proposed_by=proposed_by,
        proposed_at=now,
    )


def _decidable(row: RuleRow, actor: Actor) -> RuleRow:
    found = _locked(row)
    if found.status != RuleStatus.PROPOSED:
        raise DomainError("markets.rule_decided", _("This row has been decided already."))
    if found.proposed_by == str(actor):
        raise DomainError(
            "markets.own_proposal",
            _("You proposed this row. A second person must decide about it."),
            status=403,
        )
    return found


def _evidence_for(row: RuleRow, override: str) -> dict[str, str]:
    """Return the proofs an approval rests on; a missing one needs a reason, kept on the row."""
    looks = approval.inspect(row)
    refusals = {name: look.refusal for name, look in looks.items() if look.refusal is not None}
    facts = {name: look.evidence for name, look in looks.items() if name not in refusals}
    if refusals and not override:
        raise next(iter(refusals.values()))
    if refusals:
        row.decision_note = override
    return {**facts, **{f"without_{name}": error.code for name, error in refusals.items()}}


def _decide(row: RuleRow, status: RuleStatus, *, actor: Actor, now: datetime) -> None:
    row.status, row.decided_by, row.decided_at = status, str(actor), now
    row.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])


def _check_successor(body: Mapping[str, Any], old: RuleRow) -> None:
    if (body["id"], body["market"]) != (old.rule_id, old.market):
        raise DomainError(
            "markets.rule_replaces", _("A new version keeps the rule's name and market.")
        )
    if old.status not in (RuleStatus.BASELINE, RuleStatus.APPROVED):
        raise DomainError(
            "markets.rule_replaces",
            _("The version it replaces is no longer in force. Propose it again from the newest."),
        )
    if date.fromisoformat(body["effective_from"]) < old.effective_from:
        raise _invalid("effective_from", _("It cannot begin before the version it replaces."))


def _locked(row: RuleRow) -> RuleRow:
    return RuleRow.objects.select_for_update().get(pk=row.pk)


def _record(
    row: RuleRow, event: str, *, actor: Actor, now: datetime, facts: Mapping[str, str] | None = None
) -> None:
    payload: dict[str, Any] = {
        **(facts or {}),
        "rule": row.rule_id,
        "version": row.version,
        "from": row.effective_from.isoformat(),
        "digest": row.digest,
    }
    if row.decision_note:
        payload["reason"] = row.decision_note
    record(event, merchant=None, subject=row, actor=actor, now=now, payload=payload)


def _invalid(field: str, sentence: str) -> DomainError:
    message = f"{field}: {sentence}"
    return DomainError("markets.rule_invalid", message, status=422, fields={field: sentence})


def _named(names: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {"names": ", ".join(names)}
