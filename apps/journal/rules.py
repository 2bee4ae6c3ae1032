"""Pure rules of the journal: the chain's hash and the pauses between attempts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

MAX_ATTEMPTS = 8
BATCH_PER_MESSAGE = 20


def link_hash(previous: str, facts: Sequence[object]) -> str:
    """Return the SHA-256 (hex) of the previous hash and the entry's audit columns.

    ``facts`` is serialised as canonical JSON (sorted keys, no spaces), so that the same columns
    give the same hash whatever the database did to the text of a JSON column.
    """
    text = json.dumps(
        facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def pause_before(attempt: int, *, jitter: float, base_s: int = 5, cap_s: int = 900) -> timedelta:
    """Return the pause before an attempt: exponential, capped, and spread by ``jitter`` in [0, 1)."""
    whole = min(cap_s, base_s * 2 ** max(0, attempt - 1))
    return timedelta(seconds=whole * (0.5 + jitter / 2))
