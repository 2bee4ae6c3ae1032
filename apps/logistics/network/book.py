"""Rows of one day compiled to a network that answers which lanes there are and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from apps.logistics.network.rows import (
    ANY,
    Capacity,
    CutOff,
    Lane,
    Leg,
    Restriction,
    Service,
    Versioned,
    Zones,
    read_box,
    read_capacity,
    read_cut_off,
    read_lane,
    read_restriction,
    read_service,
    read_zones,
)
from apps.logistics.packing import Box
from apps.logistics.rating import Card, compile_card
from apps.logistics.rating.facts import RowError


@dataclass(frozen=True, slots=True)
class Way:
    """A service on a lane: everything that decides about it between two countries."""

    service: Service
    lane: Lane | None
    card: Card | None
    zones: str
    cut_off: CutOff | None
    capacities: tuple[Capacity, ...]
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """A compiled network; ``version`` names the edition it was compiled from."""

    version: str
    services: tuple[Service, ...] = ()
    lanes: Mapping[str, tuple[Lane, ...]] = field(default_factory=dict)
    zones: Zones | None = None
    cards: Mapping[str, Card] = field(default_factory=dict)
    cut_offs: tuple[CutOff, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    boxes: tuple[Box, ...] = ()
    # Worked out on the way and kept for as long as the network is.
    journeys: dict[tuple[object, ...], tuple[tuple[Leg, date, date], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _ways: dict[tuple[str, str], tuple[Way, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies in which cards price."""
        return frozenset(card.currency for card in self.cards.values())

    def ways(self, origin: str, destination: str) -> tuple[Way, ...]:
        """Return every service between two countries, by code, also those without a lane there."""
        known = self._ways.get((origin, destination))
        if known is None:
            known = tuple(self._way(service, origin, destination) for service in self.services)
            self._ways[origin, destination] = known
        return known

    def _way(self, service: Service, origin: str, destination: str) -> Way:
        zone = self.zones.find(origin, destination) if self.zones else ""
        lane = next(
            (
                lane
                for lane in self.lanes.get(service.code, ())
                if lane.origins & {ANY, origin}
                and (destination in lane.countries or lane.zone == zone)
            ),
            None,
        )
        is_home = origin == destination
        if service.scope != "any" and (service.scope == "home") != is_home:
            lane = None
        return Way(
            service=service,
            lane=lane,
            card=self.cards.get(lane.card) if lane else None,
            zones=self.zones.ref if self.zones and lane and lane.zone else "",
            cut_off=self._cut_off(service.code, origin),
            capacities=tuple(
                row
                for row in self.capacities
                if row.service in {ANY, service.code} and row.origin in {ANY, origin}
            ),
            restrictions=tuple(
                row for row in self.restrictions if row.covers(service.code, origin, destination)
            ),
        )

    def _cut_off(self, service: str, origin: str) -> CutOff | None:
        rows = [
            row for row in self.cut_offs if row.service in {ANY, service} and row.origin == origin
        ]
        return min(rows, key=lambda row: (row.service == ANY, row.ref), default=None)


def compile_network(rows: Iterable[Versioned], version: str = "") -> Network:
    """Compile row versions, at most one of each rule; raises ``RowError`` for what cannot be read.

    Rows of a kind keep the order of their names, so the same rows give the same network. A lane to
    countries it lists stands before one to a zone.
    """
    by_kind: dict[str, list[Versioned]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.ref):
        by_kind[row.body["kind"]].append(row)
    lanes: dict[str, list[Lane]] = defaultdict(list)
    for row in by_kind["lane"]:
        lane = read_lane(row.body, row.ref)
        lanes[lane.service].append(lane)
    services = [read_service(row.body, row.ref) for row in by_kind["service"]]
    zones = [read_zones(row.body, row.ref) for row in by_kind["zones"]]
    return Network(
        version=version,
        services=tuple(sorted(services, key=lambda service: service.code)),
        lanes={
            code: tuple(sorted(found, key=lambda lane: (bool(lane.zone), ANY in lane.origins)))
            for code, found in lanes.items()
        },
        zones=zones[0] if zones else None,
        cards={row.body["id"]: compile_card(row.body, row.ref) for row in by_kind["card"]},
        cut_offs=tuple(read_cut_off(row.body, row.ref) for row in by_kind["cut_off"]),
        capacities=tuple(read_capacity(row.body, row.ref) for row in by_kind["capacity"]),
        restrictions=tuple(read_restriction(row.body, row.ref) for row in by_kind["restriction"]),
        boxes=tuple(read_box(row.body, row.ref) for row in by_kind["box"]),
    )


def check_references(network: Network) -> None:
    """Raise ``RowError`` for a lane whose service or card is not in the network."""
    codes = {service.code for service in network.services}
    for code, lanes in network.lanes.items():
        for lane in lanes:
            if code not in codes:
                raise RowError(f"service: {lane.ref} names {code}, which is not there")
            if lane.card not in network.cards:
                raise RowError(f"card: {lane.ref} names {lane.card}, which is not there")
