"""The network that is shipped with the portal: its own line, local delivery and pallets.

Prices, limits and days are the portal's own terms, stated and not measured. What lithium batteries
may not do is the IATA Dangerous Goods Regulations, 67th edition: UN3480 and UN3090 alone are
forbidden on passenger aircraft (packing instructions 965 and 968).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "data" / "network.json"


@lru_cache(maxsize=1)
def packaged_rows() -> tuple[dict[str, Any], ...]:
    """Return the shipped rows in the order of the file."""
    return tuple(json.loads(_FILE.read_text())["rows"])
