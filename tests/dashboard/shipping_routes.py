"""Rows for the pages of deliveries to warehouses, shipments, exceptions and bought labels."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile

from apps.common.clock import utc_now
from tests.dashboard.case_facts import case_part, opening, paper_part
from tests.dashboard.route_facts import (
    _NO_DELIVERIES,
    _NO_DOCK,
    _NO_SHIPPING,
    Route,
    _bought,
    _carrier,
    _difference,
    _inbound,
)
from tests.factories.catalog import draw_picture

SHIPPING_ROUTES = [
    Route("inbound_list"),
    Route("inbound_new", refused=_NO_DELIVERIES),
    Route("inbound_edit", parts=_inbound("draft"), refused=_NO_DELIVERIES),
    Route("inbound", parts=_inbound("submitted")),
    Route(
        "inbound_step",
        "POST",
        parts=_inbound("draft"),
        body=lambda w: {"step": "submit"},
        works=302,
        refused=_NO_DELIVERIES,
    ),
    Route(
        "inbound_gate",
        "POST",
        parts=_inbound("submitted"),
        body=lambda w: {"step": "accept"},
        works=302,
        refused=_NO_DOCK,
    ),
    Route(
        "inbound_appoint",
        "POST",
        parts=_inbound("accepted"),
        body=lambda w: {"at": (utc_now() + timedelta(days=3)).strftime("%Y-%m-%dT10:00")},
        works=302,
        refused=_NO_DELIVERIES,
    ),
    Route(
        "inbound_amend",
        "POST",
        parts=_inbound("submitted"),
        body=lambda w: {"position": "1", "quantity": "22", "reason": "Recount"},
        works=302,
        refused=_NO_DELIVERIES,
    ),
    Route(
        "inbound_answer",
        "POST",
        parts=_difference,
        body=lambda w: {"answer": "accepted"},
        works=302,
        refused=_NO_DELIVERIES,
    ),
    Route("inbound_receive", parts=_inbound("receiving"), refused=_NO_DOCK),
    Route("inbound_putaway", parts=_inbound("inspecting"), refused=_NO_DOCK),
    Route("shipments"),
    Route("exceptions"),
    Route("exception", parts=case_part),
    Route(
        "exception_note",
        "POST",
        parts=case_part,
        body=lambda w: {"text": "Called them", "waits_for": "carrier"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route(
        "exception_weight",
        "POST",
        parts=case_part,
        body=lambda w: {"kind": "scale", "grams": "950"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route(
        "exception_paper",
        "POST",
        parts=case_part,
        body=lambda w: {"file": ContentFile(draw_picture(), "box.jpg"), "text": "The box"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route(
        "exception_claim",
        "POST",
        parts=case_part,
        body=lambda w: {"reference": "CL-1", "amount": "47,00"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route(
        "exception_resolve",
        "POST",
        parts=case_part,
        body=lambda w: {"resolution": "agreed"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route("exception_dossier", parts=case_part, refused=_NO_SHIPPING),
    Route("exception_file", parts=paper_part),
    Route("shipment", parts=lambda w: [w.shipment.public_id]),
    Route("route", parts=lambda w: [w.shipment.public_id]),
    Route(
        "exception_open",
        "POST",
        parts=lambda w: [w.shipment.public_id],
        body=opening,
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route("shipment_label", parts=lambda w: [w.shipment.public_id], refused=_NO_SHIPPING),
    Route("label_buy", parts=lambda w: [w.shipment.public_id], refused=_NO_SHIPPING),
    Route(
        "label_book",
        "POST",
        parts=lambda w: [w.shipment.public_id],
        body=_carrier,
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route("label_own", "POST", parts=_bought, works=302, refused=_NO_SHIPPING),
]
