"""Replay of a real order file through the portal's own path."""

from __future__ import annotations
