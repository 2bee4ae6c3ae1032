"""Ends that nobody planned: cancelled, expired, closed by force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.inbound import events
from apps.inbound.models import InboundLine, InboundShipment
from apps.inbound.services.lifecycle import withdraw
from apps.inbound.services.records import (
    announce,
    clean_reason,
    expect_units,
    lock_lines,
    lock_shipment,
    wrong_state,
)
from apps.inbound.states import FORCEABLE, InboundStatus, may_follow
from apps.inventory import services as inventory
from apps.inventory.states import Disposition, Reason
from apps.journal.actors import Actor


@retry_transaction
def cancel_inbound(
    shipment: InboundShipment, *, reason: str, actor: Actor, now: datetime
) -> InboundShipment:
    """Call a shipment off before an appointment is booked; nothing of it is expected any more."""
    plain = clean_reason(reason)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if not may_follow(locked.status, InboundStatus.CANCELLED):
            raise wrong_state(locked)
        locked.reason = plain
        withdraw(
            locked,
            InboundStatus.CANCELLED,
            events.CANCELLED,
            document="cancelled",
            actor=actor,
            now=now,
        )
    return locked


def expire_inbound(shipment: InboundShipment, *, actor: Actor, now: datetime) -> str:
    """End a shipment that did not come in time; returns what became of it.

    One that left, or was booked for later, goes on.
    """
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if not may_follow(locked.status, InboundStatus.EXPIRED):
            return f"shipment is {locked.status}"
        if locked.expires_at and locked.expires_at > now:
            return "expected later"
        locked.reason = _("It did not come in time.")
        withdraw(
            locked, InboundStatus.EXPIRED, events.EXPIRED, document="expired", actor=actor, now=now
        )
    return "expired"


@retry_transaction
def force_close(
    shipment: InboundShipment, *, reason: str, actor: Actor, now: datetime
) -> InboundShipment:
    """End a shipment whose goods are on the way or in the house, for staff, with a reason.

    What has not come is no longer expected; what waits for the shelf goes to quarantine, from where
    the company releases it. Units that somebody moved by hand meanwhile stay where they are. 409
    for a shipment that has its own ways to end.
    """
    plain = clean_reason(reason)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status not in FORCEABLE:
            raise wrong_state(locked)
        lines = lock_lines(locked)
        gone = _stop_expecting(locked, lines, now=now)
        kept = _quarantine_waiting(locked, lines, now=now)
        before, locked.status = locked.status, InboundStatus.CLOSED
        locked.reason, locked.ended_at = plain, now
        locked.save(update_fields=["status", "reason", "ended_at", "updated_at"])
        announce(
            events.FORCE_CLOSED,
            locked,
            actor=actor,
            now=now,
            payload={
                "before": before,
                "document": "forced",
                "reason": plain,
                "not_coming": gone,
                "quarantined": kept,
            },
        )
    return locked


def _stop_expecting(locked: InboundShipment, lines: list[InboundLine], *, now: datetime) -> int:
    """Take back what still stands as coming, and write it down as short."""
    if locked.received_at is not None:
        return 0
    missing = {line.pk: -line.counts.missing for line in lines if line.counts.missing}
    moved = expect_units(locked, missing, lines, document="forced", now=now)
    for line in lines:
        line.short = line.counts.missing
    InboundLine.objects.bulk_update(lines, ["short"])
    return -moved


def _quarantine_waiting(locked: InboundShipment, lines: list[InboundLine], *, now: datetime) -> int:
    steps = [
        inventory.UnitStep(
            line.variant_id,
            line.counts.waiting,
            Disposition.QC_HOLD,
            Disposition.QUARANTINED,
            Reason.QUARANTINE,
            f"{locked.public_id}:forced:{line.pk}:q",
        )
        for line in lines
        if line.counts.waiting
    ]
    moved = inventory.move_what_is_left(locked.merchant, locked.node, steps, now=now)
    for line in lines:
        line.rejected += line.counts.waiting
    InboundLine.objects.bulk_update(lines, ["rejected"])
    return moved
