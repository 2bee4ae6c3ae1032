"""Giving back what orders took from promotions: whole or in part, and when an order is split.

A use is counted per checkout. When an order is split the use stays with the checkout: it comes back
when the last order of the family is cancelled. Units and money come back with what carried them.
Nothing falls below zero: a use taken before there was a limit was never counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import prefetch_related_objects

from apps.common.bulk import slots
from apps.promotions.counting import (
    ALL,
    Amounts,
    buyer_scope,
    code_scope,
    find_counters,
    money_scope,
)
from apps.promotions.models import Redemption
from apps.promotions.policies import current_policy
from apps.promotions.pricing.rows import part, text
from apps.promotions.rows import plain_code


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what an order took from a promotion: units, the amount off, the platform's part."""

    units: int
    amount_minor: int
    platform_minor: int


def give_back(order_ref: str, *, merchant_id: int, now: datetime) -> int:
    """Return everything an order took, once; gives the number of promotions.

    Where cancelled orders count (policy 9, or the promotion's own ``limits.cancelled_orders``) the
    use stays taken; units and money come back always. One statement for an order without
    promotions, four with any.
    """
    redemptions = _lock(merchant_id, order_ref)
    if not redemptions:
        return 0
    _pass_uses_on(merchant_id, redemptions)
    wanted: dict[tuple[int, str], Amounts] = defaultdict(Amounts)
    for item in redemptions:
        whole = Part(item.units, item.amount_minor, item.platform_minor)
        _subtract(wanted, item, whole, uses=0 if _counts_cancelled(item) else item.uses)
    _apply(wanted)
    keys = [item.pk for item in redemptions]
    Redemption.objects.filter(pk__in=keys).update(is_returned=True, returned_at=now)
    return len(redemptions)


def give_back_part(
    order_ref: str, promotion: str, given: Part, *, merchant_id: int, now: datetime
) -> bool:
    """Return a part of what an order took from a promotion (public id): units and money, no use.

    Never more than the order still holds. Returns whether there was anything; an order that holds
    nothing more of it is given back as a whole by ``give_back``.
    """
    found = [
        item for item in _lock(merchant_id, order_ref) if item.promotion.public_id == promotion
    ]
    if not found:
        return False
    (item,) = found
    rest = _less(item, given)
    wanted: dict[tuple[int, str], Amounts] = defaultdict(Amounts)
    taken = Part(
        item.units - rest.units,
        item.amount_minor - rest.amount_minor,
        item.platform_minor - rest.platform_minor,
    )
    _subtract(wanted, item, taken, uses=0)
    _apply(wanted)
    _keep(item, rest)
    return True


def split_redemption(
    order_ref: str, new_ref: str, shares: Mapping[str, Part], *, merchant_id: int, now: datetime
) -> int:
    """Move parts of what an order took (by public id of the promotion) to an order split off it.

    Counters do not change: the units and the money are still taken, and the use is the checkout's.
    Returns how many promotions went along.
    """
    moved = []
    for item in _lock(merchant_id, order_ref):
        share = shares.get(item.promotion.public_id)
        if share is None:
            continue
        rest = _less(item, share)
        moved.append(
            Redemption(
                merchant_id=merchant_id,
                promotion_id=item.promotion_id,
                order_ref=new_ref,
                family=item.family or item.order_ref,
                buyer_index=item.buyer_index,
                code=item.code,
                currency=item.currency,
                uses=0,
                units=item.units - rest.units,
                amount_minor=item.amount_minor - rest.amount_minor,
                platform_minor=item.platform_minor - rest.platform_minor,
                taken_at=item.taken_at,
            )
        )
        item.family = item.family or item.order_ref
        _keep(item, rest)
    Redemption.objects.bulk_create(moved)
    return len(moved)


def join_redemptions(order_ref: str, into_ref: str, *, merchant_id: int, now: datetime) -> int:
    """Move everything an order took to the order it is joined with; returns how many promotions.

    Counters do not change. Where both took from a promotion, the uses, units and money add up.
    """
    held = {item.promotion_id: item for item in _lock(merchant_id, into_ref)}
    moving = _lock(merchant_id, order_ref)
    for item in moving:
        known = held.get(item.promotion_id)
        if known is None:
            item.order_ref = into_ref
            item.save(update_fields=["order_ref"])
            continue
        known.uses += item.uses
        known.units += item.units
        known.amount_minor += item.amount_minor
        known.platform_minor += item.platform_minor
        known.save(update_fields=["uses", "units", "amount_minor", "platform_minor"])
        item.uses = item.units = item.amount_minor = item.platform_minor = 0
        item.is_returned, item.returned_at = True, now
        item.save()
    return len(moving)


def _lock(merchant_id: int, order_ref: str) -> list[Redemption]:
    held = Redemption.objects.filter(
        merchant=merchant_id, order_ref=order_ref, is_returned=False
    ).order_by("promotion_id")
    # Locked by themselves: a join would lock the promotion, which pausing it needs.
    locked = list(held.select_for_update())
    prefetch_related_objects(locked, "promotion")
    return locked


def _pass_uses_on(merchant_id: int, redemptions: Sequence[Redemption]) -> None:
    """Give the use of a split checkout to another order of the family, while there is one."""
    families = sorted({item.family for item in redemptions if item.family})
    if not families:
        return
    keys = [item.pk for item in redemptions]
    held = Redemption.objects.filter(merchant=merchant_id, family__in=families, is_returned=False)
    heirs = {
        (other.family, other.promotion_id): other
        for other in held.exclude(pk__in=keys).order_by("pk").select_for_update()
    }
    for item in redemptions:
        heir = heirs.get((item.family, item.promotion_id))
        if item.uses and heir is not None:
            heir.uses, item.uses = item.uses, 0
            heir.save(update_fields=["uses"])
            item.save(update_fields=["uses"])


def _counts_cancelled(item: Redemption) -> bool:
    own = text(part(item.promotion.rule, "limits"), "cancelled_orders")
    return (own or current_policy().cancelled_orders) == "counted"


def _less(item: Redemption, given: Part) -> Part:
    return Part(
        max(item.units - given.units, 0),
        max(item.amount_minor - given.amount_minor, 0),
        max(item.platform_minor - given.platform_minor, 0),
    )


def _keep(item: Redemption, rest: Part) -> None:
    item.units, item.amount_minor = rest.units, rest.amount_minor
    item.platform_minor = min(rest.platform_minor, rest.amount_minor)
    item.save(update_fields=["units", "amount_minor", "platform_minor", "family"])


def _subtract(
    wanted: dict[tuple[int, str], Amounts], item: Redemption, given: Part, *, uses: int
) -> None:
    scopes = [ALL, money_scope(item.currency)]
    scopes += [buyer_scope(item.buyer_index)] if item.buyer_index else []
    scopes += [code_scope(plain_code(item.code))] if item.code else []
    for scope in scopes:
        amounts = wanted[item.promotion_id, scope]
        amounts.uses += uses
        amounts.units += given.units
        amounts.spent += given.amount_minor if scope.startswith("money:") else 0


def _apply(wanted: Mapping[tuple[int, str], Amounts]) -> None:
    known = find_counters(wanted)
    keys = sorted(known.values())
    if not keys:
        return
    amounts = {key: wanted[pair] for pair, key in known.items()}
    case = "CASE id " + " ".join(["WHEN %s THEN %s"] * len(keys)) + " ELSE 0 END"
    values: list[int] = []
    for column in ("uses", "units", "spent"):
        pairs = [value for key in keys for value in (key, getattr(amounts[key], column))]
        values += [*pairs, *pairs]
    sets = ", ".join(
        f"{column} = CASE WHEN {column} > ({case}) THEN {column} - ({case}) ELSE 0 END"
        for column in ("uses", "units", "spent_minor")
    )
    statement = (
        f"UPDATE promotions_promotioncounter SET {sets} "  # noqa: S608 - names of our own columns
        f"WHERE id IN ({slots(keys)})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *keys])
