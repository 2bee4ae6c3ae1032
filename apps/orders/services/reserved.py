"""Orders that take over what a cart reserved: found while planning, converted before writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockReservation, StockReservationLine
from apps.inventory.states import ReservationStatus
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.orders.requests import OrderRequest, Receipt


@dataclass(frozen=True, slots=True)
class Held:
    """An open reservation that a request names: balance key → units it brings."""

    reservation_id: int
    units: Mapping[int, int]


def find_held(
    waiting: Mapping[int, OrderRequest], merchant: Merchant, *, now: datetime
) -> tuple[dict[int, Held], dict[int, Receipt]]:
    """Return what the reservations of requests bring, and the receipts of requests that are refused.

    Two statements, none when no request names a reservation. One that became another order, or is
    named twice, or does not exist refuses its request; one that ended otherwise brings nothing, so
    that the order takes what is for sale.
    """
    named = {index: item.reservation for index, item in waiting.items() if item.reservation}
    if not named:
        return {}, {}
    own = StockReservation.objects.filter(merchant=merchant, public_id__in=set(named.values()))
    known = {item.public_id: item for item in own}
    units = _units_of([item.pk for item in own])
    held: dict[int, Held] = {}
    refused: dict[int, Receipt] = {}
    taken: set[str] = set()
    for index, public_id in named.items():
        found = known.get(public_id)
        if found is None:
            refused[index] = Receipt(waiting[index].external_ref, error=_unknown())
        elif found.status == ReservationStatus.CONVERTED or public_id in taken:
            refused[index] = Receipt(waiting[index].external_ref, error=_used())
        elif found.status == ReservationStatus.OPEN and found.expires_at > now:
            held[index] = Held(found.pk, units.get(found.pk, {}))
        taken.add(public_id)
    return held, refused


def _units_of(reservations: list[int]) -> dict[int, dict[int, int]]:
    units: dict[int, dict[int, int]] = {}
    lines = StockReservationLine.objects.filter(reservation__in=reservations)
    for key, balance, quantity in lines.values_list("reservation_id", "balance_id", "quantity"):
        of_one = units.setdefault(key, {})
        of_one[balance] = of_one.get(balance, 0) + quantity
    return units


def take_over(
    held: Mapping[int, Held],
    planned: Mapping[int, OrderRequest],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> None:
    """Convert the reservations of planned requests, in the transaction that reserves for them.

    Raises ``StockShortError`` when one ended meanwhile: the batch is then planned anew.
    """
    wanted = {
        item.reservation_id: planned[index].external_ref
        for index, item in held.items()
        if index in planned
    }
    if wanted:
        inventory.convert_reservations(wanted, merchant=merchant, actor=actor, now=now)


def _unknown() -> DomainError:
    sentence = _("There is no such reservation.")
    return DomainError(
        "orders.unknown_reservation", sentence, status=422, fields={"reservation": sentence}
    )


def _used() -> DomainError:
    return DomainError(
        "orders.reservation_used", _("This reservation already belongs to another order.")
    )
