"""Cartonisation: which boxes a set of items takes, and where each item lies. Pure."""

from __future__ import annotations

from apps.logistics.packing.choosing import pack
from apps.logistics.packing.facts import Box, DoesNotFit, Item, PackedBox, Placement

__all__ = ["Box", "DoesNotFit", "Item", "PackedBox", "Placement", "pack"]
