"""A decision as it is kept: its inputs, and every option with its parts, rows and reasons, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.journal.services import Json
from apps.logistics.network import Demand, Goods, Option, Refusal
from apps.logistics.rating import Part


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One component of a price in minor units, and the row it comes from."""

    code: str
    minor: int
    row: str


@dataclass(frozen=True, slots=True)
class StoredLeg:
    """One leg: stated business days and the days on which it ends."""

    leg: str
    p50: int
    p90: int
    by50: date
    by90: date


@dataclass(frozen=True, slots=True)
class StoredOption:
    """One option of a stored decision as pages read it; a closed one has refusals and no price."""

    service: str
    name: str
    plan: str
    parcels_g: tuple[int, ...]
    billed_g: tuple[str, ...]
    parts: tuple[StoredPart, ...]
    quote_minor: int
    quote_currency: str
    cost_minor: int | None
    departs_at: datetime | None
    legs: tuple[StoredLeg, ...]
    keeps_promise: bool
    skipped: tuple[Refusal, ...]
    refusals: tuple[Refusal, ...]
    rows: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether the shipment could go this way."""
        return not self.refusals


def write_inputs(demand: Demand) -> dict[str, Json]:
    """Return a demand as plain JSON; ``read_inputs`` gives the same demand back."""
    return {
        "origin": demand.origin,
        "destination": demand.destination,
        "goods": [_goods(item) for item in demand.goods],
        "currency": demand.currency,
        "now": demand.now.isoformat(),
        "ship_by": demand.ship_by.isoformat(),
        "rates": {code: str(rate) for code, rate in sorted(demand.rates.items())},
        "taken": [
            [rule, day.isoformat(), count] for (rule, day), count in sorted(demand.taken.items())
        ],
    }


def read_inputs(stored: Mapping[str, Any]) -> Demand:
    """Return the demand of stored inputs."""
    return Demand(
        origin=stored["origin"],
        destination=stored["destination"],
        goods=tuple(Goods(**item) for item in stored["goods"]),
        currency=stored["currency"],
        now=datetime.fromisoformat(stored["now"]),
        ship_by=datetime.fromisoformat(stored["ship_by"]),
        rates={code: Decimal(rate) for code, rate in stored["rates"].items()},
        taken={(rule, date.fromisoformat(day)): count for rule, day, count in stored["taken"]},
    )


def write_options(options: Sequence[Option]) -> str:
    """Return the one text form of options, the chosen one first."""
    found = [_option(option) for option in options]
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_options(text: str) -> list[StoredOption]:
    """Return the options of a stored decision, the chosen one first."""
    return [_read(stored) for stored in json.loads(text)]


def _option(option: Option) -> dict[str, Json]:
    service, rated, departure = option.way.service, option.rated, option.departure
    return {
        "service": service.code,
        "name": service.name,
        "plan": option.plan.kind if option.plan else "",
        "parcels_g": [parcel.weight_g for parcel in option.plan.parcels] if option.plan else [],
        "billed_g": [_shown(one.billed_g) for one in rated.weights] if rated else [],
        "parts": [_part(part) for part in rated.parts] if rated else [],
        "quote_minor": rated.minor if rated else 0,
        "quote_currency": rated.currency if rated else "",
        "cost_minor": option.cost_minor,
        "departs_at": departure.at.isoformat() if departure else None,
        "legs": [
            {
                "leg": leg.leg,
                "p50": leg.p50,
                "p90": leg.p90,
                "by50": by50.isoformat(),
                "by90": by90.isoformat(),
            }
            for leg, by50, by90 in option.legs
        ],
        "keeps_promise": option.keeps_promise,
        "skipped": [_refusal(one) for one in departure.skipped] if departure else [],
        "refusals": [_refusal(one) for one in option.refusals],
        "rows": [*option.rows],
    }


def write_refusals(options: Sequence[Option]) -> dict[str, Json]:
    """Return why every service is closed, as plain JSON for the details of a hold."""
    return {
        "services": [
            {
                "name": option.way.service.name,
                "refusals": [_refusal(one) for one in option.refusals],
            }
            for option in options
        ]
    }


def _goods(item: Goods) -> dict[str, Json]:
    return {
        "sku": item.sku,
        "quantity": item.quantity,
        "weight_g": item.weight_g,
        "length_mm": item.length_mm,
        "width_mm": item.width_mm,
        "height_mm": item.height_mm,
        "battery": item.battery,
        "is_dangerous": item.is_dangerous,
        "hs_code": item.hs_code,
    }


def _part(part: Part) -> dict[str, Json]:
    return {"code": part.code, "minor": part.minor, "row": part.row}


def _refusal(one: Refusal) -> dict[str, Json]:
    return {"code": one.code, "facts": {**one.facts}, "row": one.row}


def _read(stored: Mapping[str, Any]) -> StoredOption:
    departs = stored["departs_at"]
    return StoredOption(
        service=stored["service"],
        name=stored["name"],
        plan=stored["plan"],
        parcels_g=tuple(stored["parcels_g"]),
        billed_g=tuple(stored["billed_g"]),
        parts=tuple(StoredPart(**part) for part in stored["parts"]),
        quote_minor=stored["quote_minor"],
        quote_currency=stored["quote_currency"],
        cost_minor=stored["cost_minor"],
        departs_at=datetime.fromisoformat(departs) if departs else None,
        legs=tuple(
            StoredLeg(
                leg["leg"],
                leg["p50"],
                leg["p90"],
                date.fromisoformat(leg["by50"]),
                date.fromisoformat(leg["by90"]),
            )
            for leg in stored["legs"]
        ),
        keeps_promise=stored["keeps_promise"],
        skipped=tuple(Refusal(**one) for one in stored["skipped"]),
        refusals=tuple(Refusal(**one) for one in stored["refusals"]),
        rows=tuple(stored["rows"]),
    )


def _shown(grams: Fraction | int) -> str:
    """Return a weight as text: ``2900``, or with thousandths where it is no whole gram."""
    if grams.denominator == 1:
        return str(grams.numerator)
    whole, part = divmod(round(grams * 1000), 1000)
    return f"{whole}.{part:03d}" if part else str(whole)
