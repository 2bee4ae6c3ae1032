"""What carts hold before there is an order."""

from __future__ import annotations

from datetime import timedelta

from apps.inventory import services
from apps.inventory.models import StockReservation
from apps.inventory.selectors import get_reservation
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.stock import HeldLine, NewReservation, ReservationView


class ReservationsView(PartnerView):
    """Reservations of carts."""

    @operation(
        "reservations.create",
        scope="orders:write",
        body=NewReservation,
        answers={201: ReservationView, 200: ReservationView},
    )
    def post(self, call: Call[Nothing, NewReservation]) -> Answer:
        """Hold the units of a cart for a while, all or nothing.

        Sent again for the same cart it renews the time (200); with other lines it holds those
        instead. An order that names the reservation takes its units over. 409 when there is not
        enough stock.
        """
        body = call.body
        cart = services.Cart(
            reference=body.reference,
            market=body.market,
            lines=tuple(services.CartLine(line.sku, line.quantity) for line in body.lines),
            channel=body.channel,
            ttl=timedelta(seconds=body.ttl_seconds),
        )
        made = services.reserve_cart(cart, merchant=call.merchant, actor=call.actor, now=call.now)
        is_new = made.created_at == call.now
        return Answer(_view(_one(call, made.public_id)), 201 if is_new else 200)


class OneReservationView(PartnerView):
    """One reservation."""

    @operation("reservations.get", scope="orders:read", answers={200: ReservationView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one reservation."""
        return Answer(_view(_one(call, call.path["reservation_id"])))

    @operation("reservations.release", scope="orders:write", answers={200: ReservationView})
    def delete(self, call: Call[Nothing, Nothing]) -> Answer:
        """Give the units back at once; a reservation that ended stays as it ended."""
        found = _one(call, call.path["reservation_id"])
        services.release_reservation(found, actor=call.actor, now=call.now)
        return Answer(_view(_one(call, found.public_id)))


def _one(
    call: Call[Nothing, Nothing] | Call[Nothing, NewReservation], public_id: str
) -> StockReservation:
    return get_reservation(call.merchant, public_id)


def _view(reservation: StockReservation) -> ReservationView:
    lines = [
        HeldLine(line.variant.sku, line.balance.node.code, line.quantity)
        for line in reservation.lines.all()
    ]
    return ReservationView(
        reservation.public_id,
        reservation.reference,
        reservation.channel,
        reservation.market,
        reservation.status,
        reservation.expires_at,
        reservation.order_ref,
        lines,
    )
