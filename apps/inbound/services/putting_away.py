"""Putting inspected units on the shelf, or setting apart what inspection found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inbound import events
from apps.inbound.models import (
    InboundLine,
    InboundPutaway,
    InboundPutawayLine,
    InboundShipment,
)
from apps.inbound.requests import Shelving
from apps.inbound.services.records import (
    MAX_NOTE,
    announce,
    lock_lines,
    lock_shipment,
    mark_of,
    reference_reused,
    units_were_moved,
    wrong_state,
)
from apps.inbound.services.settling import close_if_done, note_differences
from apps.inbound.states import SHELVABLE, InboundStatus, may_follow
from apps.inventory import services as inventory
from apps.inventory.services import UnitStep
from apps.inventory.states import Disposition, Reason
from apps.journal.actors import Actor


@retry_transaction
def put_away(
    shipment: InboundShipment,
    shelvings: Sequence[Shelving],
    *,
    reference: str,
    actor: Actor,
    now: datetime,
) -> InboundPutaway:
    """Put units on the shelf, where they are for sale at once; set apart what was found damaged.

    Once per ``reference``; a repeat returns the first. The first one ends the inspection. The
    shipment closes when nothing waits and every difference is answered. Raises 409
    ``inbound.waiting`` for more than waits, ``inbound.reference_reused``, ``inbound.wrong_state``,
    and what ``inventory`` says of lots (past their date, known with another date).
    """
    _check(shelvings, reference)
    content = [[s.position, s.shelved, s.damaged, s.rejected, s.note] for s in shelvings]
    mark = mark_of(content)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        known = InboundPutaway.objects.filter(shipment=locked, reference=reference).first()
        if known is not None:
            if known.mark != mark:
                raise reference_reused()
            first: InboundPutaway = known
            return first
        if locked.status not in SHELVABLE:
            raise wrong_state(locked)
        lines = lock_lines(locked)
        by_position = {line.position: line for line in lines}
        _check_waiting(shelvings, by_position)
        made: InboundPutaway = InboundPutaway.objects.create(
            merchant_id=locked.merchant_id,
            shipment=locked,
            reference=reference,
            mark=mark,
            made_by=str(actor),
            made_by_name=actor.label[:120],
            made_at=now,
        )
        _move(locked, made, shelvings, by_position, now=now)
        _write(made, shelvings, by_position)
        _tell(locked, made, shelvings, actor=actor, now=now)
        said = {by_position[item.position].pk: item.note.strip() for item in shelvings}
        note_differences(locked, lines, said, now=now)
        close_if_done(locked, lines, actor=actor, now=now)
    return made


def _check(shelvings: Sequence[Shelving], reference: str) -> None:
    if not reference.strip() or len(reference) > 64:
        sentence = _("Give this booking a reference of 1 to 64 characters.")
        raise DomainError("inbound.reference", sentence, status=422, fields={"reference": sentence})
    if not shelvings or any(_units(item) <= 0 or _least(item) < 0 for item in shelvings):
        sentence = _("Say at least for one line how many units go where.")
        raise DomainError("inbound.invalid", sentence, status=422, fields={"lines": sentence})
    if len({item.position for item in shelvings}) < len(shelvings):
        sentence = _("Name each line once.")
        raise DomainError("inbound.invalid", sentence, status=422, fields={"lines": sentence})


def _units(item: Shelving) -> int:
    return item.shelved + item.damaged + item.rejected


def _least(item: Shelving) -> int:
    return min(item.shelved, item.damaged, item.rejected)


def _check_waiting(shelvings: Sequence[Shelving], by_position: Mapping[int, InboundLine]) -> None:
    for index, item in enumerate(shelvings):
        line = by_position.get(item.position)
        if line is None:
            sentence = _("There is no such line.")
            raise DomainError(
                "inbound.no_line", sentence, status=422, fields={f"lines.{index}": sentence}
            )
        if _units(item) > line.counts.waiting:
            sentence = _("Only %(count)s units of %(sku)s wait for the shelf.") % {
                "count": line.counts.waiting,
                "sku": line.variant.sku,
            }
            raise DomainError("inbound.waiting", sentence, fields={f"lines.{index}": sentence})


def _move(
    shipment: InboundShipment,
    made: InboundPutaway,
    shelvings: Sequence[Shelving],
    by_position: Mapping[int, InboundLine],
    *,
    now: datetime,
) -> None:
    steps: list[UnitStep] = []
    try:
        for item in shelvings:
            line = by_position[item.position]
            name = f"{shipment.public_id}:{made.public_id}:{line.pk}"
            if item.shelved and line.expires_on is not None:
                inventory.shelve_lot(
                    shipment.merchant,
                    node=shipment.node,
                    variant_id=line.variant_id,
                    code=line.lot_code,
                    expires_on=line.expires_on,
                    quantity=item.shelved,
                    reference=f"{name}:s",
                    now=now,
                )
            steps += _steps(line, item, name)
        inventory.move_units(shipment.merchant, shipment.node, steps, now=now)
    except inventory.StockShortError as error:
        raise units_were_moved() from error


def _steps(line: InboundLine, item: Shelving, name: str) -> list[UnitStep]:
    plain = item.shelved if line.expires_on is None else 0
    ways = (
        (plain, Disposition.AVAILABLE, Reason.PUT_AWAY, "s"),
        (item.damaged, Disposition.DAMAGED, Reason.DAMAGE, "d"),
        (item.rejected, Disposition.QUARANTINED, Reason.QUARANTINE, "q"),
    )
    return [
        UnitStep(line.variant_id, units, Disposition.QC_HOLD, target, reason, f"{name}:{end}")
        for units, target, reason, end in ways
        if units
    ]


def _write(
    made: InboundPutaway, shelvings: Sequence[Shelving], by_position: Mapping[int, InboundLine]
) -> None:
    touched = []
    for item in shelvings:
        line = by_position[item.position]
        line.accepted += item.shelved
        line.damaged += item.damaged
        line.rejected += item.rejected
        touched.append(line)
    InboundLine.objects.bulk_update(touched, ["accepted", "damaged", "rejected"])
    InboundPutawayLine.objects.bulk_create(
        InboundPutawayLine(
            merchant_id=made.merchant_id,
            putaway=made,
            line=by_position[item.position],
            shelved=item.shelved,
            damaged=item.damaged,
            rejected=item.rejected,
            note=item.note.strip()[:MAX_NOTE],
        )
        for item in shelvings
    )


def _tell(
    shipment: InboundShipment,
    made: InboundPutaway,
    shelvings: Sequence[Shelving],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record the put-away; the first one ends the inspection."""
    before = shipment.status
    if may_follow(shipment.status, InboundStatus.PUTAWAY):
        shipment.status = InboundStatus.PUTAWAY
        shipment.save(update_fields=["status", "updated_at"])
    announce(
        events.PUT_AWAY,
        shipment,
        actor=actor,
        now=now,
        payload={
            "before": before,
            "document": made.public_id,
            "scan": made.reference,
            "shelved": sum(item.shelved for item in shelvings),
            "damaged": sum(item.damaged for item in shelvings),
            "rejected": sum(item.rejected for item in shelvings),
        },
    )
