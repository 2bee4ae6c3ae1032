"""Differences: found by rules, answered by the company, and the end of a shipment after both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inbound import events
from apps.inbound.models import InboundDiscrepancy, InboundLine, InboundShipment
from apps.inbound.rules import VERSION, find_differences
from apps.inbound.services.records import MAX_NOTE, announce, lock_lines, lock_shipment, move_on
from apps.inbound.states import ANSWERS, DiscrepancyStatus, InboundStatus
from apps.journal.actors import Actor

_ENDING = frozenset({InboundStatus.PUTAWAY, InboundStatus.RECONCILING})


@retry_transaction
def answer_discrepancy(
    discrepancy: InboundDiscrepancy, *, answer: str, note: str = "", actor: Actor, now: datetime
) -> InboundDiscrepancy:
    """Agree to a difference or dispute it (with words); the last answer may close the shipment.

    Raises 409 ``inbound.answered`` for one that has its answer, 422 for a dispute without words.
    """
    plain = " ".join(note.split())[:MAX_NOTE]
    if answer not in ANSWERS:
        raise DomainError("inbound.answer", _("Agree or dispute."), status=422)
    if answer == DiscrepancyStatus.DISPUTED and not plain:
        sentence = _("Say what is wrong about it.")
        raise DomainError("inbound.answer", sentence, status=422, fields={"note": sentence})
    with transaction.atomic():
        locked = lock_shipment(discrepancy.shipment)
        found: InboundDiscrepancy = InboundDiscrepancy.objects.select_for_update().get(
            pk=discrepancy.pk
        )
        if found.status != DiscrepancyStatus.OPEN:
            raise DomainError("inbound.answered", _("This difference needs no answer any more."))
        found.status, found.answer = answer, plain
        found.answered_by, found.answered_by_name = str(actor), actor.label[:120]
        found.answered_at = now
        found.save()
        announce(
            events.ANSWERED,
            locked,
            actor=actor,
            now=now,
            payload={
                "discrepancy": found.public_id,
                "sku": found.line.variant.sku,
                "kind": found.kind,
                "units": found.units,
                "answer": answer,
            },
        )
        close_if_done(locked, lock_lines(locked), actor=actor, now=now)
    return found


def note_differences(
    shipment: InboundShipment,
    lines: Sequence[InboundLine],
    said: Mapping[int, str],
    *,
    now: datetime,
) -> list[InboundDiscrepancy]:
    """Write down how counted lines differ; returns those that need an answer.

    ``said`` are the warehouse's words by line key. A difference that grew needs a new answer.
    """
    known = {
        (row.line_id, row.kind): row
        for row in InboundDiscrepancy.objects.select_for_update().filter(shipment=shipment)
    }
    waiting = []
    for line in lines:
        for found in find_differences(line.counts, shipment.tolerance):
            row = known.get((line.pk, found.kind))
            if row is not None and row.units == found.units:
                continue
            row = row or InboundDiscrepancy(
                merchant_id=shipment.merchant_id, shipment=shipment, line=line, kind=found.kind
            )
            row.units, row.allowed, row.rules_version = found.units, found.allowed, VERSION
            row.said = said.get(line.pk, "")[:MAX_NOTE] or row.said
            is_open = found.is_beyond
            row.status = DiscrepancyStatus.OPEN if is_open else DiscrepancyStatus.NOTED
            row.answer, row.answered_by, row.answered_by_name = "", "", ""
            row.answered_at, row.found_at = None, now
            row.save()
            if is_open:
                waiting.append(row)
    return waiting


def close_if_done(
    shipment: InboundShipment, lines: Sequence[InboundLine], *, actor: Actor, now: datetime
) -> bool:
    """Close a locked shipment once nothing waits for the shelf and every difference is answered."""
    if shipment.status not in _ENDING or any(line.counts.waiting for line in lines):
        return False
    open_ones = InboundDiscrepancy.objects.filter(shipment=shipment, status=DiscrepancyStatus.OPEN)
    if open_ones.exists():
        return False
    move_on(
        shipment,
        InboundStatus.CLOSED,
        events.CLOSED,
        actor=actor,
        now=now,
        payload={
            "accepted": sum(line.accepted for line in lines),
            "damaged": sum(line.damaged for line in lines),
            "rejected": sum(line.rejected for line in lines),
            "short": sum(line.short for line in lines),
            "over": sum(line.over for line in lines),
        },
    )
    return True
