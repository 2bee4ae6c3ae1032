"""The clock: read once at the edge and passed inwards."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return timezone.now()
