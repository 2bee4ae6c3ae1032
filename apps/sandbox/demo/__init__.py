"""The demo world: three companies, one per fulfilment model, living through the same services."""

from __future__ import annotations
