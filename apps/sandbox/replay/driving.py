"""Driving a replay: intake in batches, then waiting while the workers do the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count

from apps.common.clock import utc_now
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest, OrderRequest
from apps.orders.states import END_STATES
from apps.sandbox.replay.reading import AcceptedRow, OrderFile
from apps.sandbox.replay.reference import buyer_for
from apps.sandbox.replay.stocking import Company

BATCH = 100
CHANNEL = "replay"
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Drive:
    """What one run did: how many orders it accepted anew and saw end, in how many seconds."""

    placed: int = 0
    ended: int = 0
    seconds: float = 0.0
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def orders_per_second(self) -> float:
        """Orders from intake to their end per second of this run."""
        return round(self.ended / self.seconds, 1) if self.seconds else 0.0


def place_all(
    company: Company, file: OrderFile, *, actor: Actor, drive: Drive, progress: Progress
) -> None:
    """Hand every invoice to intake; those accepted before are recognised and left alone."""
    requests = [order_request(invoice, rows) for invoice, rows in file.invoices.items()]
    for done, batch in _batches(requests):
        receipts = orders.place_orders(
            batch, merchant=company.merchant, store=company.store, actor=actor, now=utc_now()
        )
        for receipt in receipts:
            if receipt.error is not None:
                drive.refused[receipt.external_ref] = str(receipt.error)
            drive.placed += receipt.is_new
        progress(done + len(batch), len(requests))


def _batches(requests: list[OrderRequest]) -> Iterator[tuple[int, list[OrderRequest]]]:
    for start in range(0, len(requests), BATCH):
        yield start, requests[start : start + BATCH]


def order_request(invoice: str, rows: list[AcceptedRow]) -> OrderRequest:
    """Return an invoice as the request the shopping app would send."""
    first = rows[0]
    return OrderRequest(
        external_ref=invoice,
        market=first.country,
        buyer=buyer_for(first.customer, invoice, first.country),
        lines=tuple(LineRequest(row.sku, row.quantity, row.unit_price_minor) for row in rows),
        placed_at=first.placed_at,
        channel=CHANNEL,
    )


def count_by_status(company: Company) -> dict[str, int]:
    """Return how many orders stand in each state."""
    rows = Order.objects.filter(merchant=company.merchant).values_list("status")
    return dict(rows.annotate(count=Count("id")))


def count_ended(company: Company) -> int:
    """Return how many orders have reached their end."""
    states = count_by_status(company)
    return sum(states.get(state, 0) for state in END_STATES)


def wait_for_the_end(
    company: Company,
    *,
    timeout_s: float,
    progress: Progress,
    on_stall: Callable[[dict[str, int]], None],
    stall_s: float = 30.0,
) -> bool:
    """Wait until every order has ended and the journal is worked off; returns whether it did."""
    started = moved = time.monotonic()
    before: dict[str, int] = {}
    while time.monotonic() - started < timeout_s:
        states = count_by_status(company)
        ended = sum(states.get(state, 0) for state in END_STATES)
        total = sum(states.values())
        progress(ended, total)
        if ended == total and not count_open_entries(company):
            return True
        if states != before:
            before, moved = states, time.monotonic()
        elif time.monotonic() - moved > stall_s:
            on_stall(states)
            moved = time.monotonic()
        time.sleep(0.5)
    return False


def count_open_entries(company: Company) -> int:
    """Return how many of the company's journal entries are not done yet."""
    entries = JournalEntry.objects.filter(tenant_id=company.merchant.pk)
    return entries.exclude(state=JournalEntry.State.DONE).count()
