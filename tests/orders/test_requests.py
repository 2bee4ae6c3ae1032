"""The mark of a request, by which a repeat is told from another order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest

REQUEST = OrderRequest(
    "ref-1",
    "US",
    BuyerRequest("Wu Lan", "US", city="Reno"),
    (LineRequest("A", 1), LineRequest("B", 2, 500)),
    datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
)


def test_marks_do_not_change_between_releases() -> None:
    """A stored mark is compared with a new one: other bytes would refuse an honest repeat."""
    assert REQUEST.mark == "e556e2d1293107f3c5b5b7200e46e0df7d55c9cf8aedabc5e537d51805be5819"


def test_every_part_counts() -> None:
    others = [
        replace(REQUEST, shipping_minor=1),
        replace(REQUEST, lines=REQUEST.lines[:1]),
        replace(REQUEST, lines=(REQUEST.lines[0], LineRequest("B", 2, 501))),
        replace(REQUEST, buyer=replace(REQUEST.buyer, city="Elko")),
    ]

    assert len({REQUEST.mark, *(other.mark for other in others)}) == 5
