"""One call to a carrier: admitted, written down, made, and its result written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from apps.carriers import rules
from apps.carriers.adapters import adapter_of
from apps.carriers.adapters.portal.client import TOTAL_S
from apps.carriers.contract import (
    Adapter,
    AnswerLostError,
    CarrierError,
    Operation,
    RefusedError,
    UnavailableError,
)
from apps.carriers.models import Booking, CarrierAccount, CarrierCall, CarrierHealth
from apps.carriers.states import CallOutcome
from apps.common.clock import utc_now
from apps.common.crypto import UnreadableError
from apps.common.db import retry_transaction

T = TypeVar("T")
# A person waits for the page: the carrier has less time than a worker would give it.
PATIENCE_S = 6.0
_PAUSED = timedelta(minutes=5)
_OUTCOMES: dict[type[CarrierError], CallOutcome] = {
    RefusedError: CallOutcome.REFUSED,
    UnavailableError: CallOutcome.UNAVAILABLE,
    AnswerLostError: CallOutcome.LOST,
}


class NotNowError(Exception):
    """The call was not made: too many lately, a carrier that is down, or a paused account."""

    def __init__(self, detail: str, until: datetime) -> None:
        """Keep the reason and when to ask again."""
        super().__init__(detail)
        self.detail = detail
        self.until = until


def call(
    account: CarrierAccount,
    operation: Operation,
    ask: Callable[[Adapter], T],
    *,
    booking: Booking | None = None,
    timeout_s: float = TOTAL_S,
) -> T:
    """Make one call and return its result; the carrier is asked outside of any transaction.

    Two short transactions: before (bucket, breaker and the call's row) and after (its outcome).
    Raises ``NotNowError`` when it is not made, and the errors of the contract.
    """
    row = _begin(account, operation, booking, utc_now())
    try:
        result = ask(adapter_of(account, timeout_s=timeout_s))
    except UnreadableError as error:
        unreadable = UnavailableError("The account's key was sealed by another portal")
        _end(row, unreadable, utc_now())
        raise unreadable from error
    except CarrierError as error:
        _end(row, error, utc_now())
        raise
    _end(row, None, utc_now())
    return result


@retry_transaction
def _begin(
    account: CarrierAccount, operation: Operation, booking: Booking | None, now: datetime
) -> CarrierCall:
    if account.paused_at is not None and operation == Operation.BOOK:
        raise NotNowError("The account is paused", now + _PAUSED)
    with transaction.atomic():
        row = CarrierHealth.objects.select_for_update().get(account=account)
        health, verdict = rules.admit(_read(row), now, per_minute=account.per_minute)
        _write(row, health)
        if verdict.may_call:
            made: CarrierCall = CarrierCall.objects.create(
                merchant_id=account.merchant_id,
                account=account,
                booking=booking,
                operation=operation,
                began_at=now,
            )
            return made
    why = "The carrier is down" if verdict.is_open else "Too many calls at once"
    raise NotNowError(why, verdict.until or now)


@retry_transaction
def _end(made: CarrierCall, error: CarrierError | None, now: datetime) -> None:
    made.outcome = CallOutcome.OK if error is None else _OUTCOMES[type(error)]
    made.ended_at = now
    if error is not None:
        made.status_code, made.detail = error.status, error.detail[:300]
    # A refusal shows that the carrier is there; "too many calls" does so too.
    is_answer = error is None or isinstance(error, RefusedError) or error.status == 429
    with transaction.atomic():
        made.save(update_fields=["outcome", "ended_at", "status_code", "detail"])
        row = CarrierHealth.objects.select_for_update().get(account_id=made.account_id)
        row.last_error = "" if is_answer else made.detail
        _write(row, rules.note(_read(row), now, is_answer=is_answer))


def _read(row: CarrierHealth) -> rules.Health:
    return rules.Health(
        row.tokens, row.refilled_at, row.failures, row.opened, row.open_until, row.is_probing
    )


def _write(row: CarrierHealth, health: rules.Health) -> None:
    row.tokens, row.refilled_at = health.tokens, health.refilled_at
    row.failures, row.opened = health.failures, health.opened
    row.open_until, row.is_probing = health.open_until, health.is_probing
    row.save()
