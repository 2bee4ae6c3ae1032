"""Hot balances: units of one SKU in sixteen bucket rows, so that buyers do not queue on one.

A transaction holds the row lock of what it sold until its commit is on the disk; with one row per
SKU that caps a flash sale at a few hundred orders a second, whatever the statement (ADR 14). Rows
are locked in one order: the balance itself, then its buckets by number.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from apps.common.bulk import insert_rows, move_quantities, overwrite_rows
from apps.inventory.models import Disposition, StockBalance, StockBucket
from apps.inventory.rules import Supply, share_evenly

BUCKETS = 16
SPREAD = (Disposition.AVAILABLE.value, Disposition.RESERVED.value)
# For written statements: whether the balance called ``b`` has a unit to sell.
HAS_UNITS_SQL = (
    f"(b.available > 0 OR (b.is_hot AND EXISTS (SELECT 1 FROM {StockBucket._meta.db_table} k"  # noqa: S608
    " WHERE k.balance_id = b.id AND k.available > 0)))"
)
_COLUMNS = ("merchant", "balance", "number", *SPREAD)
_TABLE = StockBucket._meta.db_table


@dataclass(frozen=True, slots=True)
class _Family:
    """The locked rows of one hot balance: its own amounts and those of its buckets, in order."""

    own: tuple[int, int]
    buckets: Sequence[tuple[int, int, int, int, int, int]]

    def total(self, column: str) -> int:
        """Units in one of the spread columns, in all rows."""
        at = SPREAD.index(column)
        return self.own[at] + sum(row[4 + at] for row in self.buckets)


def has_units() -> Q:
    """Return the condition that a balance has a unit to sell, hot or not."""
    stocked = _rows(balance=OuterRef("pk"), available__gt=0)
    return Q(available__gt=0) | (Q(is_hot=True) & Q(Exists(stocked)))


def sum_buckets(balances: Collection[int], *, lock: bool = False) -> dict[int, tuple[int, int]]:
    """Return balance key → what its buckets hold (available, reserved), in one statement.

    With ``lock`` the buckets are locked for the caller's transaction, which must have locked the
    balances before.
    """
    if not balances:
        return {}
    rows = _rows(balance__in=balances)
    if not lock:
        summed = rows.values("balance_id").annotate(a=Sum("available"), r=Sum("reserved"))
        found = summed.order_by().values_list("balance_id", "a", "r")
        return {key: (available, reserved) for key, available, reserved in found}
    sums: dict[int, tuple[int, int]] = {}
    locked = rows.order_by("balance_id", "number").select_for_update()
    for key, available, reserved in locked.values_list("balance_id", *SPREAD):
        before = sums.get(key, (0, 0))
        sums[key] = (before[0] + available, before[1] + reserved)
    return sums


def fold(balances: Iterable[StockBalance], *, lock: bool = False) -> None:
    """Add to balances that were read what their buckets hold; no statement if none is hot.

    The objects then show the truth and must not be saved.
    """
    hot = {item.pk: item for item in balances if item.is_hot}
    for key, (available, reserved) in sum_buckets(list(hot), lock=lock).items():
        hot[key].available += available
        hot[key].reserved += reserved


def fold_supplies(supplies: Sequence[Supply]) -> list[Supply]:
    """Return supplies with what the buckets of hot balances hold; no statement if none is hot."""
    sums = sum_buckets([item.balance_id for item in supplies if item.is_hot])
    return [
        replace(item, available=item.available + sums[item.balance_id][0])
        if item.balance_id in sums
        else item
        for item in supplies
    ]


def find_hot(balances: Collection[int]) -> set[int]:
    """Return which of the balances are hot now, in one statement."""
    hot = StockBalance.objects.filter(pk__in=balances, is_hot=True)
    return set(hot.values_list("pk", flat=True))


def take(amounts: Mapping[int, int], *, source: str, target: str) -> bool:
    """Move amounts of hot balances from column ``source``, which is spread, to ``target``.

    Must run in the caller's transaction, after its updates of other balances. Returns whether every
    balance had enough in all its rows together; if not, the caller rolls back.
    """
    within = target if target in SPREAD else ""
    if target and not within:
        # Not spread: it stands in the balance's own row, which is locked before its buckets.
        move_quantities(StockBalance, source="", target=target, amounts=amounts)
    return all(_take(key, amounts[key], source, within) for key in sorted(amounts))


def _take(balance: int, amount: int, source: str, target: str) -> bool:
    """Try a bucket at random, then those that seem to have enough, then all rows together."""
    first = random.randrange(BUCKETS)  # noqa: S311 - spreads load, guards nothing
    if _take_from(balance, first, amount, source, target):
        return True
    rows = _rows(balance=balance, **{f"{source}__gte": amount})
    able = sorted(rows.values_list("number", flat=True))
    # Nothing of this balance is locked before a bucket had enough: going round cannot deadlock.
    round_trip = [n for n in able if n > first] + [n for n in able if n < first]
    if any(_take_from(balance, number, amount, source, target) for number in round_trip):
        return True
    return _combine(balance, amount, source, target)


def _take_from(balance: int, number: int, amount: int, source: str, target: str) -> bool:
    sets = f"{source} = {source} - %s" + (f", {target} = {target} + %s" if target else "")
    statement = (
        f"UPDATE {_TABLE} SET {sets}"  # noqa: S608 - names of columns
        f" WHERE balance_id = %s AND number = %s AND {source} >= %s"
    )
    values = [amount] * (2 if target else 1)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, balance, number, amount])
        changed: int = cursor.rowcount
    return changed == 1


def _combine(balance: int, amount: int, source: str, target: str) -> bool:
    """Take a quantity that no bucket has alone, and level what is left while all rows are locked."""
    family = _lock(balance)
    if family.total(source) < amount:
        return False
    totals = {column: family.total(column) for column in SPREAD}
    totals[source] -= amount
    if target:
        totals[target] += amount
    _write(balance, family, totals)
    return True


def level(balance: int) -> None:
    """Spread what a hot balance has evenly over its buckets, its own row included."""
    family = _lock(balance)
    _write(balance, family, {column: family.total(column) for column in SPREAD})


def make_buckets(merchant_id: int, balances: Sequence[int]) -> None:
    """Give balances, which the caller locked and flagged, their buckets and spread their units."""
    rows = [(merchant_id, key, number, 0, 0) for key in balances for number in range(BUCKETS)]
    insert_rows(StockBucket, _COLUMNS, rows)
    for key in balances:
        level(key)


def empty_buckets(balances: Sequence[int]) -> None:
    """Take the units of balances, which the caller locked, back to their own rows."""
    for at, column in enumerate(SPREAD):
        sums = sum_buckets(balances, lock=True)
        amounts = {key: sums[key][at] for key in balances if key in sums and sums[key][at]}
        if amounts:
            move_quantities(StockBalance, source="", target=column, amounts=amounts)
    _rows(balance__in=balances).delete()


def _rows(**conditions: object) -> QuerySet[StockBucket]:
    """Return buckets without the tenant's condition, whose index would lock those of other SKUs."""
    found: QuerySet[StockBucket] = StockBucket._base_manager.filter(**conditions)
    return found


def _lock(balance: int) -> _Family:
    own = StockBalance.objects.select_for_update().filter(pk=balance)
    available, reserved = own.values_list(*SPREAD).get()
    buckets = _rows(balance=balance).select_for_update().order_by("number")
    columns = ("id", "merchant_id", "balance_id", "number", *SPREAD)
    return _Family((available, reserved), list(buckets.values_list(*columns)))


def _write(balance: int, family: _Family, totals: Mapping[str, int]) -> None:
    """Write the amounts of a family: all in the buckets, or in its own row if it has none (left)."""
    kept = {column: 0 if family.buckets else totals[column] for column in SPREAD}
    if family.own != tuple(kept.values()):
        StockBalance.objects.filter(pk=balance).update(**kept)
    if not family.buckets:
        return
    shares = [share_evenly(totals[column], len(family.buckets)) for column in SPREAD]
    rows = [
        (*row[:4], available, reserved)
        for row, available, reserved in zip(family.buckets, *shares, strict=True)
    ]
    overwrite_rows(StockBucket, ("id", *_COLUMNS), rows, changing=SPREAD)
