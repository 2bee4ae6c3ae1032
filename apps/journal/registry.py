"""Which receiver listens to which event, on which queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.journal.models import JournalEntry


class RetryLaterError(Exception):
    """Something outside is away: try again for as long as it takes, never give up."""


Handler = Callable[[JournalEntry], None]
Condition = Callable[[JournalEntry], bool]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A registered handler.

    ``events`` holds exact names or ``*`` for every event; ``when`` looks at an entry and may decline
    it before anything is published (it must be cheap: the relay asks for every entry).
    """

    name: str
    events: tuple[str, ...]
    queue: str
    handler: Handler
    when: Condition | None = None

    def wants(self, entry: JournalEntry) -> bool:
        """Say whether this receiver takes the entry."""
        if entry.event not in self.events and "*" not in self.events:
            return False
        return self.when is None or self.when(entry)


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


def receivers_of(entry: JournalEntry) -> list[Receiver]:
    """Return the receivers of an entry in order of their names."""
    return [item for _, item in sorted(_RECEIVERS.items()) if item.wants(entry)]


def get_receiver(name: str) -> Receiver | None:
    """Return a receiver by name, or nothing if it no longer exists."""
    return _RECEIVERS.get(name)
