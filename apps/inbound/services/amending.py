"""Changing the announced quantities in place, within the tolerance, until the goods arrive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inbound import events
from apps.inbound.models import InboundAmendment, InboundLine, InboundShipment
from apps.inbound.rules import VERSION, may_amend
from apps.inbound.services.records import (
    MAX_UNITS,
    announce,
    clean_reason,
    expect_units,
    lock_lines,
    lock_shipment,
    wrong_state,
)
from apps.inbound.states import AMENDABLE
from apps.journal.actors import Actor


@retry_transaction
def amend_line(
    shipment: InboundShipment,
    *,
    position: int,
    quantity: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> InboundAmendment:
    """Change how many units of a line will come; before and after are kept.

    The tolerance counts from what was announced first, so that many small steps are no way around
    it. Raises 409 ``inbound.beyond_tolerance`` with the most and the least there may be, 409
    ``inbound.wrong_state`` once the goods arrived, 422 ``inbound.no_line``.
    """
    plain = clean_reason(reason)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status not in AMENDABLE:
            raise wrong_state(locked)
        lines = lock_lines(locked)
        line = next((item for item in lines if item.position == position), None)
        if line is None:
            sentence = _("There is no such line.")
            raise DomainError(
                "inbound.no_line", sentence, status=422, fields={"position": sentence}
            )
        _check(locked, line, quantity)
        made: InboundAmendment = InboundAmendment.objects.create(
            merchant_id=locked.merchant_id,
            line=line,
            before=line.expected,
            after=quantity,
            reason=plain,
            made_by=str(actor),
            made_by_name=actor.label[:120],
            made_at=now,
        )
        change = quantity - line.expected
        expect_units(locked, {line.pk: change}, lines, document=made.public_id, now=now)
        line.expected = quantity
        line.save(update_fields=["expected"])
        announce(
            events.AMENDED,
            locked,
            actor=actor,
            now=now,
            payload={
                "document": made.public_id,
                "sku": line.variant.sku,
                "before": made.before,
                "after": made.after,
                "reason": plain,
                "rules_version": VERSION,
            },
        )
    return made


def _check(shipment: InboundShipment, line: InboundLine, quantity: int) -> None:
    allowance = shipment.tolerance.allowance(line.announced)
    least, most = max(0, line.announced - allowance), line.announced + allowance
    if not may_amend(line.announced, quantity, shipment.tolerance) or quantity > MAX_UNITS:
        sentence = _(
            "Only %(least)s to %(most)s units are possible for %(sku)s. Announce what is beyond that"
            " as a shipment of its own."
        ) % {"least": least, "most": most, "sku": line.variant.sku}
        raise DomainError("inbound.beyond_tolerance", sentence, fields={"quantity": sentence})
    if quantity == line.expected:
        sentence = _("That is the quantity already.")
        raise DomainError("inbound.unchanged", sentence, status=422, fields={"quantity": sentence})
