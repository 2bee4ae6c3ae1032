"""Which receiver listens to which event, on which queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.journal.models import JournalEntry


class RetryLaterError(Exception):
    """Something outside is away: try again for as long as it takes, never give up."""


Handler = Callable[[JournalEntry], None]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A registered handler. ``events`` holds exact names or ``*`` for every event."""

    name: str
    events: tuple[str, ...]
    queue: str
    handler: Handler

    def wants(self, event: str) -> bool:
        """Say whether this receiver takes the event."""
        return event in self.events or "*" in self.events


_RECEIVERS: dict[str, Receiver] = {}


def receiver(*events: str, name: str, queue: str) -> Callable[[Handler], Handler]:
    """Register a handler for events; ``name`` is stored in inbox rows and must never change."""

    def register(handler: Handler) -> Handler:
        known = _RECEIVERS.get(name)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"Two receivers are called {name}")
        _RECEIVERS[name] = Receiver(name, events, queue, handler)
        return handler

    return register


def receivers_of(event: str) -> list[Receiver]:
    """Return the receivers of an event in order of their names."""
    return [item for _, item in sorted(_RECEIVERS.items()) if item.wants(event)]


def get_receiver(name: str) -> Receiver | None:
    """Return a receiver by name, or nothing if it no longer exists."""
    return _RECEIVERS.get(name)
