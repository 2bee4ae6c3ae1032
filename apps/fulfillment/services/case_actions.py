"""What people do with exception cases: open, add evidence, pass on, claim, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.papers import read_paper
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.fulfillment import case_rules as rules
from apps.fulfillment import events
from apps.fulfillment.dossier import build_dossier
from apps.fulfillment.models import CaseEvidence, ExceptionCase, Parcel
from apps.fulfillment.services.cases import Opening, open_cases
from apps.fulfillment.services.settling import lock_dispatches
from apps.fulfillment.states import (
    CHOSEN_ENDS,
    UNSOLVED_ENDS,
    CaseKind,
    CaseOwner,
    CaseStatus,
    ParcelStatus,
)
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_EVIDENCE = 200
MAX_GRAMS = 2_000_000
# What only the portal itself finds.
_FOUND_BY_PORTAL = frozenset({CaseKind.SILENCE})
_WEIGHTS = frozenset({CaseEvidence.Kind.SCALE, CaseEvidence.Kind.BILL})


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it was filed with the carrier: its number and the amount in minor units."""

    reference: str
    amount_minor: int


def _bad(sentence: str, field: str) -> DomainError:
    return DomainError("fulfillment.bad_case", sentence, status=422, fields={field: sentence})


@retry_transaction
def open_case(
    parcel: Parcel, *, kind: str, note: str, actor: Actor, now: datetime
) -> ExceptionCase:
    """Open a case that no event tells of; one that is open already is returned as it is.

    Raises 422 ``fulfillment.bad_case`` for an unknown kind or no note, 409 ``fulfillment.not_sent``
    for a parcel that has not left.
    """
    if kind not in CaseKind.values or kind in _FOUND_BY_PORTAL:
        raise _bad(_("Choose what went wrong."), "kind")
    if not note.strip():
        raise _bad(_("Say what happened."), "note")
    with transaction.atomic():
        [dispatch] = lock_dispatches([parcel.shipment.order_id])
        fresh = Parcel.objects.get(pk=parcel.pk)
        if fresh.status in {ParcelStatus.LABELLED, ParcelStatus.VOID}:
            raise DomainError("fulfillment.not_sent", _("This parcel has not left."))
        known = ExceptionCase.objects.filter(open_key=f"{parcel.pk}:{kind}").first()
        if known is not None:
            return known
        [shipment] = [item for item in dispatch.shipments if item.pk == fresh.shipment_id]
        shipment.order = dispatch.order
        why: dict[str, journal.Json] = {"rules": rules.VERSION, "by": str(actor)}
        person = ExceptionCase.Origin.PERSON
        opening = Opening(fresh, shipment, kind, now, person, why)
        [case] = open_cases([opening], actor=actor, now=now)
        _add(case, CaseEvidence.Kind.NOTE, text=note, actor=actor, now=now)
    return case


@retry_transaction
def add_note(
    case: ExceptionCase, *, text: str, waits_for: str = "", actor: Actor, now: datetime
) -> ExceptionCase:
    """Keep a note; with ``waits_for`` the next step is that party's and its clock starts anew.

    Raises 422 ``fulfillment.bad_case`` for an empty note or an unknown party, 409
    ``fulfillment.case_ended`` once the case has ended.
    """
    if not text.strip():
        raise _bad(_("Write what you found out or did."), "text")
    if waits_for and waits_for not in CaseOwner.values:
        raise _bad(_("Choose who must act next."), "waits_for")
    with transaction.atomic():
        locked = _lock_open(case)
        _add(locked, CaseEvidence.Kind.NOTE, text=text, actor=actor, now=now)
        if waits_for:
            locked.owner = waits_for
            is_own = waits_for == CaseOwner.MERCHANT
            locked.status = CaseStatus.OPEN if is_own else CaseStatus.WAITING
            locked.due_at = rules.answer_due(locked.kind, now)
            locked.save(update_fields=["owner", "status", "due_at"])
        _tell(locked, {"did": "note", "owner": locked.owner}, actor=actor, now=now)
    return locked


@retry_transaction
def add_weight(
    case: ExceptionCase, *, kind: str, grams: int, text: str = "", actor: Actor, now: datetime
) -> ExceptionCase:
    """Keep a weight in grams: ``scale`` is our own, ``bill`` the carrier's.

    Raises 422 ``fulfillment.bad_case`` for another kind or a weight outside 1 g to 2 t.
    """
    if kind not in _WEIGHTS:
        raise _bad(_("Choose whose weight it is."), "kind")
    if not 1 <= grams <= MAX_GRAMS:
        raise _bad(_("A weight lies between 1 g and 2,000 kg."), "grams")
    with transaction.atomic():
        locked = _lock_open(case)
        _add(locked, kind, grams=grams, text=text, actor=actor, now=now)
        _tell(locked, {"did": "weight", "source": kind, "grams": grams}, actor=actor, now=now)
    return locked


def add_paper(
    case: ExceptionCase,
    source: IO[bytes],
    size: int,
    *,
    text: str = "",
    actor: Actor,
    now: datetime,
) -> ExceptionCase:
    """Keep a PDF, JPEG or PNG of at most 10 MB as evidence; the same file again changes nothing.

    Raises 422 ``catalog.document`` for any other file.
    """
    paper = read_paper(source, size)
    with transaction.atomic():
        locked = _lock_open(case)
        if CaseEvidence.objects.filter(case=locked, sha256=paper.sha256).exists():
            return locked
        row = _add(
            locked,
            CaseEvidence.Kind.PAPER,
            text=text,
            sha256=paper.sha256,
            content_type=paper.content_type,
            actor=actor,
            now=now,
        )
        row.file.save(f"{row.public_id}.{paper.extension}", paper.content, save=False)
        row.save(update_fields=["file"])
        _tell(locked, {"did": "paper", "sha256": paper.sha256}, actor=actor, now=now)
    return locked


@retry_transaction
def file_claim(case: ExceptionCase, claim: Claim, *, actor: Actor, now: datetime) -> ExceptionCase:
    """Keep that a claim was filed with the carrier; the next step is the carrier's.

    Raises 409 ``fulfillment.claim_barred`` after the last day, ``fulfillment.no_claim`` for a kind
    nobody pays for, ``fulfillment.claim_filed`` for a second one, and 422 ``fulfillment.bad_case``
    without a number or with an amount that is not above zero.
    """
    reference = claim.reference.strip()
    if not reference or len(reference) > 64:
        raise _bad(_("Give the number of the claim, at most 64 characters."), "reference")
    if claim.amount_minor <= 0:
        raise _bad(_("The amount claimed must be above zero."), "amount")
    with transaction.atomic():
        locked = _lock_open(case)
        if locked.claim_by_at is None:
            raise DomainError(
                "fulfillment.no_claim", _("Carriers do not pay for this kind of case.")
            )
        if locked.claim_filed_at is not None:
            raise DomainError("fulfillment.claim_filed", _("A claim has been filed already."))
        if now > locked.claim_by_at:
            raise DomainError("fulfillment.claim_barred", _("The last day for a claim has passed."))
        locked.claim_reference, locked.claim_minor = reference, claim.amount_minor
        locked.claim_filed_at = now
        locked.owner, locked.status = CaseOwner.CARRIER, CaseStatus.WAITING
        locked.due_at = rules.answer_due(locked.kind, now)
        locked.save()
        _tell(locked, {"did": "claim", "reference": reference}, actor=actor, now=now)
    return locked


@retry_transaction
def resolve_case(
    case: ExceptionCase, *, resolution: str, note: str = "", actor: Actor, now: datetime
) -> ExceptionCase:
    """End a case by a person's decision; the same end again changes nothing.

    ``refused_claim`` and ``written_off`` close it, every other end resolves it. Raises 422
    ``fulfillment.bad_case`` for an end that is not one of ``CHOSEN_ENDS``, 409
    ``fulfillment.case_ended`` when it ended otherwise.
    """
    if resolution not in CHOSEN_ENDS:
        raise _bad(_("Choose how it ended."), "resolution")
    with transaction.atomic():
        locked = _lock(case)
        if not locked.is_open and locked.resolution == resolution:
            return locked
        _require_open(locked)
        is_solved = resolution not in UNSOLVED_ENDS
        locked.status = CaseStatus.RESOLVED if is_solved else CaseStatus.CLOSED
        locked.resolution, locked.end_note, locked.open_key = resolution, note.strip()[:300], None
        locked.ended_at, locked.ended_by = now, str(actor)
        locked.end_reasons = {"by": str(actor)}
        locked.save()
        facts: dict[str, journal.Json] = {
            "kind": locked.kind,
            "status": locked.status,
            "resolution": resolution,
            "reasons": {"by": str(actor)},
        }
        fact = journal.Fact(events.EXCEPTION_RESOLVED, "exception", locked.public_id, facts)
        journal.record_many([fact], tenant_id=locked.merchant_id, actor=actor, now=now)
    return locked


def _lock(case: ExceptionCase) -> ExceptionCase:
    """Lock the case's order and then the case, as the carriers' events do."""
    lock_dispatches([case.parcel.shipment.order_id])
    rows = ExceptionCase.objects.select_for_update()
    locked: ExceptionCase = rows.get(pk=case.pk)
    return locked


def _lock_open(case: ExceptionCase) -> ExceptionCase:
    locked = _lock(case)
    _require_open(locked)
    return locked


def _require_open(case: ExceptionCase) -> None:
    if not case.is_open:
        raise DomainError(
            "fulfillment.case_ended", _("This case has ended. Open a new one if it goes on.")
        )


def _add(
    case: ExceptionCase,
    kind: str,
    *,
    text: str = "",
    grams: int | None = None,
    sha256: str = "",
    content_type: str = "",
    actor: Actor,
    now: datetime,
) -> CaseEvidence:
    if CaseEvidence.objects.filter(case=case).count() >= MAX_EVIDENCE:
        raise DomainError(
            "fulfillment.too_much_evidence",
            _("A case holds at most %(count)d pieces of evidence.") % {"count": MAX_EVIDENCE},
        )
    row: CaseEvidence = CaseEvidence.objects.create(
        public_id=new_public_id("evd"),
        merchant_id=case.merchant_id,
        case=case,
        kind=kind,
        text=text.strip()[:500],
        grams=grams,
        sha256=sha256,
        content_type=content_type,
        added_by=str(actor),
        added_at=now,
    )
    return row


def _tell(
    case: ExceptionCase, facts: dict[str, journal.Json], *, actor: Actor, now: datetime
) -> None:
    payload: dict[str, journal.Json] = {"kind": case.kind, "status": case.status, **facts}
    fact = journal.Fact(events.EXCEPTION_CHANGED, "exception", case.public_id, payload)
    journal.record_many([fact], tenant_id=case.merchant_id, actor=actor, now=now)


def take_dossier(case: ExceptionCase, *, is_look: bool, actor: Actor, now: datetime) -> IO[bytes]:
    """Return the claim dossier as an open ZIP file and record who took it, unless it is a look.

    Ended cases have one too: a claim may still be disputed.
    """
    content = build_dossier(case)
    if not is_look:
        with transaction.atomic():
            _tell(case, {"did": "dossier"}, actor=actor, now=now)
    return content
