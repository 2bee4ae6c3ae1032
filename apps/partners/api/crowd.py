"""Order intake in a crowd: calls that wait for the same store share one transaction.

Each keeps its own idempotency row, receipt and refusal. Without a crowd nothing is different.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from apps.common.coalescing import Coalescer, OverloadError, StillRunningError
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.idempotency import Keyed, StoredAnswer, answer_many_once
from apps.journal.actors import Actor
from apps.merchants.models import Merchant, Store
from apps.orders import services as orders
from apps.orders.requests import OrderRequest, Receipt

# Two: while one waits for the disk, the next one works. More would only share the crowd out.
LANES = 2
SIZE = 50
LIMIT = 500
PATIENCE_S = 8.0
RETRY_AFTER_S = 1
Outcome = StoredAnswer | DomainError | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call to place an order; ``write`` makes the answer to keep out of its receipt."""

    keyed: Keyed
    request: OrderRequest
    merchant: Merchant
    store: Store
    actor: Actor
    now: datetime
    write: Callable[[Receipt], StoredAnswer]


def answer_in_crowd(asked: Asked, *, alone: Callable[[], StoredAnswer]) -> StoredAnswer:
    """Return the answer to a call, placed with others that wait or by ``alone``.

    Raises ``orders.busy`` (503 with Retry-After) when too many wait, before anything is done, or
    when the outcome is not known in time: the same key then finds it.
    """
    if not settings.INTAKE_TOGETHER:
        return alone()
    # One writer per transaction in the journal, hence one doer per batch.
    key = (asked.merchant.pk, asked.store.pk, str(asked.actor))
    try:
        return _crowd.run(key, asked, alone=alone)
    except (OverloadError, StillRunningError) as error:
        raise DomainError(
            "orders.busy",
            _("Too many orders are waiting. Send this one again with the same key in a second."),
            status=503,
            retry_after=RETRY_AFTER_S,
        ) from error


def _place_together(batch: Sequence[Asked]) -> list[Outcome]:
    first = batch[0]
    repeated = _repeated(batch)

    def effect(fresh: Sequence[int]) -> list[Outcome]:
        wanted = [index for index in fresh if index not in repeated]
        receipts = orders.place_orders(
            [batch[index].request for index in wanted],
            merchant=first.merchant,
            store=first.store,
            actor=first.actor,
            now=max(asked.now for asked in batch),
        )
        placed = dict(zip(wanted, receipts, strict=True))
        return [_outcome(batch[index], placed.get(index)) for index in fresh]

    return retry_transaction(answer_many_once)([asked.keyed for asked in batch], effect)


def _outcome(asked: Asked, receipt: Receipt | None) -> Outcome:
    if receipt is None:
        return None
    return receipt.error if receipt.error is not None else asked.write(receipt)


def _repeated(batch: Sequence[Asked]) -> set[int]:
    """Return those whose reference came earlier in the batch: they look at that order, alone."""
    seen: set[tuple[str, str]] = set()
    repeated = set()
    for index, asked in enumerate(batch):
        reference = (asked.request.channel, asked.request.external_ref)
        if reference in seen:
            repeated.add(index)
        seen.add(reference)
    return repeated


_crowd: Coalescer[tuple[int, int, str], Asked, StoredAnswer] = Coalescer(
    _place_together, lanes=LANES, size=SIZE, limit=LIMIT, patience_s=PATIENCE_S
)
