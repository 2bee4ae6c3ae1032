"""Counts: what is available after somebody looked, or a sheet says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory import buckets
from apps.inventory.models import Node, StockBalance, StockPosting
from apps.inventory.services.moving import Movement, move, open_balances
from apps.inventory.states import Disposition
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


@retry_transaction
def set_available(
    merchant: Merchant,
    *,
    node: Node,
    variant: Variant,
    quantity: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> StockBalance:
    """Set what is available of a variant at a node after a count; the difference is a posting."""
    if quantity < 0:
        raise DomainError("inventory.quantity", _("A quantity cannot be below zero."), status=422)
    with transaction.atomic():
        balance_id = open_balances(merchant, node, [variant.pk])[variant.pk]
        balance = StockBalance.objects.select_for_update().get(pk=balance_id)
        buckets.fold([balance], lock=True)
        difference = quantity - balance.available
        if difference:
            source, target = ("", Disposition.AVAILABLE)
            if difference < 0:
                source, target = target, source
            count = StockPosting.objects.filter(balance=balance).count()
            step = Movement(
                balance.pk, abs(difference), f"count:{balance.pk}:{count}", balance.is_hot
            )
            move(
                [step],
                merchant_id=merchant.pk,
                source=source,
                target=target,
                reason=reason,
                now=now,
            )
            journal.record(
                "stock.counted",
                merchant=merchant,
                subject=variant,
                actor=actor,
                now=now,
                payload={"node": node.public_id, "sku": variant.sku, "change": difference},
            )
            if balance.is_hot:
                buckets.level(balance.pk)
        balance.refresh_from_db()
        buckets.fold([balance])
    return balance


@dataclass(frozen=True, slots=True)
class Count:
    """What is available of a variant at a node, as somebody counted or a sheet says."""

    variant_id: int
    sku: str
    node: Node
    quantity: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The balance of a count, before and after."""

    balance_id: int
    before: int
    after: int


def set_many(
    counts: Sequence[Count],
    *,
    merchant: Merchant,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> list[Counted]:
    """Set what is available of many variants, in the caller's transaction.

    The differences are postings named ``reference:balance``, which happen once; the journal gets a
    fact for each. Balances are locked in the order of their keys. Returns one outcome per count, in
    order. Each variant and node may be there once; quantities are not below zero.
    """
    if any(count.quantity < 0 for count in counts):
        raise DomainError("inventory.quantity", _("A quantity cannot be below zero."), status=422)
    keys = _balances_of(merchant, counts)
    locked = StockBalance.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    balances = {item.pk: item for item in locked}
    buckets.fold(balances.values(), lock=True)
    outcomes = [
        Counted(key, balances[key].available, count.quantity)
        for key, count in zip(keys, counts, strict=True)
    ]
    for sign, (source, target) in (
        (1, ("", Disposition.AVAILABLE)),
        (-1, (Disposition.AVAILABLE, "")),
    ):
        steps = [
            Movement(
                item.balance_id,
                abs(item.after - item.before),
                f"{reference}:{item.balance_id}",
                balances[item.balance_id].is_hot,
            )
            for item in outcomes
            if (item.after - item.before) * sign > 0
        ]
        if steps:
            move(
                steps, merchant_id=merchant.pk, source=source, target=target, reason=reason, now=now
            )
    facts = [
        journal.Fact(
            "stock.counted",
            "variant",
            public_id,
            {"node": count.node.public_id, "sku": count.sku, "change": item.after - item.before},
        )
        for count, item, public_id in zip(counts, outcomes, _public_ids(counts), strict=True)
        if item.after != item.before
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return outcomes


def _balances_of(merchant: Merchant, counts: Sequence[Count]) -> list[int]:
    by_node: dict[Node, list[int]] = {}
    for count in counts:
        by_node.setdefault(count.node, []).append(count.variant_id)
    known = {
        node: open_balances(merchant, node, sorted(variants)) for node, variants in by_node.items()
    }
    return [known[count.node][count.variant_id] for count in counts]


def _public_ids(counts: Sequence[Count]) -> list[str]:
    found = Variant.objects.filter(pk__in={count.variant_id for count in counts})
    names = dict(found.values_list("pk", "public_id"))
    return [names[count.variant_id] for count in counts]
