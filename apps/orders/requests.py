"""What a channel sends for one order, and what it gets back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from apps.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class LineRequest:
    """A SKU and a quantity; ``unit_price_minor`` is what the buyer paid, or the listing's price."""

    sku: str
    quantity: int
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class BuyerRequest:
    """Who gets the parcel. ``country`` is ISO 3166 alpha-2; all other parts are free text."""

    name: str
    country: str
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order as the shopping app sends it; ``external_ref`` is the app's own id of it."""

    external_ref: str
    market: str
    buyer: BuyerRequest
    lines: tuple[LineRequest, ...]
    placed_at: datetime
    channel: str = "app"
    shipping_minor: int = 0
    content_ref: str = ""

    @property
    def mark(self) -> str:
        """A SHA-256 of the whole request: tells a repeat from a different order."""
        text = json.dumps(self, sort_keys=True, default=_plain, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(part: object) -> object:
    """Return a part of a request as JSON knows it; ``dataclasses.asdict`` would copy every text."""
    names: tuple[str, ...] | None = getattr(part, "__slots__", None)
    return str(part) if names is None else {name: getattr(part, name) for name in names}


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one request: the order's ids, or the error. ``is_new`` is false for repeats."""

    external_ref: str
    order_id: int = 0
    public_id: str = ""
    number: str = ""
    status: str = ""
    total_minor: int = 0
    currency: str = ""
    is_new: bool = False
    error: DomainError | None = field(default=None, compare=False)
