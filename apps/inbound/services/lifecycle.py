"""From the announcement to the gate: each step changes the state once and says who took it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inbound import events
from apps.inbound.models import InboundLine, InboundShipment
from apps.inbound.services.records import (
    announce,
    clean_reason,
    expect_units,
    lock_lines,
    lock_shipment,
    move_on,
    wrong_state,
)
from apps.inbound.states import InboundStatus
from apps.jobs.deadlines import NewDeadline, close_deadline, replace_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor

EXPIRE = "inbound.expire"
# A warehouse keeps the place of a shipment that does not come for so long.
KEPT_FOR = timedelta(days=30)
MAX_AHEAD = timedelta(days=366)


@retry_transaction
def submit_inbound(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Announce a draft to the warehouse: its units stand as coming there from now on."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        lines = lock_lines(locked)
        if locked.status != InboundStatus.DRAFT:
            raise wrong_state(locked)
        if not lines:
            raise DomainError("inbound.empty", _("Add at least one item."), status=422)
        for line in lines:
            line.announced = line.expected
        InboundLine.objects.bulk_update(lines, ["announced"])
        units = {line.pk: line.expected for line in lines}
        expect_units(locked, units, lines, document="expected", now=now)
        locked.submitted_at = now
        move_on(
            locked,
            InboundStatus.SUBMITTED,
            events.SUBMITTED,
            actor=actor,
            now=now,
            payload={"document": "expected", "units": sum(units.values())},
            fields=["submitted_at"],
        )
    return locked


@retry_transaction
def accept_inbound(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Take an announced shipment; it expires when it does not come within 30 days of its day."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        day = datetime.combine(locked.expected_on, time.max, tzinfo=UTC)
        _keep_until(locked, max(day, now) + KEPT_FOR)
        move_on(
            locked,
            InboundStatus.ACCEPTED,
            events.ACCEPTED,
            actor=actor,
            now=now,
            fields=["expires_at"],
        )
    return locked


@retry_transaction
def reject_inbound(
    shipment: InboundShipment, *, reason: str, actor: Actor, now: datetime
) -> InboundShipment:
    """Refuse an announced shipment; its units are no longer expected."""
    plain = clean_reason(reason)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status != InboundStatus.SUBMITTED:
            raise wrong_state(locked)
        locked.reason = plain
        withdraw(
            locked,
            InboundStatus.REJECTED,
            events.REJECTED,
            document="rejected",
            actor=actor,
            now=now,
        )
    return locked


@retry_transaction
def book_appointment(
    shipment: InboundShipment, *, at: datetime, dock: str = "", actor: Actor, now: datetime
) -> InboundShipment:
    """Book when the shipment comes to the gate, or book another time until it is there.

    ``at`` is a moment between now and a year from now (422 otherwise).
    """
    if not now < at <= now + MAX_AHEAD:
        sentence = _("Choose a moment between now and a year from now.")
        raise DomainError("inbound.appointment", sentence, status=422, fields={"at": sentence})
    with transaction.atomic():
        locked = lock_shipment(shipment)
        again = locked.status in {InboundStatus.APPOINTED, InboundStatus.IN_TRANSIT}
        locked.appointment_at, locked.appointment_ref = at, dock.strip()[:40]
        fields = ["appointment_at", "appointment_ref", "expires_at"]
        if locked.status != InboundStatus.IN_TRANSIT:
            locked.expires_at = at + KEPT_FOR
        facts: dict[str, journal.Json] = {
            "appointment_at": at.astimezone(UTC).isoformat(),
            "dock": locked.appointment_ref,
        }
        if again:
            locked.save(update_fields=[*fields, "updated_at"])
            announce(events.APPOINTED, locked, actor=actor, now=now, payload=facts)
        else:
            move_on(
                locked,
                InboundStatus.APPOINTED,
                events.APPOINTED,
                actor=actor,
                now=now,
                payload=facts,
                fields=fields,
            )
        if locked.status == InboundStatus.APPOINTED:
            _keep_until(locked, at + KEPT_FOR)
    return locked


@retry_transaction
def depart(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Say that the shipment is on its way; it does not expire any more."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        _depart(locked, actor=actor, now=now)
    return locked


@retry_transaction
def arrive(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Say that the shipment is at the gate; one that nobody said had left, left before."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status == InboundStatus.APPOINTED:
            _depart(locked, actor=actor, now=now)
        locked.arrived_at = now
        move_on(
            locked,
            InboundStatus.ARRIVED,
            events.ARRIVED,
            actor=actor,
            now=now,
            fields=["arrived_at"],
        )
    return locked


@retry_transaction
def pause_receiving(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Stop counting for now: nothing can be counted in until it goes on."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        move_on(locked, InboundStatus.PAUSED, events.PAUSED, actor=actor, now=now)
    return locked


@retry_transaction
def resume_receiving(shipment: InboundShipment, *, actor: Actor, now: datetime) -> InboundShipment:
    """Go on counting."""
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status != InboundStatus.PAUSED:
            raise wrong_state(locked)
        move_on(locked, InboundStatus.RECEIVING, events.RESUMED, actor=actor, now=now)
    return locked


def withdraw(
    locked: InboundShipment,
    following: InboundStatus,
    event: str,
    *,
    document: str,
    actor: Actor,
    now: datetime,
) -> None:
    """End a locked shipment that never came: nothing of it is expected any more."""
    lines = lock_lines(locked)
    units = {line.pk: -line.expected for line in lines if line.announced or line.expected}
    was_announced = locked.status != InboundStatus.DRAFT
    moved = 0
    if was_announced:
        moved = expect_units(locked, units, lines, document=document, now=now)
    close_deadline(EXPIRE, locked.public_id, outcome=following, now=now)
    move_on(
        locked,
        following,
        event,
        actor=actor,
        now=now,
        payload={"document": document, "units": -moved, "reason": locked.reason},
        fields=["reason"],
    )


def _depart(locked: InboundShipment, *, actor: Actor, now: datetime) -> None:
    close_deadline(EXPIRE, locked.public_id, outcome="departed", now=now)
    locked.expires_at = None
    move_on(
        locked,
        InboundStatus.IN_TRANSIT,
        events.DEPARTED,
        actor=actor,
        now=now,
        fields=["expires_at"],
    )


def _keep_until(locked: InboundShipment, moment: datetime) -> None:
    locked.expires_at = moment
    replace_deadlines(
        locked.merchant_id,
        [NewDeadline(EXPIRE, locked.public_id, moment, moment - timedelta(days=7))],
    )
