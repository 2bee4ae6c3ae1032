"""Movements of stock. Every quantity that changes has a posting that says why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.bulk import insert_missing_rows, insert_rows, move_quantities
from apps.common.db import CHANGED_SINCE_READ, retry_transaction
from apps.common.errors import DomainError
from apps.inventory import buckets
from apps.inventory.models import Disposition, Node, StockBalance, StockPosting
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

_POSTING_COLUMNS = (
    "merchant",
    "balance",
    "from_disposition",
    "to_disposition",
    "quantity",
    "reason",
    "reference",
    "occurred_at",
)
_BALANCE_COLUMNS = ("merchant", "node", "variant", *Disposition.values)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Movement:
    """A quantity to move at one balance; ``reference`` makes it happen once.

    ``is_hot`` says whether the balance is known to be hot; nothing costs a look at it.
    """

    balance_id: int
    quantity: int
    reference: str
    is_hot: bool | None = None


class StockShortError(Exception):
    """A guarded movement found less than it needed; nothing was changed that is not rolled back."""


def create_node(
    merchant: Merchant,
    *,
    code: str,
    name: str,
    kind: str,
    country: str,
    actor: Actor,
    now: datetime,
) -> Node:
    """Open a place that holds the merchant's stock."""
    with transaction.atomic():
        node: Node = Node.objects.create(
            merchant=merchant, code=code, name=name, kind=kind, country=country
        )
        journal.record("node.opened", merchant=merchant, subject=node, actor=actor, now=now)
    return node


def move(
    movements: Sequence[Movement],
    *,
    merchant_id: int,
    source: str,
    target: str,
    reason: str,
    now: datetime,
) -> None:
    """Move stock between dispositions with one guarded update and one insert of postings.

    A hot balance takes one more update, of one of its buckets; what comes to it stands in its own
    row until its buckets are levelled.

    Must run in the caller's transaction. Raises ``StockShortError`` when a balance does not cover
    its movement (the caller's transaction must roll back), and ``IntegrityError`` when a reference
    was already used.
    """
    totals: dict[int, int] = defaultdict(int)
    for item in movements:
        totals[item.balance_id] += item.quantity
    hot = _hot_among(movements) if source in buckets.SPREAD else set()
    cold = {key: units for key, units in totals.items() if key not in hot}
    if not move_quantities(StockBalance, source=source, target=target, amounts=cold):
        if source in buckets.SPREAD and buckets.find_hot(cold):
            # Its units went to buckets since it was read: the whole transaction looks again.
            raise OperationalError(CHANGED_SINCE_READ, "a balance became hot")
        raise StockShortError
    spread = {key: totals[key] for key in hot}
    if not buckets.take(spread, source=source, target=target):
        raise StockShortError
    rows = [
        (merchant_id, item.balance_id, source, target, item.quantity, reason, item.reference, now)
        for item in movements
    ]
    insert_rows(StockPosting, _POSTING_COLUMNS, rows)


def _hot_among(movements: Sequence[Movement]) -> set[int]:
    hot = {item.balance_id for item in movements if item.is_hot}
    unknown = {item.balance_id for item in movements if item.is_hot is None}
    return hot | buckets.find_hot(unknown) if unknown else hot


@retry_transaction
def receive_stock(
    merchant: Merchant,
    *,
    node: Node,
    quantities: Mapping[Variant, int],
    reference: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Put units on a node's shelf as available; a repeated ``reference`` changes nothing.

    Returns the number of balances that changed. Quantities must be above zero.
    """
    if any(quantity <= 0 for quantity in quantities.values()):
        raise DomainError("inventory.quantity", _("A quantity must be above zero."), status=422)
    with transaction.atomic():
        balances = _balances(merchant, node, [variant.pk for variant in quantities])
        movements = [
            Movement(balances[variant.pk], quantity, f"{reference}:{balances[variant.pk]}")
            for variant, quantity in quantities.items()
        ]
        fresh = _not_yet_posted(movements)
        for start in range(0, len(fresh), _CHUNK):
            move(
                fresh[start : start + _CHUNK],
                merchant_id=merchant.pk,
                source="",
                target=Disposition.AVAILABLE,
                reason="received",
                now=now,
            )
        if fresh:
            units = sum(item.quantity for item in fresh)
            journal.record(
                "stock.received",
                merchant=merchant,
                subject=node,
                actor=actor,
                now=now,
                payload={"reference": reference, "balances": len(fresh), "units": units},
            )
    return len(fresh)


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
        balance_id = _balances(merchant, node, [variant.pk])[variant.pk]
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
        node: _balances(merchant, node, sorted(variants)) for node, variants in by_node.items()
    }
    return [known[count.node][count.variant_id] for count in counts]


def _public_ids(counts: Sequence[Count]) -> list[str]:
    found = Variant.objects.filter(pk__in={count.variant_id for count in counts})
    names = dict(found.values_list("pk", "public_id"))
    return [names[count.variant_id] for count in counts]


def _balances(merchant: Merchant, node: Node, wanted: Sequence[int]) -> dict[int, int]:
    """Return variant key → balance key at the node, making the balances that are missing."""
    known = dict(
        StockBalance.objects.filter(node=node, variant_id__in=wanted).values_list(
            "variant_id", "id"
        )
    )
    missing = [pk for pk in dict.fromkeys(wanted) if pk not in known]
    if missing:
        rows = [(merchant.pk, node.pk, pk, 0, 0, 0, 0) for pk in missing]
        insert_missing_rows(StockBalance, _BALANCE_COLUMNS, rows)
        made = StockBalance.objects.filter(node=node, variant_id__in=missing)
        known.update(dict(made.values_list("variant_id", "id")))
    return known


def _not_yet_posted(movements: Iterable[Movement]) -> list[Movement]:
    wanted = list(movements)
    known: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        references = [item.reference for item in wanted[start : start + _CHUNK]]
        found = StockPosting.objects.filter(reference__in=references)
        known.update(found.values_list("reference", flat=True))
    return [item for item in wanted if item.reference not in known]
