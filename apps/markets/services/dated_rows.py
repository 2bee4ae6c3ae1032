"""Proposing, approving, rejecting and superseding dated rows of any book; loading the shipped ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.journal.services import record
from apps.markets.dated import DatedRow, RuleStatus

R = TypeVar("R", bound=DatedRow)
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowEvents:
    """The names of the journal's events about a book."""

    proposed: str
    approved: str
    rejected: str
    superseded: str


@dataclass(frozen=True, slots=True)
class RowBook(Generic[R]):
    """A book of dated rows and what is its own.

    Codes of errors begin with ``prefix``. ``check`` returns a body as plain JSON or raises
    ``{prefix}.rule_invalid``; ``columns`` are a row's own columns, ``keeps`` those a successor may
    not change.
    """

    model: type[R]
    prefix: str
    events: RowEvents
    check: Callable[[Body], dict[str, Any]]
    columns: Callable[[Body], dict[str, Any]]
    keeps: tuple[str, ...] = ()

    def propose(self, body: Body, *, actor: Actor, now: datetime, replaces: R | None = None) -> R:
        """Write a new version that waits for a second person; it decides nothing yet.

        Raises ``rule_invalid`` (422) with the field for a body the engine cannot interpret, and
        ``rule_replaces`` (409) when ``replaces`` is another rule or no longer in force.
        """
        checked = self.check(body)
        if not checked.get("sources"):
            raise self.invalid("sources", _("Name at least one source."))
        with transaction.atomic():
            if replaces is not None:
                self._check_successor(checked, self._locked(replaces))
            elif self.model._default_manager.filter(rule_id=checked["id"]).exists():
                raise DomainError(
                    f"{self.prefix}.rule_replaces",
                    _("The rule %(rule)s exists. Propose a new version of it instead.")
                    % {"rule": checked["id"]},
                )
            row = self.insert(
                checked, RuleStatus.PROPOSED, proposed_by=str(actor), now=now, old=replaces
            )
            self.tell(row, self.events.proposed, actor=actor, now=now)
        return row

    def approve(
        self,
        row: R,
        *,
        actor: Actor,
        now: datetime,
        evidence: Callable[[R], Mapping[str, str]] = lambda _row: {},
    ) -> R:
        """Put a proposed row in force from its first day and end the version it replaces there.

        The proposer gets ``own_proposal`` (403); a row that is decided already ``rule_decided`` (409).
        ``evidence`` refuses by raising, or says on what the approval rests.
        """
        with transaction.atomic():
            found = self._decidable(row, actor)
            facts = evidence(found)
            replaced: Any = found.replaces
            if replaced is not None:
                old = self._locked(replaced)
                self._check_successor(found.body, old)
                old.status, old.superseded_from = RuleStatus.SUPERSEDED, found.effective_from
                old.save(update_fields=["status", "superseded_from"])
                self.tell(old, self.events.superseded, actor=actor, now=now)
            _decide(found, RuleStatus.APPROVED, actor=actor, now=now)
            self.tell(found, self.events.approved, actor=actor, now=now, facts=facts)
        return found

    def reject(self, row: R, *, reason: str, actor: Actor, now: datetime) -> R:
        """Refuse a proposed row with a reason; same refusals as ``approve``."""
        if not reason.strip():
            sentence = _("Say why the row is rejected.")
            raise DomainError(f"{self.prefix}.rule_reason", sentence, status=422)
        with transaction.atomic():
            found = self._decidable(row, actor)
            found.decision_note = reason.strip()[:300]
            _decide(found, RuleStatus.REJECTED, actor=actor, now=now)
            self.tell(found, self.events.rejected, actor=actor, now=now)
        return found

    def load(self, bodies: Iterable[Body], *, actor: Actor, now: datetime) -> tuple[int, int]:
        """Bring shipped rows in; returns how many became baseline and how many were proposed.

        A rule nobody has yet becomes baseline and applies at once. A shipped row that differs from
        every version that is there is proposed and waits for a person. Running it again changes
        nothing.
        """
        known = set(self.model._default_manager.values_list("rule_id", "digest"))
        rules = {rule_id for rule_id, _digest in known}
        new = [body for body in bodies if (body["id"], digest_of(body)) not in known]
        for body in new:
            self._bring_in(self.check(body), is_known=body["id"] in rules, actor=actor, now=now)
        proposed = sum(body["id"] in rules for body in new)
        return len(new) - proposed, proposed

    def check_dates(self, body: Body) -> None:
        """Raise ``rule_invalid`` for days that are none, or a last one before the first."""
        try:
            first = date.fromisoformat(str(body["effective_from"]))
            last = date.fromisoformat(str(body.get("effective_to") or date.max))
        except ValueError as error:
            raise self.unreadable(error) from error
        if last < first:
            raise self.invalid("effective_to", _("The last day is before the first."))

    def check_parts(self, body: Body, required: tuple[str, ...]) -> None:
        """Raise ``rule_invalid`` for a part that is missing, or sources that are no list."""
        missing = [name for name in required if not body.get(name)]
        if missing:
            names = {"names": ", ".join(missing)}
            raise self.invalid(missing[0], _("This part is missing: %(names)s.") % names)
        if not isinstance(body.get("sources"), list):
            raise self.invalid("sources", _("Give a list of addresses."))

    def invalid(self, field: str, sentence: str) -> DomainError:
        """Return the error for a body with something wrong in a field."""
        message = f"{field}: {sentence}"
        return DomainError(
            f"{self.prefix}.rule_invalid", message, status=422, fields={field: sentence}
        )

    def unreadable(self, error: Exception) -> DomainError:
        """Return the error for a body that the engine cannot read."""
        return self.invalid("body", _("The engine cannot read it: %(why)s") % {"why": error})

    def insert(
        self,
        body: dict[str, Any],
        status: RuleStatus,
        *,
        proposed_by: str,
        now: datetime,
        old: R | None,
    ) -> R:
        """Write the next version of a rule."""
        rows = self.model._default_manager.filter(rule_id=body["id"])
        last = rows.aggregate(last=Max("version"))["last"] or 0
        until = body.get("effective_to")
        facts: dict[str, Any] = dict(
            rule_id=body["id"],
            version=last + 1,
            kind=body["kind"],
            body=body,
            digest=digest_of(body),
            sources=body["sources"],
            effective_from=date.fromisoformat(body["effective_from"]),
            effective_to=date.fromisoformat(until) if until else None,
            status=status,
            replaces=old,
            proposed_by=proposed_by,
            proposed_at=now,
            **self.columns(body),
        )
        made = self.model(**facts)
        made.save(force_insert=True)
        return made

    def tell(
        self,
        row: R,
        event: str,
        *,
        actor: Actor,
        now: datetime,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Record what happened to a row."""
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

    def _bring_in(
        self, body: dict[str, Any], *, is_known: bool, actor: Actor, now: datetime
    ) -> None:
        if not is_known:
            self.insert(body, RuleStatus.BASELINE, proposed_by=str(actor), now=now, old=None)
            return
        current = self.model._default_manager.filter(
            rule_id=body["id"], status__in=[RuleStatus.BASELINE, RuleStatus.APPROVED]
        )
        old = current.order_by("-version").first()
        row = self.insert(body, RuleStatus.PROPOSED, proposed_by=str(actor), now=now, old=old)
        self.tell(row, self.events.proposed, actor=actor, now=now)

    def _decidable(self, row: R, actor: Actor) -> R:
        found = self._locked(row)
        if found.status != RuleStatus.PROPOSED:
            sentence = _("This row has been decided already.")
            raise DomainError(f"{self.prefix}.rule_decided", sentence)
        if found.proposed_by == str(actor):
            raise DomainError(
                f"{self.prefix}.own_proposal",
                _("You proposed this row. A second person must decide about it."),
                status=403,
            )
        return found

    def _check_successor(self, body: Body, old: R) -> None:
        kept = all(body.get(name) == getattr(old, name) for name in self.keeps)
        if body["id"] != old.rule_id or not kept:
            sentence = _("A new version keeps the rule's name and market.")
            raise DomainError(f"{self.prefix}.rule_replaces", sentence)
        if old.status not in (RuleStatus.BASELINE, RuleStatus.APPROVED):
            raise DomainError(
                f"{self.prefix}.rule_replaces",
                _(
                    "The version it replaces is no longer in force. "
                    "Propose it again from the newest."
                ),
            )
        if date.fromisoformat(body["effective_from"]) < old.effective_from:
            sentence = _("It cannot begin before the version it replaces.")
            raise self.invalid("effective_from", sentence)

    def _locked(self, row: R) -> R:
        found: R = self.model._default_manager.select_for_update().get(pk=row.pk)
        return found


def digest_of(body: Body) -> str:
    """Return the SHA-256 of a body in its one text form."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _decide(row: DatedRow, status: RuleStatus, *, actor: Actor, now: datetime) -> None:
    row.status, row.decided_by, row.decided_at = status, str(actor), now
    row.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])
