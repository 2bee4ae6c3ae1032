"""One effect and one answer per request key.

The key row is inserted in the transaction of the effect itself: a concurrent twin waits on the
unique index until the first one commits and then reads its stored answer, and a process killed
midway leaves nothing behind (IETF draft-ietf-httpapi-idempotency-key-header-07, Stripe).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from apps.common.bulk import insert_new_row, insert_new_rows, overwrite_rows
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.models import IdempotencyRecord

MAX_KEY_LENGTH = 255
_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")
_LOCK_WAIT_TIMEOUT = 1205
_COLUMNS = ("scope", "key", "fingerprint", "status", "body", "created_at")
_TABLE = IdempotencyRecord._meta.db_table


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request's key in its scope, and the fingerprint of the request."""

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer of a request: HTTP status, body text, and whether it was replayed."""

    status: int
    body: str
    replayed: bool = False


def clean_key(raw: str | None) -> str:
    """Return the bare key from a header value; quotes of a structured string are removed."""
    key = (raw or "").strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.match(key):
        raise DomainError(
            "idempotency.key_missing",
            _("Send an Idempotency-Key header of 1 to 255 visible ASCII characters."),
            status=400,
        )
    return key


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return the SHA-256 that tells two requests apart."""
    return hashlib.sha256(b"|".join((method.encode(), path.encode(), body))).hexdigest()


def answer_once(
    *, scope: str, key: str, fingerprint: str, effect: Callable[[], StoredAnswer]
) -> StoredAnswer:
    """Run ``effect`` once for (scope, key) and return its answer, now and for every repeat.

    Another request under the same key raises 422; a twin that is still running raises 409. If
    ``effect`` raises, nothing is stored and the key stays free.
    """
    try:
        with transaction.atomic():
            existing = _claim(scope, key, fingerprint)
            if existing is not None:
                return _replay(existing, fingerprint)
            answer = effect()
            _store(scope, key, answer)
            return answer
    except OperationalError as error:
        if error.args and error.args[0] == _LOCK_WAIT_TIMEOUT:
            raise _running() from error
        raise


def answer_many_once(
    requests: Sequence[Keyed],
    effect: Callable[[Sequence[int]], Sequence[StoredAnswer | DomainError | None]],
) -> list[StoredAnswer | DomainError | None]:
    """Run ``effect`` for all requests of one scope whose keys are new, in one transaction.

    ``effect`` gets their indexes and returns an answer, which is stored, or a refusal or None, whose
    key stays free. None is returned for requests whose key is in use, twice here or by an earlier
    one: ``answer_once`` knows what to say to them. If ``effect`` raises, nothing is stored.
    """
    outcomes: list[StoredAnswer | DomainError | None] = [None] * len(requests)
    indexes: dict[str, int] = {}
    for index, request in enumerate(requests):
        indexes.setdefault(request.key, index)
    with transaction.atomic():
        now = utc_now()
        # In the order of the keys: two batches never wait for each other in a circle.
        firsts = [requests[indexes[key]] for key in sorted(indexes)]
        rows = [(item.scope, item.key, item.fingerprint, 0, "", now) for item in firsts]
        claimed = insert_new_rows(IdempotencyRecord, _COLUMNS, rows, unique=("scope", "key"))
        fresh = sorted(indexes[str(key)] for key in claimed)
        for index, outcome in zip(fresh, effect(fresh) if fresh else (), strict=True):
            outcomes[index] = outcome
        _store_many(requests, outcomes, {indexes[str(key)]: pk for key, pk in claimed.items()})
    return outcomes


def _store_many(
    requests: Sequence[Keyed],
    outcomes: Sequence[StoredAnswer | DomainError | None],
    rows: Mapping[int, int],
) -> None:
    """Write the answers into the claimed rows, and free the keys of what got none."""
    now = utc_now()
    answered = []
    for index, pk in rows.items():
        request, answer = requests[index], outcomes[index]
        if isinstance(answer, StoredAnswer):
            named = (request.scope, request.key, request.fingerprint)
            answered.append((pk, *named, answer.status, answer.body, now))
    overwrite_rows(IdempotencyRecord, ("id", *_COLUMNS), answered, changing=("status", "body"))
    kept = {row[0] for row in answered}
    if free := [pk for pk in rows.values() if pk not in kept]:
        IdempotencyRecord.objects.filter(pk__in=free).delete()


def _claim(scope: str, key: str, mark: str) -> IdempotencyRecord | None:
    """Insert the key's row, or return the one that is there: no error, hence no savepoint."""
    if insert_new_row(IdempotencyRecord, _COLUMNS, (scope, key, mark, 0, "", utc_now())):
        return None
    return IdempotencyRecord.objects.get(scope=scope, key=key)


def _store(scope: str, key: str, answer: StoredAnswer) -> None:
    name = connection.ops.quote_name("key")
    statement = f"UPDATE {_TABLE} SET status = %s, body = %s WHERE scope = %s AND {name} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, (answer.status, answer.body, scope, key))


def _replay(record: IdempotencyRecord, mark: str) -> StoredAnswer:
    if record.fingerprint != mark:
        raise DomainError(
            "idempotency.key_reused",
            _("This Idempotency-Key was used for a different request. Use a new key."),
            status=422,
        )
    if record.status == 0:
        raise _running()
    return StoredAnswer(record.status, record.body, replayed=True)


def _running() -> DomainError:
    return DomainError(
        "idempotency.still_running",
        _("A request with this Idempotency-Key is still running. Try again in a second."),
        status=409,
        retry_after=1,
    )
