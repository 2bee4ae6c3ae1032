"""The claim dossier: everything a carrier asks for with a claim, as one ZIP file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.common.sheets import csv_line
from apps.fulfillment.case_selectors import list_evidence
from apps.fulfillment.labels import render_labels
from apps.fulfillment.models import CaseEvidence, ExceptionCase, ShipmentLine, TrackingEvent

_IN_MEMORY = 8 * 1024 * 1024
# ZIP entries carry this time, so that the same facts give the same file.
_EPOCH = (1980, 1, 1, 0, 0, 0)
Row = Sequence[str | int]


def build_dossier(case: ExceptionCase) -> IO[bytes]:
    """Return a ZIP of label, carrier events, weights, declared contents, case facts and papers.

    English, because it goes to carriers abroad. The label is left out, and ``case.json`` says so,
    when it is void or the buyer was erased. Papers are copied from storage, one at a time.
    """
    target = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    evidence = list(list_evidence(case))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        label, why_none = _label(case)
        if label:
            _put(archive, "label.pdf", label)
        _put(archive, "events.csv", _table(_EVENT_HEADER, _events(case)))
        _put(archive, "weights.csv", _table(("source", "grams", "when"), _weights(case, evidence)))
        _put(archive, "contents.csv", _table(_CONTENT_HEADER, _contents(case)))
        facts = json.dumps(_facts(case, why_none), indent=2, ensure_ascii=False)
        _put(archive, "case.json", facts.encode())
        _put(archive, "notes.csv", _table(("when", "what", "text"), _notes(evidence)))
        for row in evidence:
            if row.kind == CaseEvidence.Kind.PAPER:
                ending = str(row.file.name).rpartition(".")[2]
                with row.file.open("rb") as source:
                    _put(archive, f"papers/{row.public_id}.{ending}", source.read())
    target.seek(0)
    return target


_EVENT_HEADER = ("when_utc", "status", "code", "place", "source", "received_utc")
_CONTENT_HEADER = ("sku", "description", "hs_code", "origin", "units", "value", "currency")


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _table(header: Row, rows: Iterable[Row]) -> bytes:
    return ("\ufeff" + "".join(csv_line(row) for row in (header, *rows))).encode()


def _label(case: ExceptionCase) -> tuple[bytes, str]:
    try:
        return render_labels([case.parcel]), ""
    except DomainError as error:
        return b"", error.code


def _events(case: ExceptionCase) -> Iterable[Row]:
    rows = TrackingEvent.objects.filter(parcel=case.parcel).order_by("occurred_at", "id")
    for event in rows.defer("raw", "description"):
        yield (
            event.occurred_at.isoformat(),
            event.status,
            event.code,
            event.location,
            event.source,
            event.recorded_at.isoformat(),
        )


def _weights(case: ExceptionCase, evidence: Iterable[CaseEvidence]) -> Iterable[Row]:
    shipment = case.parcel.shipment
    yield "declared", case.parcel.weight_g, shipment.created_at.isoformat()
    names = {CaseEvidence.Kind.SCALE: "own scale", CaseEvidence.Kind.BILL: "carrier bill"}
    for row in evidence:
        if row.grams is not None:
            yield names[CaseEvidence.Kind(row.kind)], row.grams, row.added_at.isoformat()


def _contents(case: ExceptionCase) -> Iterable[Row]:
    currency = case.parcel.shipment.order.currency
    lines = ShipmentLine.objects.filter(shipment=case.parcel.shipment).select_related("order_line")
    for line in lines.order_by("order_line__position"):
        ordered = line.order_line
        value = ordered.total_minor * line.quantity // ordered.quantity
        yield (
            ordered.sku,
            ordered.customs_name or ordered.title,
            ordered.hs_code,
            ordered.origin_country,
            line.quantity,
            str(Money.from_minor(value, currency).amount),
            currency,
        )


def _facts(case: ExceptionCase, why_no_label: str) -> dict[str, object]:
    shipment, order = case.parcel.shipment, case.parcel.shipment.order
    return {
        "case": case.public_id,
        "kind": case.kind,
        "since": case.since_at.isoformat(),
        "claim_by": case.claim_by_at.isoformat() if case.claim_by_at else None,
        "claim": {
            "reference": case.claim_reference,
            "amount": str(Money.from_minor(case.claim_minor, case.currency).amount),
            "filed": case.claim_filed_at.isoformat() if case.claim_filed_at else None,
        },
        "at_risk": {
            "amount": str(Money.from_minor(case.risk_minor, case.currency).amount),
            "currency": case.currency,
        },
        "reasons": case.reasons,
        "parcel": {
            "tracking_number": case.parcel.tracking_number,
            "weight_g": case.parcel.weight_g,
            "carrier": shipment.carrier,
            "service": shipment.service,
            "from": shipment.origin_country,
            "to": shipment.ship_to_country,
            "handed_over": shipment.tendered_at.isoformat() if shipment.tendered_at else None,
        },
        "invoice": {
            "order": order.number,
            "placed": order.placed_at.isoformat(),
            "items": str(Money.from_minor(order.items_minor, order.currency).amount),
            "shipping": str(Money.from_minor(order.shipping_minor, order.currency).amount),
            "discount": str(Money.from_minor(order.discount_minor, order.currency).amount),
            "total": str(Money.from_minor(order.total_minor, order.currency).amount),
            "currency": order.currency,
            "postage": str(Money.from_minor(shipment.postage_minor, shipment.currency).amount),
            "postage_currency": shipment.currency,
        },
        "label": why_no_label or "label.pdf",
    }


def _notes(evidence: Iterable[CaseEvidence]) -> Iterable[Row]:
    for row in evidence:
        yield row.added_at.isoformat(), row.kind, row.text
