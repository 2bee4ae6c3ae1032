"""Tests of what dev.py is made of."""

from __future__ import annotations
