"""Saved views of the order list with their counts, kept for a minute."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.http import QueryDict

from apps.dashboard.selectors.list_state import read_state
from apps.dashboard.selectors.order_counts import LIMIT
from apps.dashboard.selectors.order_list import select_orders
from apps.merchants.models import Member, Merchant
from apps.orders.models import SavedView

_AGE_S = 60
# More tabs than this show no number: each costs a statement a minute.
COUNTED = 12


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as its tab shows it; ``count`` is at most 1,001: more than 999 reads “999+”."""

    public_id: str
    name: str
    query: str
    is_own: bool
    is_shared: bool
    count: int = 0


def list_views(member: Member, *, now: datetime) -> list[View]:
    """Return the person's own views and the shared ones, by name.

    No statement while they are kept: one for the views, and one per view for its count, otherwise.
    """
    merchant, owner = member.merchant, member.user.public_id
    rows = [row for row in _rows(merchant) if row[3] == owner or row[4]]
    counts = _counts(merchant, [row[2] for row in rows[:COUNTED]], now)
    return [
        View(public_id, name, query, by == owner, is_shared, counts.get(query, 0))
        for public_id, name, query, by, is_shared in rows
    ]


def forget_views(merchant: Merchant) -> None:
    """Drop what is kept, so that the page after a change shows its effect."""
    cache.delete(_name(merchant))


def _name(merchant: Merchant) -> str:
    return f"dashboard.saved_views.{merchant.pk}"


_Row = tuple[str, str, str, str, bool]


def _rows(merchant: Merchant) -> list[_Row]:
    known: list[_Row] | None = cache.get(_name(merchant))
    if known is None:
        views = SavedView.objects.filter(merchant=merchant).order_by("name", "id")
        known = list(views.values_list("public_id", "name", "query", "owner_id", "is_shared"))
        cache.set(_name(merchant), known, _AGE_S)
    return known


def _counts(merchant: Merchant, queries: Sequence[str], now: datetime) -> dict[str, int]:
    if not queries:
        return {}
    names = {query: _count_name(merchant, query) for query in queries}
    known: dict[str, int] = cache.get_many(list(names.values()))
    fresh: dict[str, int] = {}
    for query, name in names.items():
        if name not in known and name not in fresh:
            found = select_orders(merchant, read_state(QueryDict(query)), now=now)
            fresh[name] = found.order_by()[: LIMIT + 1].count()
    if fresh:
        cache.set_many(fresh, _AGE_S)
    counts = known | fresh
    return {query: counts[name] for query, name in names.items()}


def _count_name(merchant: Merchant, query: str) -> str:
    digest = hashlib.sha256(query.encode()).hexdigest()[:32]
    return f"dashboard.view_count.{merchant.pk}.{digest}"
