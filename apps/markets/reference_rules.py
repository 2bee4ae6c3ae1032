"""The rule rows that are shipped with the portal.

Source: the project's own table of dated import tax and duty rules of 34 markets, in which every row
names the pages it was read from. What that table says in prose is structured in our copy: ``role``,
``answers``, ``priority``, ``when``, ``threshold.measure``, the bases ``goods`` and ``cif``,
``collector_code`` and ``cautions`` (see ``docs/guides/rule-book.md``).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from apps.markets.landed.rows import Row

_FILE = Path(__file__).parent / "data" / "rules.json"


@lru_cache(maxsize=1)
def packaged_rows() -> tuple[Row, ...]:
    """Return the shipped rows in the order of the file."""
    return tuple(json.loads(_FILE.read_text())["rows"])
