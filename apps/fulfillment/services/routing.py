"""Routing a confirmed order: one shipment per node, with parcels, numbers and postage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from apps.common.db import retry_transaction
from apps.common.ids import new_public_id
from apps.fulfillment import events
from apps.fulfillment.models import Parcel, RouteDecision, Shipment, ShipmentLine
from apps.fulfillment.routing.deciding import Choice, choose_route, decision_of, read_facts
from apps.fulfillment.services.numbers import allocate_numbers
from apps.fulfillment.states import ShipmentStatus
from apps.inventory.models import Node
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.logistics.selectors import find_network
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.services.locking import wrong_state
from apps.orders.states import OrderStatus


@dataclass(frozen=True, slots=True)
class _Draft:
    shipment: Shipment
    choice: Choice
    lines: Sequence[OrderLine]


@retry_transaction
def create_shipments(order: Order, *, actor: Actor, now: datetime) -> list[Shipment]:
    """Make the shipments and numbered parcels of a confirmed order and mark it as ready to ship.

    One shipment per node its lines were reserved at, each on the cheapest way that keeps the promise,
    with a ``RouteDecision`` that says why. Everything is one transaction without any call to the
    outside: the numbers are the portal's own, so nothing can be bought twice or get lost. An order
    that has its shipments already returns them; lines of an allocated order whose shipment was
    voided get a new one. Raises ``orders.wrong_state`` (409) for any other order: only compliance
    confirms, so an order whose checks did not pass can have no label. Raises
    ``fulfillment.no_route`` (409) with the reasons of every service when no way is open.
    """
    with transaction.atomic():
        locked: Order = Order.objects.select_for_update().get(pk=order.pk)
        alive: list[Shipment] = []
        covered: set[int] = set()
        attempt = 1
        if locked.status != OrderStatus.CONFIRMED:
            known = list(Shipment.objects.filter(order=locked).order_by("id"))
            alive = [item for item in known if item.status != ShipmentStatus.VOIDED]
            covered = _lines_in(alive)
            if len(covered) == locked.line_count:
                return alive
            if locked.status != OrderStatus.ALLOCATED:
                raise wrong_state(locked)
            attempt += max((item.attempt for item in known), default=0)
        lines = OrderLine.objects.filter(order=locked).exclude(pk__in=covered)
        made = write_shipments(locked, group_by_node(lines), attempt, actor=actor, now=now)
        if locked.status == OrderStatus.CONFIRMED:
            orders.allocate_order(locked, actor=actor, now=now)
    return [*alive, *made]


def _lines_in(shipments: Sequence[Shipment]) -> set[int]:
    contents = ShipmentLine.objects.filter(shipment__in=shipments)
    return set(contents.values_list("order_line_id", flat=True)) if shipments else set()


def group_by_node(lines: QuerySet[OrderLine]) -> list[list[OrderLine]]:
    """Return lines in the groups that leave together: by the node they were reserved at."""
    by_node: dict[int, list[OrderLine]] = {}
    for line in lines.select_related("node").order_by("position"):
        by_node.setdefault(line.node_id, []).append(line)
    return [group for _key, group in sorted(by_node.items())]


def write_shipments(
    order: Order,
    groups: Sequence[Sequence[OrderLine]],
    attempt: int,
    *,
    actor: Actor,
    now: datetime,
) -> list[Shipment]:
    """Make one numbered shipment for each group of lines, in the caller's transaction.

    Groups at one node get attempts of their own, from ``attempt`` on.
    """
    taken: dict[int, int] = {}
    drafts: list[_Draft] = []
    network = find_network(now.date())
    facts = read_facts([line for group in groups for line in group])
    for group in groups:
        node = group[0].node_id
        taken[node] = taken.get(node, attempt - 1) + 1
        choice = choose_route(order, group, network=network, facts=facts, now=now)
        drafts.append(_draft_one(order, taken[node], group, choice, now))
    _write(drafts, order, actor=actor, now=now)
    return [draft.shipment for draft in drafts]


def _draft_one(
    order: Order, attempt: int, lines: Sequence[OrderLine], choice: Choice, now: datetime
) -> _Draft:
    node: Node = lines[0].node
    service, postage, quote = choice.best.way.service, choice.postage, choice.quote
    shipment = Shipment(
        merchant_id=order.merchant_id,
        order=order,
        node=node,
        attempt=attempt,
        model=order.model,
        service=service.mode,
        carrier=service.carrier,
        origin_country=node.country,
        ship_to_country=order.ship_to_country,
        weight_g=sum(choice.weights_g),
        postage_minor=postage.minor,
        currency=postage.currency,
        quote_minor=quote.minor,
        quote_currency=quote.currency,
        tariff=choice.card,
        ship_by_at=order.ship_by_at,
        created_at=now,
    )
    return _Draft(shipment, choice, lines)


def _write(drafts: Sequence[_Draft], order: Order, *, actor: Actor, now: datetime) -> None:
    facts: list[journal.Fact] = []
    parcels: list[Parcel] = []
    contents: list[ShipmentLine] = []
    routes: list[RouteDecision] = []
    for draft in drafts:
        shipment, weights = draft.shipment, draft.choice.weights_g
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
        route = decision_of(draft.choice)
        route.merchant_id, route.shipment = order.merchant_id, shipment
        routes.append(route)
        facts.append(_created(shipment, order, numbers))
    Parcel.objects.bulk_create(parcels)
    ShipmentLine.objects.bulk_create(contents)
    RouteDecision.objects.bulk_create(routes)
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
