"""The table that turns each carrier's codes into the portal's vocabulary.

``data/tracking_status_map.json``: codes as public documentation and SDKs name them (Cainiao's action
codes, 17TRACK v2, AfterShip, EasyPost, Shippo, Karrio); the mapping is the portal's own.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from apps.fulfillment.rules import UNKNOWN

# Codes whose names say why, beside what happened (public vocabularies of 17TRACK and Cainiao).
_REASONS: dict[tuple[str, str], str] = {
    ("17track_v2", "DeliveryFailure_Rejected"): "refused",
    ("17track_v2", "Exception_Rejected"): "refused",
    ("17track_v2", "DeliveryFailure_InvalidAddress"): "address",
    ("cainiao_action_code", "LH_HO_AIRLINE_FAILURE"): "offloaded",
}
_FILE = Path(__file__).parent / "data" / "tracking_status_map.json"


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[str], dict[str, dict[str, str]], dict[str, str]]:
    content = json.loads(_FILE.read_text())
    return frozenset(content["canonical"]), content["maps"], content["canonical"]


def list_sources() -> list[str]:
    """Return the names of the carriers and services whose codes are known."""
    return sorted(_tables()[1])


def map_code(source: str, code: str) -> str:
    """Return the portal's status for a carrier's code.

    The source's own table comes first, then the portal's vocabulary itself; any other code is
    ``unknown``.
    """
    canonical, maps, _phases = _tables()
    known = maps.get(source, {}).get(code)
    if known is not None:
        return known
    return code if code in canonical else UNKNOWN


def phase_of(status: str) -> str:
    """Return the leg of the journey a status belongs to, as the packaged table says."""
    return _tables()[2].get(status, "unknown")


def find_reason(source: str, code: str) -> str:
    """Return why, where a carrier's code says more than its status; empty for most codes."""
    return _REASONS.get((source, code), "")
