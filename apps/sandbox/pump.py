"""Receivers run in this very process: for seeding, where no worker runs yet."""

from __future__ import annotations

from apps.common.clock import utc_now
from apps.journal import relay
from apps.journal.delivery import deliver, load_entries
from apps.journal.registry import get_receiver


class Collector:
    """A publisher that keeps messages for the pump."""

    def __init__(self) -> None:
        """Start empty."""
        self.messages: list[tuple[str, list[int]]] = []

    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        """Keep one message."""
        self.messages.append((receiver, entry_ids))


def pump() -> int:
    """Relay and deliver until nothing is new; returns how many deliveries had an effect."""
    effects = 0
    while True:
        collector = Collector()
        if not relay.relay_new(collector, now=utc_now(), limit=500):
            return effects
        for name, entry_ids in collector.messages:
            target = get_receiver(name)
            if target is None:
                continue
            entries = load_entries(entry_ids)
            effects += sum(deliver(target, entry, now=utc_now()) for entry in entries)
