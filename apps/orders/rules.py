"""Pure rules of orders: validity of a request, totals, the masked name, numbers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from apps.orders.requests import OrderRequest
from apps.orders.states import CANCELLABLE, CHANGEABLE, CancelCode, Party

MAX_LINES = 1000
MAX_QUANTITY = 100_000
MAX_MINOR = 10**13
# Far below what a 64-bit column holds, far above any order.
MAX_TOTAL_MINOR = 10**15
MAX_TEXT = 200
# What a buyer's request to cancel waits for the merchant; then it is granted by itself.
ANSWER_WITHIN = timedelta(hours=48)
CANCEL_CODES: dict[str, tuple[CancelCode, ...]] = {
    Party.BUYER: (
        CancelCode.CHANGED_MIND,
        CancelCode.ORDERED_TWICE,
        CancelCode.WRONG_ADDRESS,
        CancelCode.TOO_SLOW,
        CancelCode.OTHER,
    ),
    Party.MERCHANT: (
        CancelCode.OUT_OF_STOCK,
        CancelCode.DAMAGED,
        CancelCode.PRICING_ERROR,
        CancelCode.CANNOT_DELIVER,
        CancelCode.BUYER_ASKED,
        CancelCode.OTHER,
    ),
    Party.SYSTEM: (
        CancelCode.UNPAID,
        CancelCode.LATE,
        CancelCode.SANCTION,
        CancelCode.PLATFORM,
        CancelCode.MERGED,
    ),
}
MAX_CODES = 20
MAX_CODE = 64
_NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"


def find_problems(request: OrderRequest) -> Iterator[tuple[str, str]]:
    """Yield (field path, code) for everything that makes a request unusable.

    Codes: ``required``, ``too_long``, ``too_many``, ``out_of_range``.
    """
    for name, value, limit in (
        ("external_ref", request.external_ref, 64),
        ("buyer.name", request.buyer.name, MAX_TEXT),
        ("buyer.country", request.buyer.country, 2),
    ):
        if not value.strip():
            yield name, "required"
        elif len(value) > limit:
            yield name, "too_long"
    for name in ("street", "city", "region", "postal_code", "phone", "email"):
        if len(getattr(request.buyer, name)) > MAX_TEXT:
            yield f"buyer.{name}", "too_long"
    if len(request.codes) > MAX_CODES or any(len(code) > MAX_CODE for code in request.codes):
        yield "codes", "too_long"
    if not 0 <= request.shipping_minor <= MAX_MINOR:
        yield "shipping", "out_of_range"
    if not request.lines:
        yield "lines", "required"
    if len(request.lines) > MAX_LINES:
        yield "lines", "too_many"
    yield from _line_problems(request)


def _line_problems(request: OrderRequest) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(request.lines):
        if not line.sku.strip():
            yield f"lines.{index}.sku", "required"
        if not 1 <= line.quantity <= MAX_QUANTITY:
            yield f"lines.{index}.quantity", "out_of_range"
        price = line.unit_price_minor
        if price is not None and not 0 <= price <= MAX_MINOR:
            yield f"lines.{index}.unit_price", "out_of_range"


class CancelWay(StrEnum):
    """What follows when somebody wants an order cancelled."""

    AT_ONCE = "at_once"
    ASK = "ask"
    REFUSED = "refused"


def way_to_cancel(party: str, status: str, *, is_partly_shipped: bool = False) -> CancelWay:
    """Return what follows when ``party`` wants an order in ``status`` cancelled.

    Before a label exists everybody cancels at once. Afterwards a buyer asks and the merchant
    answers, merchant and portal still cancel at once. Once a unit has left nobody cancels: what
    left comes back as a return.
    """
    if status not in CANCELLABLE or is_partly_shipped:
        return CancelWay.REFUSED
    if party == Party.BUYER and status not in CHANGEABLE:
        return CancelWay.ASK
    return CancelWay.AT_ONCE


def mask_name(name: str) -> str:
    """Return the first name and an initial: ``Jonas Weber`` → ``Jonas W.``; one word keeps 1 letter."""
    parts = name.split()
    if not parts:
        return ""
    if len(parts) == 1:
        return f"{parts[0][:1]}."
    return f"{parts[0]} {parts[-1][:1]}."[:80]


def new_number(now: datetime) -> str:
    """Return a new order number such as ``261125-7K3QZDA2``: day and eight random characters.

    31^8 possibilities a day: with 100,000 orders on one day a repeat has a chance below 1 %, and
    the unique column turns it into a retry, never into two orders with one number.
    """
    return f"{now:%y%m%d}-" + "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(8))
