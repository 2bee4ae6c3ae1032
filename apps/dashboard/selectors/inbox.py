"""Notifications: the same facts as Home's list, with what this person has read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from apps.dashboard.models import InboxMark
from apps.dashboard.selectors.todo_words import Todo, describe
from apps.dashboard.selectors.todos import Fact
from apps.merchants.models import Member

_AGE_S = 60


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification and whether the person has seen it since it last grew."""

    todo: Todo
    is_unread: bool


def read_marks(member: Member) -> dict[str, datetime]:
    """Return when the person last read each notification; no statement while it is kept."""
    known: dict[str, datetime] | None = cache.get(_name(member))
    if known is None:
        marks = InboxMark.objects.filter(merchant=member.merchant, user=member.user)
        known = dict(marks.values_list("key", "seen_at"))
        cache.set(_name(member), known, _AGE_S)
    return known


def forget_marks(member: Member) -> None:
    """Drop what is kept, after the person read something."""
    cache.delete(_name(member))


def _name(member: Member) -> str:
    return f"dashboard.inbox_marks.{member.pk}"


def is_unread(fact: Fact, marks: dict[str, datetime]) -> bool:
    """Say whether a fact grew after the person read it."""
    seen = marks.get(fact.key)
    return seen is None or fact.at > seen


def count_unread(facts: Iterable[Fact], marks: dict[str, datetime]) -> int:
    """Return how many facts the person has not seen."""
    return sum(1 for fact in facts if is_unread(fact, marks))


def list_notices(
    facts: Iterable[Fact],
    marks: dict[str, datetime],
    *,
    now: datetime,
    can_see_money: bool,
) -> list[Notice]:
    """Return the facts as notifications, in their order."""
    return [
        Notice(describe(fact, now=now, can_see_money=can_see_money), is_unread(fact, marks))
        for fact in facts
    ]
