"""Which receiver listens to which event, on which queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.journal.models import JournalEntry


class RetryLaterError(Exception):
    """Something outside is away: try again for as long as it takes, never give up."""


Handler = Callable[[JournalEntry], None]
Condition = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A registered handler.

    ``events`` holds exact names or ``*`` for every event; ``when`` may decline a tenant's entries
    before anything is published (the relay asks once per tenant and batch).
    """

    name: str
    events: tuple[str, ...]
    queue: str
    handler: Handler
    when: Condition | None = None

    def wants(self, event: str) -> bool:
        """Say whether this receiver takes the event."""
        return event in self.events or "*" in self.events


_RECEIVERS: dict[str, Receiver] = {}


def receiver(
    *events: str, name: str, queue: str, when: Condition | None = None
) -> Callable[[Handler], Handler]:
    """Register a handler for events; ``name`` is stored in inbox rows and must never change."""

    def register(handler: Handler) -> Handler:
        known = _RECEIVERS.get(name)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"Two receivers are called {name}")
        _RECEIVERS[name] = Receiver(name, events, queue, handler, when)
        return handler

    return register


def receivers_of(event: str) -> list[Receiver]:
    """Return the receivers of an event in order of their names, whatever the tenant."""
    return [item for _, item in sorted(_RECEIVERS.items()) if item.wants(event)]


class Audience:
    """Who listens, each tenant asked once: for one batch of the relay."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self._answers: dict[tuple[str, int], bool] = {}

    def of(self, entry: JournalEntry) -> list[str]:
        """Return the names of the receivers that take the entry."""
        return [
            item.name for item in receivers_of(entry.event) if self._accepts(item, entry.tenant_id)
        ]

    def _accepts(self, item: Receiver, tenant_id: int) -> bool:
        if item.when is None:
            return True
        key = (item.name, tenant_id)
        if key not in self._answers:
            self._answers[key] = item.when(tenant_id)
        return self._answers[key]


def get_receiver(name: str) -> Receiver | None:
    """Return a receiver by name, or nothing if it no longer exists."""
    return _RECEIVERS.get(name)
