"""Movements of stock: one guarded update of the balances, one insert of the postings."""

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
from apps.inventory.models import Node, StockBalance, StockPosting
from apps.inventory.states import Disposition, Reason, may_move
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
_EMPTY = (0,) * len(Disposition)
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
    was already used. ``reason`` must allow the movement (``ValueError``).
    """
    if not may_move(reason, source, target):
        raise ValueError(f"{reason} does not move stock from {source!r} to {target!r}")
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
        balances = open_balances(merchant, node, [variant.pk for variant in quantities])
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
                reason=Reason.RECEIVED,
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


def open_balances(merchant: Merchant, node: Node, wanted: Sequence[int]) -> dict[int, int]:
    """Return variant key → balance key at the node, making the balances that are missing."""
    known = dict(
        StockBalance.objects.filter(node=node, variant_id__in=wanted).values_list(
            "variant_id", "id"
        )
    )
    missing = [pk for pk in dict.fromkeys(wanted) if pk not in known]
    if missing:
        rows = [(merchant.pk, node.pk, pk, *_EMPTY) for pk in missing]
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
