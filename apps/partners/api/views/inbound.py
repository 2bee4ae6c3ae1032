"""Deliveries to warehouses, as the company announces them and follows them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.common.pagination import paginate
from apps.inbound import selectors, services
from apps.inbound.models import InboundCarton, InboundDiscrepancy, InboundLine, InboundShipment
from apps.inbound.requests import CartonDraft, InboundDraft, LineDraft
from apps.inbound.services.lifecycle import MAX_AHEAD
from apps.partners.api.base import PartnerView
from apps.partners.api.input import to_utc
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.inbound import (
    CartonItem,
    CartonView,
    DiscrepancyView,
    InboundHead,
    InboundLineView,
    InboundPage,
    InboundQuery,
    InboundReason,
    InboundView,
    NewAmendment,
    NewAppointment,
    NewInbound,
)
from apps.partners.api.views.movements import find_nodes, find_variants, named_node
from apps.partners.scopes import INBOUND_READ, INBOUND_WRITE


class InboundsView(PartnerView):
    """The deliveries of the company."""

    @operation("inbound.list", scope=INBOUND_READ, query=InboundQuery, answers={200: InboundPage})
    def get(self, call: Call[InboundQuery, Nothing]) -> Answer:
        """List deliveries to warehouses, the newest first, without their lines."""
        query, found = call.query, selectors.list_inbound(call.merchant)
        for name in ("status", "reference"):
            if getattr(query, name):
                found = found.filter(**{name: getattr(query, name)})
        if query.node:
            found = found.filter(Q(node__public_id=query.node) | Q(node__code=query.node))
        page = paginate(found, key="id", cursor=query.cursor, size=query.limit, is_time=False)
        items = [InboundHead(**_head(shipment)) for shipment in page.rows]
        return Answer(InboundPage(items, page.next_cursor or None))

    @operation("inbound.create", scope=INBOUND_WRITE, body=NewInbound, answers={201: InboundView})
    def post(self, call: Call[Nothing, NewInbound]) -> Answer:
        """Write a delivery down as a draft, or announce it at once with `submit`.

        From its announcement on, its units stand as `inbound` at the warehouse.
        """
        made = services.create_inbound(call.merchant, _draft(call), actor=call.actor, now=call.now)
        if call.body.submit:
            services.submit_inbound(made, actor=call.actor, now=call.now)
        return Answer(show(call, made.public_id), 201)


class OneInboundView(PartnerView):
    """One delivery."""

    @operation("inbound.get", scope=INBOUND_READ, answers={200: InboundView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one delivery with its lines, cartons and differences."""
        return Answer(show(call))


class SubmitInboundView(PartnerView):
    """Announcing a draft."""

    @operation("inbound.submit", scope=INBOUND_WRITE, answers={200: InboundView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Announce a draft to the warehouse."""
        services.submit_inbound(named(call), actor=call.actor, now=call.now)
        return Answer(show(call))


class CancelInboundView(PartnerView):
    """Calling a delivery off."""

    @operation(
        "inbound.cancel", scope=INBOUND_WRITE, body=InboundReason, answers={200: InboundView}
    )
    def post(self, call: Call[Nothing, InboundReason]) -> Answer:
        """Cancel a delivery before an appointment is booked."""
        services.cancel_inbound(
            named(call), reason=call.body.reason, actor=call.actor, now=call.now
        )
        return Answer(show(call))


class AppointmentView(PartnerView):
    """The appointment of a delivery."""

    @operation(
        "inbound.appoint", scope=INBOUND_WRITE, body=NewAppointment, answers={200: InboundView}
    )
    def put(self, call: Call[Nothing, NewAppointment]) -> Answer:
        """Book when an accepted delivery comes to the gate, or book another time."""
        at = to_utc(call.body.at, "at", now=call.now, ahead=MAX_AHEAD)
        services.book_appointment(
            named(call), at=at, dock=call.body.dock, actor=call.actor, now=call.now
        )
        return Answer(show(call))


class DepartInboundView(PartnerView):
    """A delivery that left."""

    @operation("inbound.depart", scope=INBOUND_WRITE, answers={200: InboundView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Say that a delivery is on its way; it does not expire any more."""
        services.depart(named(call), actor=call.actor, now=call.now)
        return Answer(show(call))


class AmendInboundView(PartnerView):
    """Changing an announced quantity."""

    @operation("inbound.amend", scope=INBOUND_WRITE, body=NewAmendment, answers={200: InboundView})
    def post(self, call: Call[Nothing, NewAmendment]) -> Answer:
        """Change how many units of a line will come, within the tolerance, until it arrives."""
        services.amend_line(
            named(call),
            position=call.body.position,
            quantity=call.body.quantity,
            reason=call.body.reason,
            actor=call.actor,
            now=call.now,
        )
        return Answer(show(call))


def named(call: Call[Any, Any]) -> InboundShipment:
    """Return the delivery the address names; raises ``InboundShipment.DoesNotExist``."""
    return selectors.get_inbound(call.merchant, call.path["inbound_id"])


def show(call: Call[Any, Any], public_id: str = "") -> InboundView:
    """Return a delivery as it is now; that of the address unless another is named."""
    ident = public_id or call.path["inbound_id"]
    shipment = selectors.get_inbound(call.merchant, ident)
    return InboundView(
        **_head(shipment),
        lines=[_line(line) for line in selectors.list_lines(shipment)],
        cartons=[_carton(carton) for carton in selectors.list_cartons(shipment)],
        discrepancies=[_discrepancy(row) for row in selectors.list_discrepancies(shipment)],
    )


def _draft(call: Call[Nothing, NewInbound]) -> InboundDraft:
    body = call.body
    variants = find_variants(call.merchant, [line.sku for line in body.lines], "lines")
    return InboundDraft(
        node=named_node(find_nodes(call.merchant), body.node, "node"),
        expected_on=body.expected_on,
        lines=tuple(
            LineDraft(
                variants[line.sku], line.quantity, line.lot.strip(), line.expires_on, line.cartons
            )
            for line in body.lines
        ),
        reference=body.reference,
        carrier=body.carrier,
        tracking_ref=body.tracking_number,
        note=body.note,
        cartons=tuple(
            CartonDraft(
                carton.sscc,
                tuple((item.sku, item.lot.strip(), item.quantity) for item in carton.items),
            )
            for carton in body.cartons
        ),
    )


def _head(shipment: InboundShipment) -> dict[str, Any]:
    same = (
        *("reference", "status", "expected_on", "carrier", "note", "reason", "appointment_at"),
        *("expires_at", "tolerance_percent", "tolerance_units", "submitted_at", "arrived_at"),
        *("received_at", "ended_at"),
    )
    return {
        "id": shipment.public_id,
        "node": shipment.node.code,
        "tracking_number": shipment.tracking_ref,
        "dock": shipment.appointment_ref,
        **{name: getattr(shipment, name) for name in same},
    }


def _line(line: InboundLine) -> InboundLineView:
    same = (
        *("position", "expires_on", "cartons", "announced", "expected", "received", "accepted"),
        *("damaged", "rejected", "over", "short"),
    )
    return InboundLineView(
        sku=line.variant.sku,
        lot=line.lot_code,
        waiting=line.counts.waiting,
        **{name: getattr(line, name) for name in same},
    )


def _carton(carton: InboundCarton) -> CartonView:
    items = [
        CartonItem(content.line.variant.sku, content.quantity, content.line.lot_code)
        for content in carton.contents.all()
    ]
    return CartonView(carton.number, carton.sscc or "", carton.receipt_id is not None, items)


def _discrepancy(row: InboundDiscrepancy) -> DiscrepancyView:
    same = ("kind", "units", "allowed", "rules_version", "said", "status", "answer")
    return DiscrepancyView(
        id=row.public_id,
        position=row.line.position,
        sku=row.line.variant.sku,
        **{name: getattr(row, name) for name in same},
    )
