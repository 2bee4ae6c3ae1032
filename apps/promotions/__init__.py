"""Promotions of merchants: what the buyer saves, who pays for it, and why a promotion did not apply."""

from __future__ import annotations
