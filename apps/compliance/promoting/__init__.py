"""What promotions do to prices and to what is kept of them, before they are published."""

from __future__ import annotations
