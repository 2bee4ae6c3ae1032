"""How the carrier misbehaves: as told, so many times, for one call."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

# slow: answers late. error: 500, nothing done. busy: 503 with Retry-After, nothing done.
# error_after: 500 though it was done. lost: done, and the connection is cut without an answer.
# twice: done twice. garbage: done, and the answer is torn.
KINDS = ("slow", "error", "busy", "error_after", "lost", "twice", "garbage")


@dataclass
class Faults:
    """What is still to go wrong, per operation, in the order it was asked for."""

    planned: dict[str, list[str]] = field(default_factory=dict)
    slow_s: float = 1.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, operation: str, kind: str, times: int) -> None:
        """Let the next ``times`` calls of an operation go wrong; ``ValueError`` for another kind."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is none of {', '.join(KINDS)}")
        with self._lock:
            self.planned.setdefault(operation, []).extend([kind] * times)

    def take(self, operation: str) -> str:
        """Return the fault of this call, empty for none."""
        with self._lock:
            waiting = self.planned.get(operation, [])
            return waiting.pop(0) if waiting else ""
