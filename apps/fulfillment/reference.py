"""The table that turns each carrier's codes into the portal's vocabulary.

``data/tracking_status_map.json``: codes as public documentation and SDKs name them (Cainiao's action
codes, 17TRACK v2, AfterShip, EasyPost, Shippo, Karrio); the mapping is the portal's own.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from apps.fulfillment.rules import UNKNOWN

_FILE = Path(__file__).parent / "data" / "tracking_status_map.json"


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[str], dict[str, dict[str, str]]]:
    content = json.loads(_FILE.read_text())
    return frozenset(content["canonical"]), content["maps"]


def list_sources() -> list[str]:
    """Return the names of the carriers and services whose codes are known."""
    return sorted(_tables()[1])


def map_code(source: str, code: str) -> str:
    """Return the portal's status for a carrier's code.

    The source's own table comes first, then the portal's vocabulary itself; any other code is
    ``unknown``.
    """
    canonical, maps = _tables()
    known = maps.get(source, {}).get(code)
    if known is not None:
        return known
    return code if code in canonical else UNKNOWN
