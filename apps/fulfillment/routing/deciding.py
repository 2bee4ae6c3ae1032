"""Choosing the way of a shipment: the cheapest that keeps the promise, with places taken for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.fulfillment.models import RouteDecision, Shipment
from apps.fulfillment.routing.record import (
    read_inputs,
    write_inputs,
    write_options,
    write_refusals,
)
from apps.fulfillment.routing.sentences import tell_no_route
from apps.inventory.models import Node
from apps.logistics.network import Demand, Goods, Network, Option, list_options
from apps.logistics.selectors import get_network, read_taken, works_on
from apps.logistics.services import give_capacity_back, take_capacity
from apps.markets.selectors import find_rate
from apps.orders.models import Order, OrderLine

NO_ROUTE_HOLD = "no_route"
_ATTEMPTS = 5
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class NoRouteError(DomainError):
    """No service takes the shipment (409); ``details`` say why, as ``sentences`` tell them."""

    def __init__(self, options: Sequence[Option]) -> None:
        """Keep the reasons."""
        self.details = write_refusals(options)
        super().__init__("fulfillment.no_route", tell_no_route(self.details))


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that was chosen for a shipment, and all there was to choose from (best first)."""

    demand: Demand
    network: Network
    on: date
    options: Sequence[Option]

    @property
    def best(self) -> Option:
        """The option that was taken."""
        return self.options[0]

    @property
    def weights_g(self) -> tuple[int, ...]:
        """The weights of the parcels."""
        plan = self.best.plan
        return tuple(parcel.weight_g for parcel in plan.parcels) if plan else ()

    @property
    def quote(self) -> Money:
        """The price in the card's own currency."""
        rated = self.best.rated
        if rated is None:
            raise TypeError("An open option is priced")
        return Money.from_minor(rated.minor, rated.currency)

    @property
    def postage(self) -> Money:
        """The price in the order's currency; in the card's own where no rate is known."""
        if self.best.cost_minor is None:
            return self.quote
        return Money.from_minor(self.best.cost_minor, self.demand.currency)

    @property
    def card(self) -> str:
        """The version of the card that prices it."""
        return self.best.way.card.row if self.best.way.card else ""


def choose_route(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    network: Network,
    facts: Mapping[int, Mapping[str, Any]],
    now: datetime,
) -> Choice:
    """Return the way for lines that leave one node, with its capacity taken (caller's transaction).

    The place is where the units are reserved: routing never moves stock. Raises
    ``fulfillment.no_route`` (409) with the reasons of every service when no way is open.
    """
    node: Node = lines[0].node
    demand = Demand(
        origin=node.country,
        destination=order.ship_to_country,
        goods=tuple(_goods(line, facts.get(line.variant_id, {})) for line in lines),
        currency=order.currency,
        now=now,
        ship_by=order.ship_by_at,
        rates=_rates(network, order.currency, now.date()),
    )
    for _attempt in range(_ATTEMPTS):
        demand = replace(demand, taken=_taken(network, now.date()))
        options = list_options(network, demand, works_on)
        if not options or not options[0].is_open:
            raise NoRouteError(options)
        if _take(options[0]):
            return Choice(demand, network, now.date(), options)
    raise DomainError(
        "fulfillment.busy", _("Many shipments want the same places. Try again."), status=503
    )


def read_facts(lines: Sequence[OrderLine]) -> dict[int, dict[str, Any]]:
    """Return variant key → sides and dangers of what is sent (one statement)."""
    rows = Variant.objects.filter(pk__in={line.variant_id for line in lines}).values(
        "pk",
        "length_mm",
        "width_mm",
        "height_mm",
        "product__facts__battery",
        "product__facts__dangerous",
    )
    return {row["pk"]: {**row} for row in rows}


def decision_of(choice: Choice) -> RouteDecision:
    """Return the row that keeps a choice; its shipment and merchant are still to be named."""
    best, demand = choice.best, choice.demand
    middle, late = best.arrives_p50, best.arrives_p90
    if best.departure is None or middle is None or late is None:
        raise TypeError("An open option has a departure and legs")
    return RouteDecision(
        edition=choice.network.version,
        decided_on=choice.on,
        service=best.way.service.code,
        service_name=best.way.service.name,
        departs_on=best.departure.day,
        departs_at=best.departure.at,
        arrives_p50=middle,
        arrives_p90=late,
        keeps_promise=best.keeps_promise,
        parcel_count=len(choice.weights_g),
        capacity=[row.rule for row in best.way.capacities],
        inputs=write_inputs(demand),
        result=write_options(choice.options),
    )


def give_places_back(shipment: Shipment) -> None:
    """Give back the capacity that a shipment took (caller's transaction; one statement without any)."""
    decision = RouteDecision.objects.filter(shipment=shipment).defer("inputs", "result").first()
    if decision is None:
        return
    for rule in decision.capacity:
        give_capacity_back(rule, decision.departs_on, decision.parcel_count)


def replay(decision: RouteDecision) -> str:
    """Return what the same inputs give by the edition of then: the stored text again, byte for byte.

    The working calendar is the installed one; an update of it may count days differently.
    """
    network = get_network(decision.edition, decision.decided_on)
    return write_options(list_options(network, read_inputs(decision.inputs), works_on))


def quote_parcel(
    network: Network,
    *,
    origin: str,
    destination: str,
    weight_g: int,
    currency: str,
    rates: Mapping[str, Decimal],
) -> tuple[Money | None, str] | None:
    """Return what one piece costs by the cheapest service, and its card; nothing without a service.

    The price is nothing where ``rates`` has none for the card's currency. It is a price in general:
    the day and what is taken do not matter, and no facts but the weight are known.
    """
    goods = (Goods("", 1, weight_g),)
    demand = Demand(origin, destination, goods, currency, _ANY_DAY, _ANY_DAY, rates)
    best = next(iter(list_options(network, demand, _always)), None)
    if best is None or not best.is_open or best.way.card is None:
        return None
    price = None if best.cost_minor is None else Money.from_minor(best.cost_minor, currency)
    return price, best.way.card.row


def _always(_country: str, _day: date) -> bool:
    return True


def _goods(line: OrderLine, facts: Mapping[str, Any]) -> Goods:
    battery = facts.get("product__facts__battery") or ""
    return Goods(
        sku=line.sku,
        quantity=line.quantity,
        weight_g=line.unit_weight_g,
        length_mm=facts.get("length_mm", 0),
        width_mm=facts.get("width_mm", 0),
        height_mm=facts.get("height_mm", 0),
        battery="" if battery == "none" else battery,
        is_dangerous=facts.get("product__facts__dangerous") == "yes",
        hs_code=line.hs_code,
    )


def _rates(network: Network, currency: str, on: date) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for code in sorted(network.currencies - {currency}):
        rate = find_rate(code, currency, on)
        if rate is None:
            # Not remembered: the rate may come within the minute.
            find_rate.cache_clear()
        else:
            found[code] = rate
    return found


def _taken(network: Network, since: date) -> dict[tuple[str, date], int]:
    return read_taken({row.rule for row in network.capacities}, since)


def _take(option: Option) -> bool:
    if option.departure is None or option.plan is None:
        return False
    day, count = option.departure.day, len(option.plan.parcels)
    return all(
        take_capacity(row.rule, day, count, limit=row.parcels_per_day)
        for row in option.way.capacities
    )
