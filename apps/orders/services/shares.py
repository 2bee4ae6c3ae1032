"""What an order holds of promotions, kept in step with a change of its content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.orders.dividing import Run
from apps.orders.models import Order
from apps.orders.states import ChangeKind
from apps.promotions.returning import Part, give_back_part, join_redemptions, split_redemption

FOR_SHIPPING = 0
Runs = Mapping[int, Sequence[Run]]


def shares_of(runs: Runs) -> dict[str, Part]:
    """Return units of goods, amount and the platform's part by promotion (public id)."""
    units: dict[str, int] = defaultdict(int)
    amounts: dict[str, int] = defaultdict(int)
    platform: dict[str, int] = defaultdict(int)
    for position, found in runs.items():
        for run in found:
            ref = run.promotion_ref
            units[ref] += run.unit_count if position != FOR_SHIPPING else 0
            amounts[ref] += run.amount_minor
            platform[ref] += run.platform_minor
    return {ref: Part(units[ref], amounts[ref], platform[ref]) for ref in amounts}


def settle_shares(
    order: Order,
    before: Mapping[str, Part],
    runs: Runs,
    *,
    kind: ChangeKind,
    other: Order | None,
    now: datetime,
) -> None:
    """Give back, move or take over what a change of a locked order took from or added to promotions.

    What left with a split goes along with it, what a joined order held comes with its lines, all
    else is given back to the promotions. No statement for orders without discounts.
    """
    merchant_id = order.merchant_id
    if kind == ChangeKind.JOINED and other is not None:
        join_redemptions(other.public_id, order.public_id, merchant_id=merchant_id, now=now)
        return
    gone = _less(before, shares_of(runs))
    if not gone:
        return
    if kind == ChangeKind.SPLIT_OFF and other is not None:
        split_redemption(order.public_id, other.public_id, gone, merchant_id=merchant_id, now=now)
        return
    for ref, part in sorted(gone.items()):
        give_back_part(order.public_id, ref, part, merchant_id=merchant_id, now=now)


def _less(before: Mapping[str, Part], after: Mapping[str, Part]) -> dict[str, Part]:
    found = {}
    for ref, was in before.items():
        now = after.get(ref, Part(0, 0, 0))
        gone = Part(
            was.units - now.units,
            was.amount_minor - now.amount_minor,
            was.platform_minor - now.platform_minor,
        )
        if gone != Part(0, 0, 0):
            found[ref] = gone
    return found
