"""What a channel sends for one order, and what it gets back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from apps.common.errors import DomainError
from apps.promotions.explanation import Explanation


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
    """One order as the shopping app sends it; ``external_ref`` is the app's own id of it.

    Lines with prices were priced by the channel; without them the listing's prices and the merchant's
    promotions count, and what the app knows of the buyer: ``codes`` entered, follower, tags.
    ``expected_total_minor`` is the total the buyer was shown, nothing when the app does not tell.
    ``reservation`` is the outward id of the cart's reservation whose units the order takes over.
    """

    external_ref: str
    market: str
    buyer: BuyerRequest
    lines: tuple[LineRequest, ...]
    placed_at: datetime
    channel: str = "app"
    shipping_minor: int = 0
    content_ref: str = ""
    shipping_method: str = ""
    codes: tuple[str, ...] = ()
    expected_total_minor: int | None = None
    is_follower: bool = False
    buyer_tags: tuple[str, ...] = ()
    reservation: str = ""

    @property
    def is_priced_by_channel(self) -> bool:
        """Whether a line brings its own price."""
        return any(line.unit_price_minor is not None for line in self.lines)

    @property
    def mark(self) -> str:
        """A SHA-256 of the whole request: tells a repeat from a different order."""
        text = json.dumps(self, sort_keys=True, default=_plain, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


# Parts that came later: left out while they say nothing, so that marks made before stay the same.
_LATER = {
    "shipping_method": "",
    "codes": (),
    "expected_total_minor": None,
    "is_follower": False,
    "buyer_tags": (),
    "reservation": "",
}


def _plain(part: object) -> object:
    """Return a part of a request as JSON knows it; ``dataclasses.asdict`` would copy every text."""
    names: tuple[str, ...] | None = getattr(part, "__slots__", None)
    if names is None:
        return str(part)
    told = {name: getattr(part, name) for name in names}
    if isinstance(part, OrderRequest):
        for name, nothing in _LATER.items():
            if told[name] == nothing:
                del told[name]
    return told


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one request: the order's ids, or the error. ``is_new`` is false for repeats.

    ``explanation`` tells why promotions and codes gave what they gave, where there were any.
    """

    external_ref: str
    order_id: int = 0
    public_id: str = ""
    number: str = ""
    status: str = ""
    total_minor: int = 0
    currency: str = ""
    is_new: bool = False
    error: DomainError | None = field(default=None, compare=False)
    explanation: Explanation | None = field(default=None, compare=False)
