"""What a warehouse says about deliveries: taken, at the gate, counted in, put away."""

from __future__ import annotations

from apps.inbound import services
from apps.inbound.requests import Scan, Shelving
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.inbound import (
    EndOfCount,
    InboundDecision,
    InboundView,
    NewPutaway,
    NewReceipt,
)
from apps.partners.api.views.inbound import named, show
from apps.partners.scopes import INBOUND_RECEIVE


class DecideInboundView(PartnerView):
    """Whether a warehouse takes a delivery."""

    @operation(
        "inbound.decide", scope=INBOUND_RECEIVE, body=InboundDecision, answers={200: InboundView}
    )
    def post(self, call: Call[Nothing, InboundDecision]) -> Answer:
        """Accept an announced delivery, or reject it with a reason."""
        body, shipment = call.body, named(call)
        if body.decision == "accept":
            services.accept_inbound(shipment, actor=call.actor, now=call.now)
        else:
            services.reject_inbound(shipment, reason=body.reason, actor=call.actor, now=call.now)
        return Answer(show(call))


class ArriveInboundView(PartnerView):
    """A delivery at the gate."""

    @operation("inbound.arrive", scope=INBOUND_RECEIVE, answers={200: InboundView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Say that a booked delivery is at the gate."""
        services.arrive(named(call), actor=call.actor, now=call.now)
        return Answer(show(call))


class ReceiptsView(PartnerView):
    """Counting in."""

    @operation(
        "inbound.receive", scope=INBOUND_RECEIVE, body=NewReceipt, answers={201: InboundView}
    )
    def post(self, call: Call[Nothing, NewReceipt]) -> Answer:
        """Count units in, all or nothing, as often as it takes.

        Good units wait for inspection, damaged and refused ones are set apart. Sent again with the
        same `reference` it changes nothing. 409 `inbound.over_tolerance` and `inbound.unexpected`
        for what may only come in as `rejected`, 409 `inbound.carton_taken` for a carton that was
        counted.
        """
        items = call.body.items
        scans = [
            Scan(item.code, item.quantity, item.condition, item.lot, item.note) for item in items
        ]
        services.receive(
            named(call), scans, reference=call.body.reference, actor=call.actor, now=call.now
        )
        return Answer(show(call), 201)


class FinishInboundView(PartnerView):
    """The end of the counting."""

    @operation("inbound.finish", scope=INBOUND_RECEIVE, body=EndOfCount, answers={200: InboundView})
    def post(self, call: Call[Nothing, EndOfCount]) -> Answer:
        """Say that everything that came was counted; what is missing is short.

        Within the tolerance the delivery is `inspecting` then, beyond it `reconciling`: the company
        answers its differences. Units may be put away in both.
        """
        services.finish_receiving(named(call), note=call.body.note, actor=call.actor, now=call.now)
        return Answer(show(call))


class PutawaysView(PartnerView):
    """Putting away."""

    @operation(
        "inbound.put_away", scope=INBOUND_RECEIVE, body=NewPutaway, answers={201: InboundView}
    )
    def post(self, call: Call[Nothing, NewPutaway]) -> Answer:
        """Confirm where counted units went; those on the shelf are for sale at once.

        Sent again with the same `reference` it changes nothing.
        """
        shelvings = [
            Shelving(line.position, line.shelved, line.damaged, line.rejected, line.note)
            for line in call.body.lines
        ]
        services.put_away(
            named(call), shelvings, reference=call.body.reference, actor=call.actor, now=call.now
        )
        return Answer(show(call), 201)
