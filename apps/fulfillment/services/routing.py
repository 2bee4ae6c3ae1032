"""Routing a confirmed order: one shipment per node, with parcels, numbers and postage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.common.money import Money
from apps.fulfillment import events
from apps.fulfillment.models import Parcel, Shipment, ShipmentLine
from apps.fulfillment.rules import (
    ParcelPlan,
    find_tariff,
    find_zone,
    plan_parcels,
    price_postage,
)
from apps.fulfillment.services.numbers import allocate_numbers
from apps.fulfillment.states import ShipmentStatus
from apps.inventory.models import Node
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.selectors import convert
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.services.locking import wrong_state
from apps.orders.states import OrderStatus


@dataclass(frozen=True, slots=True)
class _Draft:
    shipment: Shipment
    plan: ParcelPlan
    lines: Sequence[OrderLine]


@retry_transaction
def create_shipments(order: Order, *, actor: Actor, now: datetime) -> list[Shipment]:
    """Make the shipments and numbered parcels of a confirmed order and mark it as ready to ship.

    One shipment per node its lines were reserved at. Everything is one transaction without any
    call to the outside: the numbers are the portal's own, so nothing can be bought twice or get
    lost. An order that has its shipments already returns them; an allocated order whose shipments
    were all voided gets new ones. Raises ``orders.wrong_state`` (409) for any other order: only
    compliance confirms, so an order whose checks did not pass can have no label.
    """
    with transaction.atomic():
        locked: Order = Order.objects.select_for_update().get(pk=order.pk)
        attempt = 1
        if locked.status != OrderStatus.CONFIRMED:
            known = list(Shipment.objects.filter(order=locked).order_by("id"))
            alive = [item for item in known if item.status != ShipmentStatus.VOIDED]
            if alive:
                return alive
            if locked.status != OrderStatus.ALLOCATED:
                raise wrong_state(locked)
            attempt += max(item.attempt for item in known)
        drafts = _draft(locked, attempt, now)
        _write(drafts, locked, actor=actor, now=now)
        if locked.status == OrderStatus.CONFIRMED:
            orders.allocate_order(locked, actor=actor, now=now)
    return [draft.shipment for draft in drafts]


def _draft(order: Order, attempt: int, now: datetime) -> list[_Draft]:
    lines = OrderLine.objects.filter(order=order).select_related("node").order_by("position")
    by_node: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_node.setdefault(line.node_id, []).append(line)
    return [_draft_one(order, attempt, group, now) for _key, group in sorted(by_node.items())]


def _draft_one(order: Order, attempt: int, lines: Sequence[OrderLine], now: datetime) -> _Draft:
    node: Node = lines[0].node
    weight = sum(line.unit_weight_g * line.quantity for line in lines)
    plan = plan_parcels(weight, origin=node.country, destination=order.ship_to_country)
    tariff = find_tariff(plan.service, find_zone(node.country, order.ship_to_country), now.date())
    if tariff is None:
        raise DomainError("fulfillment.no_tariff", _("No tariff is in force for this shipment."))
    quote = price_postage(tariff, plan.weights_g)
    postage: Money = convert(quote, order.currency, now.date()) or quote
    shipment = Shipment(
        merchant_id=order.merchant_id,
        order=order,
        node=node,
        attempt=attempt,
        model=order.model,
        service=plan.service,
        origin_country=node.country,
        ship_to_country=order.ship_to_country,
        weight_g=weight,
        postage_minor=postage.minor,
        currency=postage.currency,
        quote_minor=quote.minor,
        quote_currency=quote.currency,
        tariff=tariff.version,
        ship_by_at=order.ship_by_at,
        created_at=now,
    )
    return _Draft(shipment, plan, lines)


def _write(drafts: Sequence[_Draft], order: Order, *, actor: Actor, now: datetime) -> None:
    facts: list[journal.Fact] = []
    parcels: list[Parcel] = []
    contents: list[ShipmentLine] = []
    for draft in drafts:
        shipment, weights = draft.shipment, draft.plan.weights_g
        numbers = allocate_numbers(shipment.origin_country, len(weights), lane=order.pk)
        shipment.save(force_insert=True)
        parcels += [
            Parcel(
                public_id=new_public_id("pcl"),
                merchant_id=order.merchant_id,
                shipment=shipment,
                position=position,
                tracking_number=number,
                weight_g=weight,
            )
            for position, (number, weight) in enumerate(zip(numbers, weights, strict=True), 1)
        ]
        contents += [
            ShipmentLine(
                merchant_id=order.merchant_id,
                shipment=shipment,
                order_line=line,
                quantity=line.quantity,
            )
            for line in draft.lines
        ]
        facts.append(_created(shipment, order, numbers))
    Parcel.objects.bulk_create(parcels)
    ShipmentLine.objects.bulk_create(contents)
    journal.record_many(facts, tenant_id=order.merchant_id, actor=actor, now=now)


def _created(shipment: Shipment, order: Order, numbers: list[str]) -> journal.Fact:
    payload: dict[str, journal.Json] = {
        "order": order.public_id,
        "number": order.number,
        "service": shipment.service,
        "carrier": shipment.carrier,
        "from": shipment.origin_country,
        "ship_to": shipment.ship_to_country,
        "tracking_numbers": [*numbers],
        "weight_g": shipment.weight_g,
        "postage_minor": shipment.postage_minor,
        "currency": shipment.currency,
        "tariff": shipment.tariff,
    }
    return journal.Fact(events.SHIPMENT_CREATED, "shipment", shipment.public_id, payload)
