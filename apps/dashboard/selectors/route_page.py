"""Why a shipment travels as it does: the chosen way beside the next best, and what closed the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from django.utils.translation import gettext as _

from apps.fulfillment.models import RouteDecision
from apps.fulfillment.routing import StoredLeg, StoredOption, read_options
from apps.fulfillment.routing.sentences import tell_refusal


@dataclass(frozen=True, slots=True)
class PartRow:
    """One component of the price: of the chosen way and of the next best, in minor units or nothing."""

    label: str
    chosen: int | None
    other: int | None


@dataclass(frozen=True, slots=True)
class LegRow:
    """One leg of the chosen way."""

    name: str
    leg: StoredLeg


@dataclass(frozen=True, slots=True)
class ClosedWay:
    """A service that was closed, and why."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoutePage:
    """Everything the page shows of a decision."""

    chosen: StoredOption
    other: StoredOption | None
    more_open: tuple[StoredOption, ...]
    parts: tuple[PartRow, ...]
    legs: tuple[LegRow, ...]
    skipped: tuple[str, ...]
    closed: tuple[ClosedWay, ...]
    rows: tuple[str, ...]
    heavier_g: int


def read_route_page(decision: RouteDecision) -> RoutePage:
    """Return what the page shows; no statement: a decision holds all of it."""
    options = read_options(decision.result)
    opened = [option for option in options if option.is_open]
    chosen, *others = opened
    other = others[0] if others else None
    return RoutePage(
        chosen=chosen,
        other=other,
        more_open=tuple(others[1:]),
        parts=tuple(_parts(chosen, other)),
        legs=tuple(LegRow(leg_name(leg.leg), leg) for leg in chosen.legs),
        skipped=tuple(tell_refusal(refusal) for refusal in chosen.skipped),
        closed=tuple(
            ClosedWay(option.name, tuple(tell_refusal(one) for one in option.refusals))
            for option in options
            if not option.is_open
        ),
        rows=tuple(dict.fromkeys(row for option in options for row in option.rows)),
        heavier_g=_heavier(chosen),
    )


def leg_name(leg: str) -> str:
    """Return a leg in words."""
    names = {
        "first_mile": _("First mile"),
        "export": _("Export"),
        "linehaul": _("Line-haul"),
        "import": _("Import clearance"),
        "last_mile": _("Last mile"),
    }
    return names[leg]


def _parts(chosen: StoredOption, other: StoredOption | None) -> list[PartRow]:
    codes = [part.code for option in (chosen, other) if option for part in option.parts]
    return [
        PartRow(_part_name(code), _amount(chosen, code), _amount(other, code))
        for code in dict.fromkeys(codes)
    ]


def _amount(option: StoredOption | None, code: str) -> int | None:
    parts: Sequence[int] = (
        [part.minor for part in option.parts if part.code == code] if option else []
    )
    return sum(parts) if parts else None


def _part_name(code: str) -> str:
    names = {"handling": _("Handling"), "freight": _("Freight on billable weight")}
    return names.get(code, code.replace("_", " ").capitalize())


def _heavier(option: StoredOption) -> int:
    """Return the charged grams where they are more than what the parcels weigh."""
    billed = sum(Decimal(grams) for grams in option.billed_g)
    return ceil(billed) if billed > sum(option.parcels_g) else 0
