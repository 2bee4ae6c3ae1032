"""Pages of carrier accounts."""

from __future__ import annotations
