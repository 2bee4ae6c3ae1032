"""Keyset pages: stable and equally fast at any depth."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.common.errors import DomainError

M = TypeVar("M", bound=Model)
T = TypeVar("T")
PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows and the cursors of its neighbours (empty when there is none)."""

    rows: Sequence[T]
    next_cursor: str
    previous_cursor: str


def encode_cursor(value: date | int | str, pk: int, *, backwards: bool = False) -> str:
    """Return an opaque cursor for the position after (or before) a row."""
    plain = value.isoformat() if isinstance(value, date) else value
    raw = json.dumps([plain, pk, backwards], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, *, is_time: bool) -> tuple[datetime | int | str, int, bool]:
    """Return (value, pk, backwards); a cursor we did not make raises a 400 ``DomainError``."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, pk, backwards = json.loads(base64.urlsafe_b64decode(padded))
        if not isinstance(pk, int) or not isinstance(backwards, bool):
            raise TypeError("cursor")
        if is_time:
            moment = parse_datetime(value)
            if moment is None:
                raise ValueError("cursor")
            return moment, pk, backwards
        if not isinstance(value, int | str):
            raise TypeError("cursor")
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError) as error:
        raise DomainError(
            "pagination.bad_cursor",
            _("This page address is damaged. Start again from the first page."),
            status=400,
        ) from error
    return value, pk, backwards


def paginate(
    queryset: QuerySet[M],
    *,
    key: str,
    cursor: str = "",
    size: int = 50,
    descending: bool = True,
    is_time: bool = True,
) -> Page[M]:
    """Return one page ordered by (key, pk), one row more than ``size`` telling if there is a next.

    ``key`` must be a column without nulls that an index covers together with the filter. One SQL
    statement; no COUNT.
    """
    found, backwards = _slice(queryset, key, cursor, size, descending=descending, is_time=is_time)
    marks = [(getattr(row, key), row.pk) for row in found]
    return _page(found, marks, size=size, cursor=cursor, backwards=backwards)


def paginate_values(
    queryset: QuerySet[M],
    columns: Sequence[str],
    *,
    key: str,
    cursor: str = "",
    size: int = 50,
    descending: bool = True,
    is_time: bool = True,
) -> Page[tuple[object, ...]]:
    """Return one page of plain tuples of ``columns``, as ``paginate`` does of objects.

    For lists that only read: making objects of rows costs ten times what reading them does.
    """
    wanted = queryset.values_list(key, "pk", *columns)
    found, backwards = _slice(wanted, key, cursor, size, descending=descending, is_time=is_time)
    marks = [(row[0], row[1]) for row in found]
    return _page([row[2:] for row in found], marks, size=size, cursor=cursor, backwards=backwards)


def _slice(
    queryset: QuerySet[M, T],
    key: str,
    cursor: str,
    size: int,
    *,
    descending: bool,
    is_time: bool,
) -> tuple[list[T], bool]:
    """Return the rows behind the cursor, one more than ``size``, and whether they run backwards."""
    backwards = False
    if cursor:
        value, pk, backwards = decode_cursor(cursor, is_time=is_time)
        lookup = "lt" if descending != backwards else "gt"
        past = Q(**{f"{key}__{lookup}": value})
        same = Q(**{key: value, f"pk__{lookup}": pk})
        queryset = queryset.filter(Q(**{f"{key}__{lookup}e": value}) & (past | same))
    sign = "-" if descending != backwards else ""
    return list(queryset.order_by(f"{sign}{key}", f"{sign}pk")[: size + 1]), backwards


def _page(
    rows: Sequence[T],
    marks: Sequence[tuple[date | int | str, int]],
    *,
    size: int,
    cursor: str,
    backwards: bool,
) -> Page[T]:
    more = len(rows) > size
    rows, marks = rows[:size], marks[:size]
    if backwards:
        rows, marks = rows[::-1], marks[::-1]
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and (more if backwards else bool(cursor))
    return Page(
        rows,
        encode_cursor(*marks[-1]) if has_next else "",
        encode_cursor(*marks[0], backwards=True) if has_previous else "",
    )
