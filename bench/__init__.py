"""Measured claims: ``perf`` against peers and floors, ``acceptance`` with case files."""

from __future__ import annotations
