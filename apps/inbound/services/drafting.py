"""Writing a shipment down before it is announced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.bulk import insert_new_row
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.gs1 import is_valid_sscc
from apps.common.ids import new_public_id
from apps.inbound import events
from apps.inbound.models import (
    InboundCarton,
    InboundCartonLine,
    InboundLine,
    InboundShipment,
)
from apps.inbound.requests import CartonDraft, InboundDraft, LineDraft
from apps.inbound.rules import DEFAULT_PERCENT, DEFAULT_UNITS
from apps.inbound.services.records import MAX_NOTE, MAX_UNITS, announce, lock_shipment, wrong_state
from apps.inbound.states import InboundStatus
from apps.inventory.models import Node
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_LINES = 500
MAX_CARTONS = 1000
WAREHOUSES = (Node.Kind.OVERSEAS_WAREHOUSE, Node.Kind.PLATFORM_WAREHOUSE)
_COLUMNS = (
    *("public_id", "merchant", "node", "reference", "status", "carrier", "tracking_ref", "note"),
    *("expected_on", "appointment_ref", "tolerance_percent", "tolerance_units", "reason"),
    *("created_at", "updated_at"),
)


@retry_transaction
def create_inbound(
    merchant: Merchant, draft: InboundDraft, *, actor: Actor, now: datetime
) -> InboundShipment:
    """Write a shipment down as a draft; nothing is expected yet.

    Raises 422 with the path of what is wrong (``lines.2.quantity``, ``cartons.0.sscc``), and
    409 ``inbound.reference_reused`` when the reference is another shipment's.
    """
    _check(draft, now=now)
    with transaction.atomic():
        public_id = new_public_id("asn")
        reference = draft.reference.strip() or f"ASN-{public_id[-8:]}"
        row = (
            *(public_id, merchant.pk, draft.node.pk, reference, InboundStatus.DRAFT.value),
            *(draft.carrier.strip(), draft.tracking_ref.strip(), draft.note.strip()),
            *(draft.expected_on.isoformat(), "", DEFAULT_PERCENT, DEFAULT_UNITS, "", now, now),
        )
        if not insert_new_row(InboundShipment, _COLUMNS, row):
            raise _reference_taken()
        made: InboundShipment = InboundShipment.objects.select_related("merchant", "node").get(
            public_id=public_id
        )
        _write_content(made, draft)
        announce(events.CREATED, made, actor=actor, now=now, payload=_facts(draft))
    return made


@retry_transaction
def replace_draft(
    shipment: InboundShipment, draft: InboundDraft, *, actor: Actor, now: datetime
) -> InboundShipment:
    """Replace the content of a draft; errors as of ``create_inbound``, 409 once it was announced."""
    _check(draft, now=now)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status != InboundStatus.DRAFT:
            raise wrong_state(locked)
        reference = draft.reference.strip() or locked.reference
        own = InboundShipment.objects.filter(merchant=locked.merchant_id, reference=reference)
        if own.exclude(pk=locked.pk).exists():
            raise _reference_taken()
        locked.reference, locked.node, locked.expected_on = (
            reference,
            draft.node,
            draft.expected_on,
        )
        locked.carrier, locked.tracking_ref = draft.carrier.strip(), draft.tracking_ref.strip()
        locked.note = draft.note.strip()
        locked.save()
        InboundCartonLine.objects.filter(carton__shipment=locked).delete()
        InboundCarton.objects.filter(shipment=locked).delete()
        InboundLine.objects.filter(shipment=locked).delete()
        _write_content(locked, draft)
        announce(events.CHANGED, locked, actor=actor, now=now, payload=_facts(draft))
    return locked


def _reference_taken() -> DomainError:
    sentence = _("Another shipment has this reference. Choose a new one.")
    return DomainError("inbound.reference_reused", sentence, fields={"reference": sentence})


def _facts(draft: InboundDraft) -> dict[str, journal.Json]:
    return {
        "expected_on": draft.expected_on.isoformat(),
        "lines": len(draft.lines),
        "units": sum(line.quantity for line in draft.lines),
    }


def _write_content(shipment: InboundShipment, draft: InboundDraft) -> None:
    lines = [
        InboundLine(
            merchant_id=shipment.merchant_id,
            shipment=shipment,
            position=position,
            variant=line.variant,
            lot_code=line.lot_code,
            expires_on=line.expires_on,
            cartons=line.cartons,
            expected=line.quantity,
        )
        for position, line in enumerate(draft.lines, 1)
    ]
    InboundLine.objects.bulk_create(lines)
    if not draft.cartons:
        return
    made = InboundLine.objects.filter(shipment=shipment).select_related("variant")
    by_name = {(line.variant.sku, line.lot_code): line for line in made}
    boxes = [
        InboundCarton(
            merchant_id=shipment.merchant_id,
            shipment=shipment,
            number=number,
            sscc=carton.sscc or None,
        )
        for number, carton in enumerate(draft.cartons, 1)
    ]
    InboundCarton.objects.bulk_create(boxes)
    numbered = {box.number: box for box in InboundCarton.objects.filter(shipment=shipment)}
    InboundCartonLine.objects.bulk_create(
        InboundCartonLine(
            merchant_id=shipment.merchant_id,
            carton=numbered[number],
            line=by_name[sku, lot],
            quantity=units,
        )
        for number, carton in enumerate(draft.cartons, 1)
        for sku, lot, units in carton.contents
    )


def _check(draft: InboundDraft, *, now: datetime) -> None:
    if draft.node.kind not in WAREHOUSES or not draft.node.is_active:
        raise _wrong("node", _("Choose a warehouse that is in use."))
    if not 0 < len(draft.lines) <= MAX_LINES:
        sentence = _("Name between 1 and %(limit)s items.") % {"limit": MAX_LINES}
        raise _wrong("lines", sentence)
    if abs((draft.expected_on - now.date()).days) > 366:
        raise _wrong("expected_on", _("Choose a day within a year."))
    limits = {"reference": 40, "carrier": 60, "tracking_ref": 60, "note": MAX_NOTE}
    for name, limit in limits.items():
        if len(getattr(draft, name).strip()) > limit:
            raise _wrong(name, _("Use at most %(limit)s characters.") % {"limit": limit})
    _check_lines(draft.lines)
    _check_cartons(draft.cartons, draft.lines)


def _check_lines(lines: Sequence[LineDraft]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, line in enumerate(lines):
        if not 0 < line.quantity <= MAX_UNITS:
            raise _wrong(f"lines.{index}.quantity", _("A quantity must be above zero."))
        if not 0 <= line.cartons <= line.quantity:
            raise _wrong(f"lines.{index}.cartons", _("There are not more cartons than units."))
        if bool(line.lot_code) != bool(line.expires_on) or len(line.lot_code) > 40:
            raise _wrong(f"lines.{index}.lot", _("A lot needs a code and the day it ends."))
        name = (line.variant.sku, line.lot_code)
        if name in seen:
            sentence = _("%(sku)s is named twice. Name each SKU and lot once.") % {"sku": name[0]}
            raise _wrong(f"lines.{index}.sku", sentence)
        seen.add(name)


def _check_cartons(cartons: Sequence[CartonDraft], lines: Sequence[LineDraft]) -> None:
    if len(cartons) > MAX_CARTONS:
        raise _wrong("cartons", _("Name at most %(limit)s cartons.") % {"limit": MAX_CARTONS})
    left = {(line.variant.sku, line.lot_code): line.quantity for line in lines}
    seen: set[str] = set()
    for index, carton in enumerate(cartons):
        if carton.sscc and not is_valid_sscc(carton.sscc):
            sentence = _("The check digit of this SSCC is wrong.")
            raise _wrong(f"cartons.{index}.sscc", sentence)
        if carton.sscc in seen:
            raise _wrong(f"cartons.{index}.sscc", _("Two cartons have this SSCC."))
        seen |= {carton.sscc} - {""}
        names = [(sku, lot) for sku, lot, _units in carton.contents]
        if not names or len(set(names)) < len(names):
            raise _wrong(f"cartons.{index}.items", _("Name each item of a carton once."))
        for place, (sku, lot, units) in enumerate(carton.contents):
            path = f"cartons.{index}.items.{place}"
            if (sku, lot) not in left:
                sentence = _("%(sku)s is not among the lines.") % {"sku": sku}
                raise _wrong(f"{path}.sku", sentence)
            left[sku, lot] -= units
            if units <= 0 or left[sku, lot] < 0:
                sentence = _("The cartons hold more of %(sku)s than its line.") % {"sku": sku}
                raise _wrong(f"{path}.quantity", sentence)


def _wrong(path: str, sentence: str) -> DomainError:
    return DomainError("inbound.invalid", sentence, status=422, fields={path: sentence})
