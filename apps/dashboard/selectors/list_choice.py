"""How a person wants the order list: columns and the view it opens with."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from apps.dashboard.columns import DEFAULT, read_columns
from apps.dashboard.models import ListChoice
from apps.merchants.models import Member

_AGE_S = 600


@dataclass(frozen=True, slots=True)
class Choice:
    """The columns in their order, and the query the bare address stands for."""

    columns: tuple[str, ...] = DEFAULT
    start_query: str = ""


def get_choice(member: Member) -> Choice:
    """Return what the person chose; one statement when it is not kept."""
    name = _name(member)
    known: Choice | None = cache.get(name)
    if known is None:
        own = ListChoice.objects.filter(merchant=member.merchant, user=member.user)
        row = own.values_list("columns", "start_query").first()
        known = Choice(read_columns(row[0]), row[1]) if row else Choice()
        cache.set(name, known, _AGE_S)
    return known


def forget_choice(member: Member) -> None:
    """Drop what is kept, so that the next page shows the change."""
    cache.delete(_name(member))


def _name(member: Member) -> str:
    return f"dashboard.list_choice.{member.pk}"
