"""Linking entries into their tenant's hash chain, and checking that nobody altered it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date

from apps.common.db import upsert
from apps.journal.models import ChainAnchor, ChainHead, JournalEntry
from apps.journal.rules import link_hash


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A place where a chain does not hold: the entry's outward id and what is wrong."""

    tenant_id: int
    chain_number: int
    subject: str
    problem: str


def audit_columns(entry: JournalEntry) -> list[object]:
    """Return the columns the hash covers, in their fixed order."""
    return [
        entry.tenant_id,
        entry.chain_number,
        entry.public_id,
        entry.event,
        entry.subject_type,
        entry.subject_id,
        entry.actor,
        entry.payload,
        entry.request_id,
        entry.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]


def link(head: ChainHead, entries: list[JournalEntry]) -> None:
    """Give each entry the next number and hash, and move ``head`` (both unsaved)."""
    for entry in entries:
        head.chain_number += 1
        entry.chain_number = head.chain_number
        entry.previous_hash = head.hash
        entry.hash = link_hash(head.hash, audit_columns(entry))
        head.hash = entry.hash


def find_faults(tenant_id: int) -> Iterator[ChainFault]:
    """Walk one tenant's chain from its start and yield every place that does not hold."""
    previous, number = "", 0
    anchors = dict(
        ChainAnchor.objects.filter(tenant_id=tenant_id).values_list("chain_number", "hash")
    )
    linked = JournalEntry.objects.filter(tenant_id=tenant_id, chain_number__isnull=False)
    for entry in linked.order_by("chain_number").iterator(chunk_size=2000):
        number += 1
        yield from _entry_faults(entry, number, previous, anchors.get(number))
        number, previous = entry.chain_number or number, entry.hash
    head = ChainHead.objects.filter(tenant_id=tenant_id).first()
    if head is not None and (head.chain_number, head.hash) != (number, previous):
        yield ChainFault(tenant_id, number, "", "the chain ends before its recorded head")


def _entry_faults(
    entry: JournalEntry, number: int, previous: str, anchor: str | None
) -> Iterator[ChainFault]:
    def fault(problem: str) -> ChainFault:
        return ChainFault(entry.tenant_id, number, entry.public_id, problem)

    if entry.chain_number != number:
        yield fault(f"number {number} is missing")
    if entry.previous_hash != previous:
        yield fault("does not continue the entry before it")
    if entry.hash != link_hash(entry.previous_hash, audit_columns(entry)):
        yield fault("was altered after it was recorded")
    if anchor is not None and entry.hash != anchor:
        yield fault("differs from the anchor of its day")


def anchor_heads(today: date) -> int:
    """Copy every chain's head into today's anchor; returns the number of chains."""
    anchors = [
        ChainAnchor(
            tenant_id=head.tenant_id,
            anchored_on=today,
            chain_number=head.chain_number,
            hash=head.hash,
        )
        for head in ChainHead.objects.all()
    ]
    upsert(
        ChainAnchor,
        anchors,
        unique_fields=["tenant_id", "anchored_on"],
        update_fields=["chain_number", "hash"],
    )
    return len(anchors)
