"""Deadlines are rows: set by services, swept by beat, worked by the app that knows the kind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django_scopes import scope

from apps.common.bulk import insert_rows
from apps.common.errors import DomainError
from apps.jobs.models import Deadline

logger = logging.getLogger(__name__)
Handler = Callable[[Deadline, datetime], str]
_HANDLERS: dict[str, Handler] = {}
_WARNERS: dict[str, Handler] = {}
_COLUMNS = ("tenant_id", "kind", "subject_id", "due_at", "warn_at", "outcome", "attempts")
_OUTCOME_LENGTH = 120
MAX_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class NewDeadline:
    """A deadline to set: at ``due_at`` the handler of ``kind`` works on ``subject_id``.

    At ``warn_at``, if given, the warner of the kind tells those concerned, once.
    """

    kind: str
    subject_id: str
    due_at: datetime
    warn_at: datetime | None = None


def deadline_handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that works a kind; it gets the row and the time and returns its outcome."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def deadline_warner(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that warns of a kind; it gets the row and the time."""

    def register(warner: Handler) -> Handler:
        _WARNERS[kind] = warner
        return warner

    return register


def set_deadlines(tenant_id: int, deadlines: Sequence[NewDeadline]) -> None:
    """Write deadlines in one statement, in the caller's transaction."""
    rows = [
        (tenant_id, item.kind, item.subject_id, item.due_at, item.warn_at, "", 0)
        for item in deadlines
    ]
    insert_rows(Deadline, _COLUMNS, rows)


def replace_deadlines(tenant_id: int, deadlines: Sequence[NewDeadline]) -> None:
    """Write deadlines in place of what stands for the same kinds and subjects, done or not."""
    for item in deadlines:
        Deadline.objects.filter(kind=item.kind, subject_id=item.subject_id).delete()
    set_deadlines(tenant_id, deadlines)


def close_deadline(kind: str, subject_id: str, *, outcome: str, now: datetime) -> None:
    """Mark a deadline as no longer needed."""
    Deadline.objects.filter(kind=kind, subject_id=subject_id, done_at=None).update(
        done_at=now, outcome=outcome[:_OUTCOME_LENGTH], warn_at=None
    )


def pause_deadline(kind: str, subject_id: str, *, now: datetime) -> None:
    """Keep an open deadline from being worked and warned of until ``resume_deadline``."""
    open_row = Deadline.objects.filter(kind=kind, subject_id=subject_id, done_at=None)
    open_row.filter(paused_at=None).update(paused_at=now)


def resume_deadline(wanted: NewDeadline) -> None:
    """Let a paused deadline count again, at the moments given."""
    paused = Deadline.objects.filter(
        kind=wanted.kind, subject_id=wanted.subject_id, done_at=None, paused_at__isnull=False
    )
    paused.update(paused_at=None, due_at=wanted.due_at, warn_at=wanted.warn_at)


def find_deadline(kind: str, subject_id: str) -> Deadline | None:
    """Return the open deadline of a kind and subject, if there is one."""
    return Deadline.objects.filter(kind=kind, subject_id=subject_id, done_at=None).first()


def sweep(*, now: datetime, limit: int = 200) -> int:
    """Warn of and work what is due, each deadline in its own transaction; returns how many were worked."""
    soon = Deadline.objects.filter(
        done_at=None, paused_at=None, warn_at__lte=now, due_at__gt=now
    ).order_by("warn_at", "id")
    for key in list(soon.values_list("pk", flat=True)[:limit]):
        _warn(key, now=now)
    due = Deadline.objects.filter(done_at=None, paused_at=None, due_at__lte=now)
    keys = list(due.order_by("due_at", "id").values_list("pk", flat=True)[:limit])
    return sum(_work(key, now=now) for key in keys)


def _warn(key: int, *, now: datetime) -> None:
    """Tell those concerned once: a warned row has no ``warn_at`` any more."""
    try:
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            rows = Deadline.objects.select_for_update(skip_locked=skip)
            deadline = rows.filter(pk=key, done_at=None, paused_at=None, warn_at__lte=now).first()
            if deadline is None:
                return
            warner = _WARNERS.get(deadline.kind)
            if warner is not None:
                with scope(merchant=deadline.tenant_id):
                    warner(deadline, now)
            deadline.warn_at = None
            deadline.save(update_fields=["warn_at"])
    except DomainError as error:
        logger.warning("deadline.not_warned %s: %s", key, error)


def _work(key: int, *, now: datetime) -> int:
    try:
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            rows = Deadline.objects.select_for_update(skip_locked=skip)
            deadline = rows.filter(pk=key, done_at=None, paused_at=None).first()
            if deadline is None:
                return 0
            handler = _HANDLERS.get(deadline.kind)
            if handler is None:
                raise DomainError("deadlines.unknown_kind", deadline.kind)
            with scope(merchant=deadline.tenant_id):
                deadline.outcome = handler(deadline, now)[:_OUTCOME_LENGTH]
            deadline.done_at, deadline.warn_at = now, None
            deadline.save(update_fields=["outcome", "done_at", "warn_at"])
    except DomainError as error:
        logger.warning("deadline.failed %s: %s", key, error)
        _postpone(key, str(error), now=now)
        return 0
    return 1


def _postpone(key: int, problem: str, *, now: datetime) -> None:
    row = Deadline.objects.filter(pk=key)
    row.update(
        attempts=F("attempts") + 1,
        due_at=now + timedelta(minutes=1),
        outcome=problem[:_OUTCOME_LENGTH],
    )
    row.filter(attempts__gte=MAX_ATTEMPTS).update(paused_at=now)
