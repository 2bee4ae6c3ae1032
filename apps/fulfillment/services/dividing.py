"""Dividing a shipment whose units cannot all leave together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.fulfillment.models import Shipment, ShipmentLine
from apps.fulfillment.services.handover import void_locked
from apps.fulfillment.services.routing import write_shipments
from apps.fulfillment.services.settling import lock_dispatches
from apps.fulfillment.states import ShipmentStatus
from apps.journal.actors import Actor
from apps.orders.models import Order, OrderLine
from apps.orders.services.splitting import divide_line


@retry_transaction
def divide_shipment(
    shipment: Shipment, units: Mapping[int, int], *, actor: Actor, now: datetime
) -> tuple[Shipment, Shipment]:
    """Replace a shipment that has not left by two: ``units`` (position → how many), and the rest.

    The old label is void, both new ones have numbers and postage of their own; a line whose units
    part becomes two lines of the order, whose amounts add up to the one before. Returns the shipment
    of ``units`` first. Raises ``fulfillment.units`` (422) for units the shipment does not have or
    all of them, ``fulfillment.has_left`` (409) after the hand-over.
    """
    with transaction.atomic():
        [dispatch] = lock_dispatches([shipment.order_id])
        current = next((item for item in dispatch.shipments if item.pk == shipment.pk), None)
        if current is None or current.status != ShipmentStatus.BOOKED:
            raise DomainError(
                "fulfillment.has_left", _("Only a label not used yet can be divided.")
            )
        lines = _lines_of(current)
        _require_part(lines, units)
        reason = _("Divided into two shipments")
        void_locked(current, dispatch, reason=reason, actor=actor, now=now)
        groups = _divide(dispatch.order, lines, units, now=now)
        last = Shipment.objects.filter(order=dispatch.order).aggregate(last=Max("attempt"))["last"]
        first, rest = write_shipments(dispatch.order, groups, last + 1, actor=actor, now=now)
    return first, rest


def _lines_of(shipment: Shipment) -> dict[int, OrderLine]:
    contents = ShipmentLine.objects.filter(shipment=shipment)
    lines = OrderLine.objects.filter(pk__in=contents.values("order_line_id"))
    return {line.position: line for line in lines.select_related("node").order_by("position")}


def _require_part(lines: Mapping[int, OrderLine], units: Mapping[int, int]) -> None:
    known = all(
        position in lines and 1 <= count <= lines[position].quantity
        for position, count in units.items()
    )
    everything = sum(units.values()) == sum(line.quantity for line in lines.values())
    if not units or not known or everything:
        sentence = _("Choose some of the units in this shipment, not all of them.")
        raise DomainError("fulfillment.units", sentence, status=422, fields={"lines": sentence})


def _divide(
    order: Order, lines: Mapping[int, OrderLine], units: Mapping[int, int], *, now: datetime
) -> tuple[list[OrderLine], list[OrderLine]]:
    leaving: list[OrderLine] = []
    staying: list[OrderLine] = []
    for position, line in lines.items():
        count = units.get(position, 0)
        if count in {0, line.quantity}:
            (leaving if count else staying).append(line)
            continue
        part = divide_line(order, position, count, now=now)
        part.node = line.node
        line.refresh_from_db(fields=["quantity"])
        leaving.append(part)
        staying.append(line)
    return leaving, staying
