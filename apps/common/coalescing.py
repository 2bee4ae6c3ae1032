"""Doing together what many threads want at the same moment: one leader works for all who wait.

A lone caller is its own leader and does its work at once, as if this were not here. Who comes while
the lanes of a key are busy waits, and the first of those who wait does the work of all of them as
soon as a lane is free: batches are as large as the crowd, and nobody ever sleeps to make them larger.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class OverloadError(Exception):
    """Too many wait already, or one waited too long; nothing was done for the caller."""


class StillRunningError(Exception):
    """The caller's work was taken up and has no outcome yet; it may still have its effect."""


@dataclass(slots=True, eq=False)
class _Ticket(Generic[I, R]):
    """One caller that waits: its item, then a batch to lead or an outcome."""

    item: I
    woken: threading.Event = field(default_factory=threading.Event)
    batch: list[_Ticket[I, R]] = field(default_factory=list)
    outcome: R | Exception | None = None


@dataclass(slots=True)
class _Queue(Generic[I, R]):
    """The callers of one key: how many lead now, and who waits."""

    leaders: int = 0
    waiting: deque[_Ticket[I, R]] = field(default_factory=deque)


class Coalescer(Generic[K, I, R]):
    """Runs items of one key together while there is a crowd, and each by itself while there is none.

    ``together`` gets two items or more and returns for each its result, an exception for its caller,
    or None: then the caller does its work alone. So does everybody when ``together`` raises, hence
    one bad item harms nobody else. At most ``lanes`` batches of a key run at once, with at most
    ``size`` items each; beyond ``limit`` waiting callers ``OverloadError`` is raised, and also after
    ``patience_s`` in the queue.
    """

    def __init__(
        self,
        together: Callable[[Sequence[I]], Sequence[R | Exception | None]],
        *,
        lanes: int = 1,
        size: int = 50,
        limit: int = 500,
        patience_s: float = 10.0,
    ) -> None:
        """Keep the limits."""
        self._together = together
        self._lanes, self._size = lanes, size
        self._limit, self._patience_s = limit, patience_s
        self._lock = threading.Lock()
        self._queues: dict[K, _Queue[I, R]] = {}

    def run(self, key: K, item: I, *, alone: Callable[[], R]) -> R:
        """Return the result of ``item``: from ``alone`` without a crowd, else from a batch."""
        ticket: _Ticket[I, R] = _Ticket(item)
        if self._enter(key, ticket):
            return self._lead(key, ticket, alone)
        self._wait(key, ticket)
        if ticket.batch:
            return self._lead(key, ticket, alone)
        return _settle(ticket, alone)

    def _enter(self, key: K, ticket: _Ticket[I, R]) -> bool:
        """Take a free lane (true) or a place in the queue."""
        with self._lock:
            queue = self._queues.setdefault(key, _Queue())
            if queue.leaders < self._lanes:
                queue.leaders += 1
                ticket.batch = [ticket]
                return True
            if len(queue.waiting) >= self._limit:
                raise OverloadError
            queue.waiting.append(ticket)
            return False

    def _wait(self, key: K, ticket: _Ticket[I, R]) -> None:
        if ticket.woken.wait(self._patience_s):
            return
        with self._lock:
            waiting = self._queues[key].waiting if key in self._queues else deque()
            if ticket in waiting:
                waiting.remove(ticket)
                raise OverloadError
        if not ticket.woken.wait(self._patience_s):
            raise StillRunningError

    def _lead(self, key: K, ticket: _Ticket[I, R], alone: Callable[[], R]) -> R:
        batch = ticket.batch
        try:
            if len(batch) == 1:
                return alone()
            outcomes = self._try_together(batch)
            for member, outcome in zip(batch, outcomes, strict=True):
                member.outcome = outcome
        finally:
            self._leave(key)
            # Also when this thread is being ended: the others then do their work themselves.
            for member in batch[1:]:
                member.woken.set()
        return _settle(ticket, alone)

    def _try_together(self, batch: Sequence[_Ticket[I, R]]) -> Sequence[R | Exception | None]:
        try:
            return self._together([member.item for member in batch])
        except Exception as error:  # an edge: whoever caused it meets it again, alone
            logger.warning("coalescing.alone %s of %s", type(error).__name__, len(batch))
            return [None] * len(batch)

    def _leave(self, key: K) -> None:
        """Hand the lane to the first who waits, with the batch to do, or give it up."""
        with self._lock:
            queue = self._queues[key]
            if not queue.waiting:
                queue.leaders -= 1
                if not queue.leaders:
                    del self._queues[key]
                return
            count = min(len(queue.waiting), self._size)
            batch = [queue.waiting.popleft() for _ in range(count)]
        batch[0].batch = batch
        batch[0].woken.set()


def _settle(ticket: _Ticket[I, R], alone: Callable[[], R]) -> R:
    outcome = ticket.outcome
    if outcome is None:
        return alone()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
