"""Asking the European Central Bank for the reference rates of the day."""

from __future__ import annotations

import time
from collections.abc import Callable

from apps.common.http import OutboundError, fetch
from apps.markets.adapters.ecb.parser import Fixing, parse_fixing

# The daily file has some 2 KB.
MAX_BYTES = 64 * 1024
ATTEMPTS = 3
PAUSE_S = 2.0


def fetch_fixing(url: str, *, sleep: Callable[[float], None] = time.sleep) -> Fixing:
    """Return the newest fixing; what may pass by itself is tried three times.

    Raises ``OutboundError`` without an answer and ``FixingError`` for one that cannot be used.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return parse_fixing(fetch(url, max_bytes=MAX_BYTES))
        except OutboundError as error:
            if error.permanent:
                raise
            sleep(PAUSE_S * attempt)
    return parse_fixing(fetch(url, max_bytes=MAX_BYTES))
