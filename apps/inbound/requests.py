"""What services are asked for: a shipment to announce, units counted in, units put away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.catalog.models import Variant
from apps.inventory.models import Node


@dataclass(frozen=True, slots=True)
class LineDraft:
    """Units of a variant that will come, and their lot if they have one."""

    variant: Variant
    quantity: int
    lot_code: str = ""
    expires_on: date | None = None
    cartons: int = 0


@dataclass(frozen=True, slots=True)
class CartonDraft:
    """A carton: its SSCC if it has one, and what is in it as (SKU, lot, units)."""

    sscc: str
    contents: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class InboundDraft:
    """The content of a shipment; ``expected_on`` is a day at the warehouse.

    An empty ``reference`` is replaced by one of the portal's.
    """

    node: Node
    expected_on: date
    lines: tuple[LineDraft, ...]
    reference: str = ""
    carrier: str = ""
    tracking_ref: str = ""
    note: str = ""
    cartons: tuple[CartonDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned: a SKU, a GTIN or the SSCC of a carton; how many, and how they look.

    The quantity of a carton is what is in it; ``lot_code`` tells lots of one SKU apart.
    """

    code: str
    quantity: int = 1
    condition: str = "good"
    lot_code: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shelving:
    """Units of a line (by its position) that go to the shelf, turned out damaged, or are refused."""

    position: int
    shelved: int = 0
    damaged: int = 0
    rejected: int = 0
    note: str = ""
