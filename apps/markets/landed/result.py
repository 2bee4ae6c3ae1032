"""What a landed cost says: the charges, who collects them, by which rows, and how they came about."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NamedTuple


class LandedCostError(Exception):
    """The sale cannot be priced by the rows; ``code`` is stable, ``row_ids`` are those that matched."""

    code = "NO_RULE"

    def __init__(self, message: str, *, row_ids: tuple[str, ...] = ()) -> None:
        """Keep the parts."""
        super().__init__(message)
        self.row_ids = row_ids


class NoRuleError(LandedCostError):
    """No row in force answers a charge (``duty`` or ``tax``), or a fact the row needs is missing."""

    def __init__(self, charge: str, reason: str, *, row_ids: tuple[str, ...] = ()) -> None:
        """Keep the charge and the reason."""
        super().__init__(f"{charge}: {reason}", row_ids=row_ids)
        self.charge = charge
        self.reason = reason


class MissingRateError(LandedCostError):
    """A row names a currency for which the sale brings no exchange rate."""

    code = "NO_RATE"

    def __init__(self, currency: str, row_id: str) -> None:
        """Keep the currency."""
        super().__init__(f"No exchange rate for {currency}", row_ids=(row_id,))
        self.currency = currency


class Step(NamedTuple):
    """One line of the arithmetic; ``rate`` is a fraction or, for flat charges, an amount a piece."""

    what: str
    row_id: str
    base: Decimal
    rate: Decimal
    amount: Decimal


class Banner(NamedTuple):
    """Something a person must read beside the price: ``pending`` (priced 0) or ``caution``."""

    kind: str
    row_id: str
    text: str


class Quote(NamedTuple):
    """The landed cost in the currency of the sale; every amount is rounded.

    ``collector`` is who takes the tax from the buyer (``marketplace``, ``importer``, ``carrier``,
    ``courier``, ``none``; joined by ``+`` when a basket is split). ``gates`` are the data without
    which the parcel may not leave; ``row_ids`` the rows that priced it.
    """

    currency: str
    duty: Decimal
    tax: Decimal
    fees: Decimal
    total_charges: Decimal
    landed_total: Decimal
    collector: str
    is_deemed_supplier: bool
    row_ids: tuple[str, ...]
    steps: tuple[Step, ...]
    banners: tuple[Banner, ...]
    gates: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the quote with its amounts as decimal text."""
        return {
            "currency": self.currency,
            "duty": str(self.duty),
            "tax": str(self.tax),
            "fees": str(self.fees),
            "total_charges": str(self.total_charges),
            "landed_total": str(self.landed_total),
            "collector": self.collector,
            "is_deemed_supplier": self.is_deemed_supplier,
            "row_ids": list(self.row_ids),
            "steps": [
                [step.what, step.row_id, str(step.base), str(step.rate), str(step.amount)]
                for step in self.steps
            ],
            "banners": [list(banner) for banner in self.banners],
            "gates": list(self.gates),
        }

    def as_bytes(self) -> bytes:
        """Return the one byte form of the quote: equal quotes have equal bytes."""
        return json.dumps(
            self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
