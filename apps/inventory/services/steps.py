"""Several movements at one place in one go, for documents that move stock line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from apps.common.db import lock_by_pk
from apps.inventory import buckets
from apps.inventory.models import Node, StockBalance
from apps.inventory.services.moving import Movement, move, open_balances
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class UnitStep:
    """Units of a variant that change their condition at a place; ``reference`` happens once."""

    variant_id: int
    quantity: int
    source: str
    target: str
    reason: str
    reference: str


def move_units(merchant: Merchant, node: Node, steps: Sequence[UnitStep], *, now: datetime) -> None:
    """Move units at a place, all or nothing, in the caller's transaction.

    All balances are locked first, in the order of their keys; steps between the same conditions are
    one statement, in the order in which the first of each came. Raises as ``moving.move`` does.
    """
    if steps:
        keys = open_balances(merchant, node, sorted({step.variant_id for step in steps}))
        lock_by_pk(StockBalance.objects.filter(pk__in=keys.values()))
        _run(merchant, keys, steps, now=now)


def move_what_is_left(
    merchant: Merchant, node: Node, steps: Sequence[UnitStep], *, now: datetime
) -> int:
    """Move units as ``move_units`` does, but no more than there are; returns how many moved.

    For the end of a document whose units somebody may have moved by hand meanwhile. The steps leave
    a condition that hot balances do not spread (``ValueError``).
    """
    if any(step.source in {"", *buckets.SPREAD} for step in steps):
        raise ValueError("only conditions that stand in one row can be emptied")
    if not steps:
        return 0
    keys = open_balances(merchant, node, sorted({step.variant_id for step in steps}))
    rows = lock_by_pk(StockBalance.objects.filter(pk__in=keys.values()))
    left = {(row.variant_id, name): getattr(row, name) for row in rows for name in _sources(steps)}
    possible = []
    for step in steps:
        units = min(step.quantity, left[step.variant_id, step.source])
        left[step.variant_id, step.source] -= units
        if units:
            possible.append(replace(step, quantity=units))
    _run(merchant, keys, possible, now=now)
    return sum(step.quantity for step in possible)


def _sources(steps: Sequence[UnitStep]) -> set[str]:
    return {str(step.source) for step in steps}


def _run(
    merchant: Merchant, keys: dict[int, int], steps: Sequence[UnitStep], *, now: datetime
) -> None:
    groups: dict[tuple[str, str, str], list[Movement]] = {}
    for step in steps:
        kind = (step.source, step.target, step.reason)
        movement = Movement(keys[step.variant_id], step.quantity, step.reference)
        groups.setdefault(kind, []).append(movement)
    for (source, target, reason), movements in groups.items():
        move(
            movements,
            merchant_id=merchant.pk,
            source=source,
            target=target,
            reason=reason,
            now=now,
        )
