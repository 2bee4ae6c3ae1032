"""What a merchant asks for when making or changing a promotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PromotionDraft:
    """The content of a promotion.

    ``rule`` is a row of the pricing engine without id, name, kind, period, priority, codes and
    funding. ``starts`` and ``ends`` are ISO moments without a zone, in the time of each market;
    an empty end is no end. ``codes`` are those that stand by name; more are made in batches.
    """

    name: str
    kind: str
    markets: tuple[str, ...]
    starts: str
    ends: str = ""
    rule: Mapping[str, object] = field(default_factory=dict)
    priority: int = 0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """What an order takes from a promotion: its units, the amount off, and the platform's part."""

    promotion: str
    order_ref: str
    buyer_index: str
    currency: str
    units: int
    amount_minor: int
    platform_minor: int
    code: str = ""
