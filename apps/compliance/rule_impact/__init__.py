"""What a proposed rule row would change for the listings on sale: dry runs and their results."""

from __future__ import annotations
