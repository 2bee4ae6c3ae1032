"""Whose number it is: recognising carriers' tracking numbers by form and check digit. Pure."""

from __future__ import annotations

from apps.carriers.recognition.matching import Match, clean_number, recognize

__all__ = ["Match", "clean_number", "recognize"]
