"""Every way for a shipment: what it would cost and when it would arrive, or why it is closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from apps.common.money import Money, precision
from apps.logistics.network.book import Network, Way
from apps.logistics.network.demand import Demand, Goods, IsOpen
from apps.logistics.network.plans import CartonPlan, carton_plans
from apps.logistics.network.rows import AT_ORIGIN, Lane, Leg
from apps.logistics.rating import Measured, NoPrice, Rated
from apps.markets.rules import add_business_days

# How far ahead a departure is looked for.
HORIZON_DAYS = 21
_MOST_JOURNEYS = 10_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a way or a day is closed: a code, its figures, the row that says so (or nothing)."""

    code: str
    facts: dict[str, str | int] = field(default_factory=dict)
    row: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """The day on which a shipment leaves, the latest moment for it, and the days that were closed."""

    day: date
    at: datetime
    skipped: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One service for a shipment. Open when ``refusals`` is empty; then the other parts are there.

    ``cost_minor`` is the card's price in the order's currency, ``None`` without an exchange rate.
    ``arrives_p90`` adds up the nine-in-ten days of every leg: later than nine in ten of the whole.
    """

    way: Way
    plan: CartonPlan | None = None
    refusals: tuple[Refusal, ...] = ()
    departure: Departure | None = None
    rated: Rated | None = None
    cost_minor: int | None = None
    legs: tuple[tuple[Leg, date, date], ...] = ()
    keeps_promise: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the shipment can go this way."""
        return not self.refusals

    @property
    def arrives_p50(self) -> date | None:
        """The day on which half of such parcels have arrived, by the stated figures."""
        return self.legs[-1][1] if self.legs else None

    @property
    def arrives_p90(self) -> date | None:
        """The day by which nearly all have arrived, by the stated figures."""
        return self.legs[-1][2] if self.legs else None

    @property
    def rows(self) -> tuple[str, ...]:
        """The versions of the rows this answer rests on."""
        way = self.way
        named = [
            way.service.ref,
            way.lane.ref if way.lane else "",
            way.zones,
            way.card.row if way.card else "",
            way.cut_off.ref if way.cut_off else "",
            *(row.ref for row in way.capacities),
            *(refusal.row for refusal in self.refusals),
            *(self.plan.rows if self.plan else ()),
        ]
        return tuple(dict.fromkeys(name for name in named if name))

    def rank(self) -> tuple[bool, bool, int, date, str]:
        """Sort open options: the promise first, then the cost, the arrival, and the name.

        What cannot be converted comes after what can, by its own figures.
        """
        own = self.rated.minor if self.rated else 0
        cost = own if self.cost_minor is None else self.cost_minor
        arrival = self.arrives_p90 or date.max
        code = self.way.service.code
        return (not self.keeps_promise, self.cost_minor is None, cost, arrival, code)


def list_options(network: Network, demand: Demand, is_open: IsOpen) -> list[Option]:
    """Return every service × carton plan: the open ones first, best first, then the closed ones.

    The same network, demand and calendar always give the same answer.
    """
    found = [
        option
        for way in network.ways(demand.origin, demand.destination)
        for option in _options_of(network, way, demand, is_open)
    ]
    opened = sorted((option for option in found if option.is_open), key=Option.rank)
    return [*opened, *(option for option in found if not option.is_open)]


def _options_of(network: Network, way: Way, demand: Demand, is_open: IsOpen) -> Iterator[Option]:
    closed = tuple(_find_closed(way, demand))
    if closed:
        yield Option(way, refusals=closed)
        return
    for plan in carton_plans(network.boxes, way.service, demand):
        refusals = tuple(_find_unfit(way, demand, plan))
        yield (
            Option(way, plan, refusals) if refusals else _price(network, way, demand, plan, is_open)
        )


def _find_closed(way: Way, demand: Demand) -> Iterator[Refusal]:
    """Yield what closes a service whatever the parcels are."""
    service = way.service
    if way.lane is None or way.card is None:
        yield Refusal("no_lane", {"from": demand.origin, "to": demand.destination})
        return
    weight = demand.weight_g
    if weight < service.min_g:
        yield Refusal("too_light", {"weight_g": weight, "limit_g": service.min_g}, service.ref)
    if service.max_g is not None and weight > service.max_g:
        yield Refusal("too_heavy", {"weight_g": weight, "limit_g": service.max_g}, service.ref)
    for row in way.restrictions:
        for item in demand.goods:
            facts: dict[str, str | int] = {"sku": item.sku, "reason": row.reason}
            if item.battery and item.battery in row.battery:
                yield Refusal("battery", {**facts, "battery": item.battery}, row.ref)
            if row.dangerous and item.is_dangerous:
                yield Refusal("dangerous", facts, row.ref)
            prefix = next((p for p in row.hs_prefixes if item.hs_code.startswith(p)), "")
            if prefix:
                yield Refusal("prohibited", {**facts, "hs_prefix": prefix}, row.ref)


def _find_unfit(way: Way, demand: Demand, plan: CartonPlan) -> Iterator[Refusal]:
    """Yield what closes a service for parcels of a plan."""
    service = way.service
    heaviest = max(parcel.weight_g for parcel in plan.parcels)
    count = len(plan.parcels)
    if count > service.parcels_max:
        limit = service.parcels_max
        yield Refusal("too_many_parcels", {"parcels": count, "limit": limit}, service.ref)
    if heaviest > service.parcel_max_g and not service.takes_heavier:
        limits: dict[str, str | int] = {"weight_g": heaviest, "limit_g": service.parcel_max_g}
        yield Refusal("too_heavy", limits, service.ref)
    side, girth = _longest(demand.goods, plan.parcels)
    yield from _too_long(side, girth, service.max_side_mm, service.max_girth_mm, service.ref)
    for row in way.restrictions:
        yield from _too_long(side, girth, row.max_side_mm, row.max_girth_mm, row.ref)
        if row.parcel_max_g is not None and heaviest > row.parcel_max_g:
            yield Refusal("too_heavy", {"weight_g": heaviest, "limit_g": row.parcel_max_g}, row.ref)


def _longest(goods: Sequence[Goods], parcels: Sequence[Measured]) -> tuple[int, int]:
    """Return the longest side and girth that is certain: a parcel is no shorter than what is in it."""
    units = [Measured.of_mm(0, item.sides_mm) for item in goods]
    known = [*units, *parcels]
    return max(one.longest_mm for one in known), max(one.girth_mm for one in known)


def _too_long(
    side: int, girth: int, max_side: int | None, max_girth: int | None, row: str
) -> Iterator[Refusal]:
    if max_side is not None and side > max_side:
        yield Refusal("too_long", {"side_mm": side, "limit_mm": max_side}, row)
    if max_girth is not None and girth > max_girth:
        yield Refusal("too_bulky", {"girth_mm": girth, "limit_mm": max_girth}, row)


def _price(network: Network, way: Way, demand: Demand, plan: CartonPlan, is_open: IsOpen) -> Option:
    assert way.card is not None  # noqa: S101 - a way without a card was closed before
    assert way.lane is not None  # noqa: S101
    departure = _depart(way, demand, len(plan.parcels), is_open)
    if isinstance(departure, tuple):
        return Option(way, plan, departure)
    try:
        rated = way.card.rate(plan.parcels)
    except NoPrice as error:
        return Option(way, plan, (Refusal("no_price", {"limit_g": error.limit_g}, way.card.row),))
    legs = _journey(network, way.lane, departure.day, demand, is_open)
    cost = _convert(rated, demand)
    return Option(
        way,
        plan,
        departure=departure,
        rated=rated,
        cost_minor=cost,
        legs=legs,
        keeps_promise=departure.at <= demand.ship_by,
    )


def _convert(rated: Rated, demand: Demand) -> int | None:
    rate = Decimal(1) if rated.currency == demand.currency else demand.rates.get(rated.currency)
    if rate is None:
        return None
    amount = Decimal(rated.minor).scaleb(-precision(rated.currency))
    return Money.rounded(amount * rate, demand.currency).minor


def _depart(
    way: Way, demand: Demand, parcels: int, is_open: IsOpen
) -> Departure | tuple[Refusal, ...]:
    """Return the first open day, or the reasons of every day that was tried."""
    cut = way.cut_off
    zone = cut.zone if cut else UTC
    today = demand.now.astimezone(zone).date()
    skipped: list[Refusal] = []
    for ahead in range(HORIZON_DAYS):
        day = today + ahead * _DAY
        moment = datetime.combine(day, cut.at, tzinfo=zone).astimezone(UTC) if cut else demand.now
        refusal = _closed_day(way, demand, parcels, day, moment, is_open)
        if refusal is None:
            at = (
                moment
                if cut or not ahead
                else datetime.combine(day, datetime.min.time(), tzinfo=UTC)
            )
            return Departure(day, at, tuple(skipped))
        skipped.append(refusal)
    return (Refusal("no_departure", {"days": HORIZON_DAYS}), *skipped)


def _closed_day(
    way: Way, demand: Demand, parcels: int, day: date, moment: datetime, is_open: IsOpen
) -> Refusal | None:
    cut = way.cut_off
    on = day.isoformat()
    if cut and not is_open(cut.calendar, day):
        return Refusal("day_off", {"day": on, "calendar": cut.calendar}, cut.ref)
    if cut and demand.now > moment:
        shown = {"day": on, "at": cut.at.isoformat("minutes"), "zone": cut.time_zone}
        return Refusal("past_cut_off", {**shown}, cut.ref)
    for row in way.capacities:
        taken = demand.taken.get((row.rule, day), 0)
        if taken + parcels > row.parcels_per_day:
            facts: dict[str, str | int] = {"day": on, "taken": taken, "limit": row.parcels_per_day}
            return Refusal("capacity", facts, row.ref)
    return None


def _journey(
    network: Network, lane: Lane, start: date, demand: Demand, is_open: IsOpen
) -> tuple[tuple[Leg, date, date], ...]:
    """Return the legs with their ends; counted once for each lane, country pair and day."""
    key = (lane.ref, demand.origin, demand.destination, start, is_open)
    known = network.journeys.get(key)
    if known is None:
        known = tuple(_travel(lane.legs, start, demand, is_open))
        if len(network.journeys) >= _MOST_JOURNEYS:
            network.journeys.clear()
        network.journeys[key] = known
    return known


def _travel(
    legs: Sequence[Leg], start: date, demand: Demand, is_open: IsOpen
) -> Iterator[tuple[Leg, date, date]]:
    """Yield each leg with its ends: business days of the country in which it happens."""
    middle = late = start
    for leg in legs:
        country = demand.origin if leg.leg in AT_ORIGIN else demand.destination

        def works(day: date, country: str = country) -> bool:
            return is_open(country, day)

        middle = add_business_days(middle, leg.p50, is_open=works)
        late = add_business_days(late, leg.p90, is_open=works)
        yield leg, middle, late
