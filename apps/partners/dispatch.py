"""What the dispatcher does in the database: claiming due deliveries and writing their results."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django_scopes import scopes_disabled

from apps.common.crypto import UnreadableError
from apps.common.ids import new_public_id
from apps.journal.actors import system_actor
from apps.partners.adapters.webhooks.client import Outcome
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from apps.partners.rules import GIVE_UP_AFTER, pause_after
from apps.partners.services.endpoints import signing_secrets, stop_endpoint

CLAIM_LIMIT = 200
# Longer than the longest wait in a dispatcher: a full queue to one slow host, plus the time-out.
LEASE = timedelta(seconds=120)
_ACTOR = system_actor("webhooks")
_RESULT_COLUMNS = (
    "state",
    "attempts",
    "next_attempt_at",
    "last_status",
    "last_error",
    "response_body",
    "duration_ms",
    "delivered_at",
)


Columns = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery to send now, with all that is needed to send it."""

    pk: int
    lease: str
    endpoint_id: int
    url: str
    secrets: tuple[str, ...]
    message_id: str
    body: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class Result:
    """A claimed delivery and what became of it; no outcome means that it was not tried."""

    claimed: Claimed
    outcome: Outcome | None


def database_now() -> datetime:
    """Return the database's clock: the one by which due times are judged, whoever runs where."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'now')")
        else:
            cursor.execute("SELECT UTC_TIMESTAMP(6)")
        value = cursor.fetchone()[0]
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


def claim(*, now: datetime, limit: int, busy: Collection[int] = ()) -> list[Claimed]:
    """Take at most ``limit`` due deliveries for this dispatcher, leaving out ``busy`` endpoints.

    The rows are pushed ahead by the lease in one statement; whoever dies with them in hand loses
    them to the next dispatcher when it runs out. Rows another one is claiming are skipped where the
    database can.
    """
    lease = new_public_id("lse")
    skip = connection.features.has_select_for_update_skip_locked
    with scopes_disabled(), transaction.atomic():
        due = WebhookDelivery.objects.filter(
            state=WebhookDelivery.State.PENDING,
            next_attempt_at__lte=now,
            endpoint__paused_at=None,
        ).exclude(endpoint_id__in=busy)
        keys = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
        mine = WebhookDelivery.objects.select_for_update(skip_locked=skip)
        rows = list(
            mine.filter(pk__in=keys, state=WebhookDelivery.State.PENDING, next_attempt_at__lte=now)
        )
        WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            next_attempt_at=now + LEASE, lease=lease
        )
        return _with_endpoints(rows, lease, now=now)


def _with_endpoints(rows: Sequence[WebhookDelivery], lease: str, *, now: datetime) -> list[Claimed]:
    endpoints = WebhookEndpoint.objects.in_bulk({row.endpoint_id for row in rows})
    secrets: dict[int, tuple[str, ...]] = {}
    for key, endpoint in endpoints.items():
        try:
            secrets[key] = tuple(signing_secrets(endpoint, now=now))
        except UnreadableError:  # sealed with a key this process does not have: wait for the lease
            continue
    return [
        Claimed(
            pk=row.pk,
            lease=lease,
            endpoint_id=row.endpoint_id,
            url=endpoints[row.endpoint_id].url,
            secrets=secrets[row.endpoint_id],
            message_id=row.entry_id,
            body=row.body.encode(),
            attempts=row.attempts,
        )
        for row in rows
        if row.endpoint_id in secrets
    ]


def settle(results: Sequence[Result], *, now: datetime) -> None:
    """Write the results of attempts in one statement, and what they say about the endpoints.

    Only rows still under the lease change: a delivery that was replayed or taken over meanwhile
    belongs to somebody else.
    """
    with scopes_disabled():
        with transaction.atomic():
            tried = [(item.claimed, item.outcome) for item in results if item.outcome is not None]
            _write([(claimed, _columns(claimed, outcome, now=now)) for claimed, outcome in tried])
            _hand_back([item.claimed for item in results if item.outcome is None], now=now)
            gone = _note_health(tried, now=now)
        for endpoint, reason in gone:
            stop_endpoint(endpoint, reason, actor=_ACTOR, now=now)


def _columns(claimed: Claimed, outcome: Outcome, *, now: datetime) -> Columns:
    attempts = claimed.attempts + 1
    told = (outcome.status, outcome.error, outcome.body, outcome.duration_ms)
    if outcome.is_success:
        return (WebhookDelivery.State.DELIVERED.value, attempts, None, *told, now)
    pause = pause_after(attempts, jitter=random.random(), retry_after=outcome.retry_after)  # noqa: S311
    if pause is None or outcome.is_gone:
        return (WebhookDelivery.State.FAILED.value, attempts, None, *told, None)
    return (WebhookDelivery.State.PENDING.value, attempts, now + pause, *told, None)


def _hand_back(untried: Sequence[Claimed], *, now: datetime) -> None:
    """Let go of deliveries whose endpoint failed while they waited; they cost no attempt."""
    soon = now + timedelta(seconds=5 + 10 * random.random())  # noqa: S311
    mine = WebhookDelivery.objects.filter(
        pk__in=[item.pk for item in untried], lease__in={item.lease for item in untried}
    )
    mine.update(next_attempt_at=soon, lease=None)


def _write(rows: Sequence[tuple[Claimed, Columns]]) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    rows = sorted(rows, key=lambda row: row[0].pk)
    sets: list[str] = []
    values: list[Any] = []
    for position, column in enumerate(_RESULT_COLUMNS):
        case = " ".join(["WHEN %s THEN %s"] * len(rows))
        sets.append(f"{quote(column)} = CASE id {case} END")
        for claimed, columns in rows:
            values += [claimed.pk, _adapted(columns[position])]
    keys = [claimed.pk for claimed, _columns in rows]
    leases = sorted({claimed.lease for claimed, _columns in rows})
    statement = (
        f"UPDATE {quote(WebhookDelivery._meta.db_table)}"  # noqa: S608
        f" SET {', '.join(sets)}, lease = NULL"
        f" WHERE id IN ({', '.join(['%s'] * len(keys))})"
        f" AND lease IN ({', '.join(['%s'] * len(leases))})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *keys, *leases])


def _adapted(value: object) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _note_health(
    tried: Sequence[tuple[Claimed, Outcome]], *, now: datetime
) -> list[tuple[WebhookEndpoint, WebhookEndpoint.Reason]]:
    """Note since when endpoints fail; return those that must be stopped, with the reason."""
    well = {claimed.endpoint_id for claimed, outcome in tried if outcome.is_success}
    ill = {claimed.endpoint_id for claimed, _outcome in tried} - well
    gone = {claimed.endpoint_id for claimed, outcome in tried if outcome.is_gone}
    if well:
        known = WebhookEndpoint.objects.filter(pk__in=well, failing_since__isnull=False)
        known.update(failing_since=None)
    if not ill:
        return []
    WebhookEndpoint.objects.filter(pk__in=ill, failing_since=None).update(failing_since=now)
    given_up = Q(pk__in=gone - well) | Q(pk__in=ill, failing_since__lte=now - GIVE_UP_AFTER)
    found = WebhookEndpoint.objects.filter(given_up, paused_at=None, removed_at=None)
    reason = WebhookEndpoint.Reason
    return [
        (endpoint, reason.GONE if endpoint.pk in gone else reason.FAILING)
        for endpoint in found.select_related("merchant").order_by("pk")
    ]
