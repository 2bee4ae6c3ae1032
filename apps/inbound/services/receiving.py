"""Counting in what came: by SKU, GTIN or carton, once per reference of the scanner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inbound import events
from apps.inbound.models import (
    InboundCarton,
    InboundCartonLine,
    InboundLine,
    InboundReceipt,
    InboundReceiptLine,
    InboundShipment,
)
from apps.inbound.requests import Scan
from apps.inbound.rules import VERSION, clean_code, room_left, same_gtin, split_source
from apps.inbound.services.records import (
    MAX_NOTE,
    MAX_UNITS,
    OUTSIDE,
    announce,
    expect_units,
    lock_lines,
    lock_shipment,
    mark_of,
    move_on,
    reference_reused,
    units_were_moved,
    wrong_state,
)
from apps.inbound.services.settling import close_if_done, note_differences
from apps.inbound.states import COUNTABLE, Condition, InboundStatus
from apps.inventory import services as inventory
from apps.inventory.services import UnitStep
from apps.inventory.states import Disposition, Reason
from apps.journal.actors import Actor

MAX_SCANS = 200
_APART = {
    Condition.DAMAGED.value: (Disposition.DAMAGED, Reason.DAMAGE),
    Condition.REJECTED.value: (Disposition.QUARANTINED, Reason.QUARANTINE),
}


@dataclass
class _Booking:
    """A receipt in the making: its rows, its movements, and the cartons it takes."""

    shipment: InboundShipment
    receipt: InboundReceipt
    lines: list[InboundLine]
    rows: list[InboundReceiptLine] = field(default_factory=list)
    steps: list[UnitStep] = field(default_factory=list)
    cartons: list[InboundCarton] = field(default_factory=list)

    def count(
        self,
        line: InboundLine,
        units: int,
        scan: Scan,
        path: str,
        carton: InboundCarton | None = None,
    ) -> None:
        """Add units of a line in one condition; 409 beyond what may be taken."""
        room = room_left(line.counts, self.shipment.tolerance)
        if scan.condition != Condition.REJECTED and units > room:
            raise _too_many(line, room, path)
        number = len(self.rows)
        announced, unannounced = split_source(line.counts, units)
        name = f"{self.shipment.public_id}:{self.receipt.public_id}:{number}"
        for source, count in ((Disposition.INBOUND, announced), (OUTSIDE, unannounced)):
            if count:
                self.steps.append(
                    UnitStep(
                        line.variant_id,
                        count,
                        source,
                        Disposition.QC_HOLD,
                        Reason.RECEIVED,
                        f"{name}:{'i' if source else 'o'}",
                    )
                )
        if scan.condition in _APART:
            target, reason = _APART[scan.condition]
            self.steps.append(
                UnitStep(line.variant_id, units, Disposition.QC_HOLD, target, reason, f"{name}:a")
            )
        line.received += units
        line.damaged += units if scan.condition == Condition.DAMAGED else 0
        line.rejected += units if scan.condition == Condition.REJECTED else 0
        line.over = line.counts.over
        self.rows.append(
            InboundReceiptLine(
                merchant_id=self.shipment.merchant_id,
                receipt=self.receipt,
                line=line,
                carton=carton,
                condition=scan.condition,
                quantity=units,
                note=scan.note.strip()[:MAX_NOTE],
            )
        )


@retry_transaction
def receive(
    shipment: InboundShipment,
    scans: Sequence[Scan],
    *,
    reference: str,
    actor: Actor,
    now: datetime,
) -> InboundReceipt:
    """Count units in, all or nothing, once per ``reference``; a repeat returns the first receipt.

    Good units wait for inspection, damaged ones are damaged at once, refused ones are quarantined.
    The first receipt begins the receiving. Raises 409 ``inbound.over_tolerance`` for more than may
    be taken (they may be quarantined), ``inbound.unexpected`` for a SKU that was not announced (as
    before), ``inbound.carton_taken`` for a carton that was counted, ``inbound.reference_reused``,
    ``inbound.wrong_state``; 422 ``inbound.unknown_code``, ``inbound.which_lot``.
    """
    _check(scans, reference)
    content = [[s.code, s.quantity, s.condition, s.lot_code, s.note] for s in scans]
    mark = mark_of(content)
    with transaction.atomic():
        locked = lock_shipment(shipment)
        known = InboundReceipt.objects.filter(shipment=locked, reference=reference).first()
        if known is not None:
            if known.mark != mark:
                raise reference_reused()
            first: InboundReceipt = known
            return first
        _begin(locked, actor=actor, now=now)
        receipt: InboundReceipt = InboundReceipt.objects.create(
            merchant_id=locked.merchant_id,
            shipment=locked,
            reference=reference,
            mark=mark,
            made_by=str(actor),
            made_by_name=actor.label[:120],
            made_at=now,
        )
        booking = _Booking(locked, receipt, lock_lines(locked))
        for index, scan in enumerate(scans):
            _take(booking, scan, f"scans.{index}")
        _write(booking, actor=actor, now=now)
    return receipt


@retry_transaction
def finish_receiving(
    shipment: InboundShipment, *, note: str = "", actor: Actor, now: datetime
) -> InboundShipment:
    """Say that everything that came was counted; what is missing is short and no longer expected.

    Within the tolerance the shipment goes on to inspection, beyond it to the settling of its
    differences. The journal keeps which differences decided that, and the version of the rules.
    """
    with transaction.atomic():
        locked = lock_shipment(shipment)
        if locked.status != InboundStatus.RECEIVING:
            raise wrong_state(locked)
        lines = lock_lines(locked)
        missing = {line.pk: -line.counts.missing for line in lines if line.counts.missing}
        moved = expect_units(locked, missing, lines, document="short", now=now)
        for line in lines:
            line.short, line.over = line.counts.missing, line.counts.over
        InboundLine.objects.bulk_update(lines, ["short", "over"])
        said = {**dict.fromkeys((line.pk for line in lines), note.strip()), **_said(locked)}
        beyond = note_differences(locked, lines, said, now=now)
        locked.received_at = now
        move_on(
            locked,
            InboundStatus.RECEIVED,
            events.RECEIVED,
            actor=actor,
            now=now,
            payload={
                "document": "short",
                "received": sum(line.received for line in lines),
                "short": -moved,
            },
            fields=["received_at"],
        )
        following, event = InboundStatus.INSPECTING, events.INSPECTING
        if beyond:
            following, event = InboundStatus.RECONCILING, events.RECONCILING
        skus = {line.pk: line.variant.sku for line in lines}
        reasons = [
            f"{skus[row.line_id]}: {row.kind} {row.units} > {row.allowed}" for row in beyond[:50]
        ]
        move_on(
            locked,
            following,
            event,
            actor=actor,
            now=now,
            payload={"reasons": [*reasons], "rules_version": VERSION},
        )
        close_if_done(locked, lines, actor=actor, now=now)
    return locked


def _said(shipment: InboundShipment) -> dict[int, str]:
    """Return the warehouse's last words about each line."""
    rows = InboundReceiptLine.objects.filter(receipt__shipment=shipment).exclude(note="")
    return dict(rows.order_by("id").values_list("line_id", "note"))


def _check(scans: Sequence[Scan], reference: str) -> None:
    if not reference.strip() or len(reference) > 64:
        sentence = _("Give this booking a reference of 1 to 64 characters.")
        raise DomainError("inbound.reference", sentence, status=422, fields={"reference": sentence})
    if not 0 < len(scans) <= MAX_SCANS:
        sentence = _("Name between 1 and %(limit)s items.") % {"limit": MAX_SCANS}
        raise DomainError("inbound.invalid", sentence, status=422, fields={"scans": sentence})
    for index, scan in enumerate(scans):
        if not 0 < scan.quantity <= MAX_UNITS:
            raise _refuse(
                "inbound.invalid", f"scans.{index}.quantity", _("A quantity must be above zero.")
            )
        if scan.condition not in Condition.values:
            raise _refuse("inbound.invalid", f"scans.{index}.condition", _("Choose a condition."))


def _begin(locked: InboundShipment, *, actor: Actor, now: datetime) -> None:
    if locked.status not in COUNTABLE:
        raise wrong_state(locked)
    if locked.status == InboundStatus.ARRIVED:
        move_on(locked, InboundStatus.RECEIVING, events.RECEIVING, actor=actor, now=now)


def _take(booking: _Booking, scan: Scan, path: str) -> None:
    code = clean_code(scan.code)
    if len(code) == 18 and code.isdigit():
        cartons = InboundCarton.objects.select_for_update()
        carton = cartons.filter(shipment=booking.shipment, sscc=code).first()
        if carton is not None:
            _take_carton(booking, carton, scan, path)
            return
    booking.count(_line_of(booking, scan, code, path), scan.quantity, scan, path)


def _take_carton(booking: _Booking, carton: InboundCarton, scan: Scan, path: str) -> None:
    if carton.receipt_id is not None or carton in booking.cartons:
        sentence = _("Carton %(carton)s was counted already. Nothing was counted twice.") % {
            "carton": carton.sscc
        }
        raise DomainError("inbound.carton_taken", sentence, fields={f"{path}.code": sentence})
    booking.cartons.append(carton)
    by_key = {line.pk: line for line in booking.lines}
    contents = InboundCartonLine.objects.filter(carton=carton).order_by("line_id")
    for line_id, units in contents.values_list("line_id", "quantity"):
        booking.count(by_key[line_id], units, scan, path, carton)


def _line_of(booking: _Booking, scan: Scan, code: str, path: str) -> InboundLine:
    """Return the line of a code; a SKU that was not announced gets one if it is quarantined."""
    named = [
        line
        for line in booking.lines
        if line.variant.sku == code or same_gtin(code, line.variant.gtin)
    ]
    lot = scan.lot_code.strip()
    fitting = [line for line in named if not lot or line.lot_code == lot]
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        lots = ", ".join(line.lot_code or "–" for line in fitting)
        sentence = _("Several lots of it are coming (%(lots)s). Say which.") % {"lots": lots}
        raise _refuse("inbound.which_lot", f"{path}.lot", sentence)
    if named:
        sentence = _("This lot was not announced. Quarantine the units without a lot.")
        raise _refuse("inbound.unknown_lot", f"{path}.lot", sentence)
    return _unexpected(booking, scan, code, path)


def _unexpected(booking: _Booking, scan: Scan, code: str, path: str) -> InboundLine:
    own = Variant.objects.filter(merchant=booking.shipment.merchant_id)
    variant = own.filter(sku=code).first()
    if variant is None and code.isascii() and code.isdigit() and len(code) in {8, 12, 13, 14}:
        bare = code.lstrip("0")
        spellings = {bare.rjust(length, "0") for length in (8, 12, 13, 14) if len(bare) <= length}
        variant = own.filter(gtin__in=spellings).first()
    if variant is None:
        sentence = _("No SKU, GTIN or carton of this shipment is “%(code)s”.") % {"code": code[:40]}
        raise _refuse("inbound.unknown_code", f"{path}.code", sentence)
    if scan.condition != Condition.REJECTED:
        sentence = _(
            "%(sku)s was not announced. It can only be quarantined, until the company says what to do."
        ) % {"sku": variant.sku}
        raise DomainError("inbound.unexpected", sentence, fields={f"{path}.code": sentence})
    line = InboundLine.objects.create(
        merchant_id=booking.shipment.merchant_id,
        shipment=booking.shipment,
        position=max((item.position for item in booking.lines), default=0) + 1,
        variant=variant,
        expected=0,
    )
    booking.lines.append(line)
    made: InboundLine = line
    return made


def _write(booking: _Booking, *, actor: Actor, now: datetime) -> None:
    shipment, receipt = booking.shipment, booking.receipt
    try:
        inventory.move_units(shipment.merchant, shipment.node, booking.steps, now=now)
    except inventory.StockShortError as error:
        raise units_were_moved() from error
    InboundLine.objects.bulk_update(booking.lines, ["received", "damaged", "rejected", "over"])
    InboundReceiptLine.objects.bulk_create(booking.rows)
    for carton in booking.cartons:
        carton.receipt = receipt
        carton.save(update_fields=["receipt"])
    units = dict.fromkeys(Condition.values, 0)
    for row in booking.rows:
        units[row.condition] += row.quantity
    announce(
        events.COUNTED,
        shipment,
        actor=actor,
        now=now,
        payload={
            "document": receipt.public_id,
            "scan": receipt.reference,
            "cartons": len(booking.cartons),
            **units,
        },
    )


def _too_many(line: InboundLine, room: int, path: str) -> DomainError:
    sentence = _(
        "Only %(room)s more of %(sku)s may be taken: %(expected)s were announced. Quarantine the rest."
    ) % {"room": room, "sku": line.variant.sku, "expected": line.expected}
    return DomainError("inbound.over_tolerance", sentence, fields={f"{path}.quantity": sentence})


def _refuse(code: str, path: str, sentence: str) -> DomainError:
    return DomainError(code, sentence, status=422, fields={path: sentence})
