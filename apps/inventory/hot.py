"""Making balances hot for a flash sale, and cold again: the same units, in more rows or in one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from apps.catalog.models import Variant
from apps.common.db import lock_by_pk, retry_transaction
from apps.inventory import buckets
from apps.inventory.models import StockBalance, StockLotBook
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.jobs.models import Deadline
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

COOL = "inventory.cool"


@retry_transaction
def heat_balances(
    merchant: Merchant,
    *,
    variants: Collection[Variant],
    actor: Actor,
    now: datetime,
    until: datetime | None = None,
) -> int:
    """Spread the units of variants, at every node, over buckets, so that many may buy at once.

    Nothing is moved in or out: a balance has what it had, and needs no posting. With ``until`` they
    are cooled by themselves then; a later call replaces that. Balances that are hot are levelled;
    those with lots stay as they are.
    Returns how many became hot.
    """
    with transaction.atomic():
        locked = _without_lots(_lock(merchant, variants))
        cold = [item.pk for item in locked if not item.is_hot]
        StockBalance.objects.filter(pk__in=cold).update(is_hot=True)
        buckets.make_buckets(merchant.pk, cold)
        for item in locked:
            if item.is_hot:
                buckets.level(item.pk)
        _set_end(merchant, variants, until, now=now)
        changed = {item.variant_id for item in locked if not item.is_hot}
        _record("stock.heated", merchant, variants, changed, actor=actor, now=now)
    return len(cold)


@retry_transaction
def cool_balances(
    merchant: Merchant, *, variants: Collection[Variant], actor: Actor, now: datetime
) -> int:
    """Bring the units of hot variants back to one row per node; returns how many became cold.

    Orders that wait keep their reserved units: those come back to the same balance.
    """
    with transaction.atomic():
        hot = [item for item in _lock(merchant, variants) if item.is_hot]
        keys = [item.pk for item in hot]
        buckets.empty_buckets(keys)
        StockBalance.objects.filter(pk__in=keys).update(is_hot=False)
        _set_end(merchant, variants, None, now=now)
        changed = {item.variant_id for item in hot}
        _record("stock.cooled", merchant, variants, changed, actor=actor, now=now)
    return len(keys)


def _lock(merchant: Merchant, variants: Collection[Variant]) -> Sequence[StockBalance]:
    keys = [variant.pk for variant in variants]
    return lock_by_pk(StockBalance.objects.filter(merchant=merchant, variant__in=keys))


def _without_lots(locked: Sequence[StockBalance]) -> list[StockBalance]:
    """Leave out balances with lots: those are booked by postings that must commit in their order."""
    found = StockLotBook.objects.filter(balance__in=[item.pk for item in locked])
    booked = set(found.values_list("balance_id", flat=True))
    return [item for item in locked if item.pk not in booked]


def _set_end(
    merchant: Merchant, variants: Collection[Variant], until: datetime | None, *, now: datetime
) -> None:
    if until is None:
        for variant in variants:
            close_deadline(COOL, variant.public_id, outcome="replaced", now=now)
        return
    # A variant has one end, which a later sale moves.
    names = [variant.public_id for variant in variants]
    known = Deadline.objects.select_for_update().filter(kind=COOL, subject_id__in=names)
    found = set(known.values_list("subject_id", flat=True))
    known.update(due_at=until, done_at=None, paused_at=None, attempts=0, outcome="")
    fresh = [NewDeadline(COOL, name, until) for name in names if name not in found]
    if fresh:
        set_deadlines(merchant.pk, fresh)


def _record(
    event: str,
    merchant: Merchant,
    variants: Collection[Variant],
    changed: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    facts = [
        journal.Fact(event, "variant", variant.public_id, {"sku": variant.sku})
        for variant in variants
        if variant.pk in changed
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
