"""What all steps share: the lock, the check of the state, the fact in the journal, the postings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.db import lock_by_pk
from apps.common.errors import DomainError
from apps.inbound.models import InboundLine, InboundShipment
from apps.inbound.states import FINAL, InboundStatus, may_follow
from apps.inventory import services as inventory
from apps.inventory.states import Disposition, Reason
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_NOTE = 300
MAX_UNITS = 1_000_000
OUTSIDE = ""


def lock_shipment(shipment: InboundShipment) -> InboundShipment:
    """Lock a shipment and return it as it is now: every step begins here, so steps queue up."""
    locked: InboundShipment = InboundShipment.objects.select_for_update().get(pk=shipment.pk)
    # Joins would lock the company and the warehouse as well.
    locked.merchant = shipment.merchant
    if locked.node_id == shipment.node_id:
        locked.node = shipment.node
    return locked


def lock_lines(shipment: InboundShipment) -> list[InboundLine]:
    """Lock the lines of a locked shipment, by their keys, with their variants."""
    lines = lock_by_pk(InboundLine.objects.filter(shipment=shipment))
    variants = Variant.objects.in_bulk({line.variant_id for line in lines})
    for line in lines:
        line.variant = variants[line.variant_id]
    return lines


def wrong_state(shipment: InboundShipment) -> DomainError:
    """Return the refusal of a step that the state does not allow."""
    return DomainError(
        "inbound.wrong_state",
        _("This is not possible now: the shipment is “%(state)s”.")
        % {"state": InboundStatus(shipment.status).label},
    )


def move_on(
    shipment: InboundShipment,
    following: InboundStatus,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, journal.Json] | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Change the state of a locked shipment and record it; 409 when it may not follow."""
    if not may_follow(shipment.status, following):
        raise wrong_state(shipment)
    before, shipment.status = shipment.status, following
    if following in FINAL:
        shipment.ended_at = now
    shipment.save(update_fields=["status", "ended_at", "updated_at", *fields])
    announce(event, shipment, actor=actor, now=now, payload={"before": before, **(payload or {})})


def announce(
    event: str,
    shipment: InboundShipment,
    *,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, journal.Json] | None = None,
) -> None:
    """Record a fact about a shipment."""
    facts: dict[str, journal.Json] = {
        "reference": shipment.reference,
        "node": shipment.node.public_id,
        "status": str(shipment.status),
        **(payload or {}),
    }
    journal.record(
        event, merchant=shipment.merchant, subject=shipment, actor=actor, now=now, payload=facts
    )


def clean_reason(reason: str) -> str:
    """Return a reason that somebody wrote; 422 without one."""
    plain = " ".join(reason.split())[:MAX_NOTE]
    if not plain:
        sentence = _("Say why: the other side reads it.")
        raise DomainError(
            "inbound.reason_missing", sentence, status=422, fields={"reason": sentence}
        )
    return plain


def mark_of(content: Sequence[object]) -> str:
    """Return the digest that tells a repeat from other content under the same reference."""
    text = json.dumps(list(content), separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def reference_reused() -> DomainError:
    """Return the refusal of a reference that already stands for something else."""
    return DomainError(
        "inbound.reference_reused",
        _("This reference already belongs to another booking. Use a new one."),
        fields={"reference": _("Already used.")},
    )


def units_were_moved() -> DomainError:
    """Return the refusal of a step whose units somebody moved by hand."""
    return DomainError(
        "inbound.units_moved",
        _(
            "The books no longer hold the units of this shipment here: somebody moved them by hand."
            " Put them back under Stock, then try again."
        ),
    )


def expect_units(
    shipment: InboundShipment,
    units: Mapping[int, int],
    lines: Sequence[InboundLine],
    *,
    document: str,
    now: datetime,
) -> int:
    """Let units (line key → how many more, or fewer below zero) stand as coming at the warehouse.

    Returns by how many units what is coming changed. Units that somebody took from what is coming
    by hand cannot be taken back once more: those that are left are.
    """
    by_key = {line.pk: line for line in lines}
    more = [
        inventory.UnitStep(
            by_key[key].variant_id,
            count,
            OUTSIDE,
            Disposition.INBOUND,
            Reason.EXPECTED,
            f"{shipment.public_id}:{document}:{key}",
        )
        for key, count in units.items()
        if count > 0
    ]
    fewer = [
        inventory.UnitStep(
            by_key[key].variant_id,
            -count,
            Disposition.INBOUND,
            OUTSIDE,
            Reason.NOT_COMING,
            f"{shipment.public_id}:{document}:{key}",
        )
        for key, count in units.items()
        if count < 0
    ]
    inventory.move_units(shipment.merchant, shipment.node, more, now=now)
    left = inventory.move_what_is_left(shipment.merchant, shipment.node, fewer, now=now)
    return sum(step.quantity for step in more) - left
