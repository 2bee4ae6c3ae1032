"""The fee rules every installation starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.finance.states import FeeKind


@dataclass(frozen=True, slots=True)
class StandardFee:
    """One standing rule, for all markets and without end."""

    code: str
    kind: str
    rate: str


SINCE = date(2010, 1, 1)
SOURCE = "Standard terms of the portal"
STANDARD_FEES = (
    StandardFee("commission.standard", FeeKind.COMMISSION.value, "0.06"),
    StandardFee("payment.standard", FeeKind.PAYMENT.value, "0.014"),
)
