"""Rule rows and sales for tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from apps.markets.landed.sale import Item, Sale
from apps.markets.reference_rules import packaged_rows


def rule_body(rule_id: str = "GB-135", **changes: Any) -> dict[str, Any]:
    """Return a shipped row's body with changes."""
    body = next(row for row in packaged_rows() if row["id"] == rule_id)
    return {**body, **changes}


def make_sale(country: str = "GB", on: date = date(2026, 11, 25), **changes: Any) -> Sale:
    """Return a sale of one shirt for 100."""
    facts: dict[str, Any] = {
        "destination": country,
        "sold_on": on,
        "currency": "GBP",
        "items": (Item(Decimal(100), 1, "610910", "CN", Decimal("0.12")),),
    }
    return Sale(**{**facts, **changes})
