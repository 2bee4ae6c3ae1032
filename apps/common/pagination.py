"""Keyset pages: stable and equally fast at any depth."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.common.errors import DomainError

M = TypeVar("M", bound=Model)
PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of rows and the cursors of its neighbours (empty when there is none)."""

    rows: Sequence[M]
    next_cursor: str
    previous_cursor: str


def encode_cursor(value: datetime | int | str, pk: int, *, backwards: bool = False) -> str:
    """Return an opaque cursor for the position after (or before) a row."""
    plain = value.isoformat() if isinstance(value, datetime) else value
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
    backwards = False
    if cursor:
        value, pk, backwards = decode_cursor(cursor, is_time=is_time)
        lookup = "lt" if descending != backwards else "gt"
        past = Q(**{f"{key}__{lookup}": value})
        same = Q(**{key: value, f"pk__{lookup}": pk})
        queryset = queryset.filter(Q(**{f"{key}__{lookup}e": value}) & (past | same))
    sign = "-" if descending != backwards else ""
    rows = list(queryset.order_by(f"{sign}{key}", f"{sign}pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more if not backwards else True)
    has_previous = bool(rows) and (more if backwards else bool(cursor))
    return Page(
        rows,
        encode_cursor(getattr(rows[-1], key), rows[-1].pk) if has_next else "",
        encode_cursor(getattr(rows[0], key), rows[0].pk, backwards=True) if has_previous else "",
    )
