"""The saga of a booking: each step is claimed, done outside of a transaction, and written down.

Whatever dies between two steps, the next worker finds the claim run out and looks with ``find``
what the carrier really has before anything is asked again (guarantee G10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.carriers import events, sources
from apps.carriers.contract import (
    AnswerLostError,
    Booked,
    CarrierError,
    Operation,
    RefusedError,
    UnavailableError,
)
from apps.carriers.models import Booking, BookingLabel
from apps.carriers.rules import LOOK_LATE, retry_wait
from apps.carriers.services.booking import end_unwanted
from apps.carriers.services.calling import NotNowError, call
from apps.carriers.services.labels import keep_label
from apps.carriers.services.recording import record
from apps.carriers.states import TRANSITIONS, BookingStatus
from apps.common.clock import utc_now
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.journal.actors import system_actor

S = BookingStatus
# Longer than the longest step: a step makes at most four calls (``MAX_EXTRA`` voids and a find).
LEASE = timedelta(seconds=90)
MAX_EXTRA = 3
# How long a carrier may take to show a booking whose answer was lost.
GRACE = timedelta(seconds=120)
_LOOK_AGAIN = timedelta(seconds=15)
_BATCH = 200
_ACTOR = system_actor("carriers")


@dataclass(frozen=True, slots=True)
class Step:
    """What a step found out: the new status, when to look again, columns, and the event."""

    status: str
    next_at: datetime | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    event: str = ""
    label: bytes = b""


def list_due(*, now: datetime) -> list[int]:
    """Return the keys of bookings that need attention now, the longest waiting first."""
    due = Booking.objects.filter(next_at__lte=now)
    return list(due.order_by("next_at", "id").values_list("pk", flat=True)[:_BATCH])


def work(booking_id: int) -> str:
    """Do the next step of a booking; returns its status, empty when another worker has it.

    At most one worker has a booking at a time, by its lease.
    """
    claimed = _claim(booking_id, utc_now())
    if claimed is None:
        return ""
    step = _STEPS[claimed.status](claimed)
    done = _finish(claimed, step, utc_now())
    return done.status if done is not None else ""


@retry_transaction
def _claim(booking_id: int, now: datetime) -> Booking | None:
    """Take a due booking: a wish becomes a call, a call whose worker died becomes unsure."""
    with transaction.atomic():
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        found = Booking.objects.select_for_update().filter(free, pk=booking_id, next_at__lte=now)
        booking: Booking | None = found.first()
        if booking is None:
            return None
        if booking.status == S.WANTED:
            booking.status = S.SENDING
            booking.attempts += 1
        elif booking.status == S.SENDING:
            booking.status = S.UNSURE
            booking.unsure_since = booking.unsure_since or now
        booking.lease, booking.lease_until = new_public_id("lse"), now + LEASE
        booking.next_at = booking.lease_until
        booking.save()
    # Its account is read fresh: it may have been paused or given another key meanwhile.
    return Booking.objects.select_related("account").get(pk=booking.pk)


@retry_transaction
def _finish(claimed: Booking, step: Step, now: datetime) -> Booking | None:
    """Write the result of a step, unless the lease ran out and somebody else has the booking."""
    with transaction.atomic():
        locked: Booking = Booking.objects.select_for_update().get(pk=claimed.pk)
        if locked.lease != claimed.lease:
            return None
        if step.status != locked.status and step.status not in TRANSITIONS[locked.status]:
            raise AssertionError(f"{locked.status} cannot become {step.status}")
        for name, value in step.columns.items():
            setattr(locked, name, value)
        locked.status, locked.next_at = step.status, step.next_at
        locked.lease, locked.lease_until = "", None
        event = step.event
        if locked.released_at is not None and event != events.BOOKING_VOID_REFUSED:
            event = _follow_release(locked, now) or event
        locked.save()
        if step.label:
            keep_label(locked, step.label)
        if event:
            record(event, locked, actor=_ACTOR, now=now)
    return locked


def _follow_release(booking: Booking, now: datetime) -> str:
    """Turn the result of a step towards the end, for a booking that nobody wants any more."""
    if booking.status == S.BOOKED:
        booking.status, booking.next_at = S.VOIDING, now
    elif booking.status in {S.WANTED, S.REFUSED}:
        return events.BOOKING_VOIDED if end_unwanted(booking, now=now) else ""
    return ""


def _send(booking: Booking) -> Step:
    """Ask the carrier to book."""
    try:
        request = sources.build(booking)
        booked = call(
            booking.account, Operation.BOOK, lambda carrier: carrier.book(request), booking=booking
        )
    except DomainError as error:
        return _refused(error.message)
    except NotNowError as wait:
        return Step(S.WANTED, wait.until, {"attempts": booking.attempts - 1, "detail": wait.detail})
    except UnavailableError as error:
        wait_for = retry_wait(booking.attempts, error.retry_after_s)
        return Step(S.WANTED, utc_now() + wait_for, {"detail": error.detail[:300]})
    except RefusedError as error:
        return _refused(error.detail)
    except AnswerLostError as error:
        now = utc_now()
        return Step(
            S.UNSURE,
            now,
            {"detail": error.detail[:300], "unsure_since": booking.unsure_since or now},
        )
    return _booked(booking, booked)


def _look(booking: Booking) -> Step:
    """Look what the carrier has of a booking whose answer was lost; adopt one, void the others."""
    since = booking.unsure_since or utc_now()
    try:
        found = _find(booking)
        alive = [item for item in found if not item.is_void]
        _void_extra(booking, alive[1:])
    except NotNowError as wait:
        return Step(S.UNSURE, wait.until, {"detail": wait.detail})
    except CarrierError as error:
        wait_for = max(_LOOK_AGAIN, retry_wait(booking.attempts))
        return Step(S.UNSURE, utc_now() + wait_for, {"detail": error.detail[:300]})
    if alive:
        return _booked(booking, alive[0])
    now = utc_now()
    if now < since + GRACE:
        return Step(S.UNSURE, min(now + _LOOK_AGAIN, since + GRACE))
    return Step(S.WANTED, now, {"detail": ""})


def _complete(booking: Booking) -> Step:
    """Fetch the label of a booking; look for a late double of one whose answer was once lost."""
    look_at = booking.unsure_since + LOOK_LATE if booking.unsure_since is not None else None
    try:
        if not BookingLabel.objects.filter(booking=booking).exists():
            carrier_id = booking.carrier_id or ""
            content = call(
                booking.account,
                Operation.LABEL,
                lambda carrier: carrier.label(carrier_id),
                booking=booking,
            )
            return Step(S.BOOKED, look_at, {"detail": ""}, label=content)
        if look_at is not None and look_at <= utc_now():
            mine = booking.carrier_id
            found = [item for item in _find(booking) if not item.is_void]
            _void_extra(booking, [item for item in found if item.carrier_id != mine])
            return Step(S.BOOKED, None, {"unsure_since": None})
    except NotNowError as wait:
        return Step(S.BOOKED, wait.until)
    except CarrierError as error:
        wait_for = retry_wait(booking.attempts + 1)
        return Step(S.BOOKED, utc_now() + wait_for, {"detail": error.detail[:300]})
    return Step(S.BOOKED, look_at)


def _void(booking: Booking) -> Step:
    """Ask the carrier to void; what it will not void stays booked, and a person decides."""
    carrier_id = booking.carrier_id or ""
    try:
        call(
            booking.account,
            Operation.VOID,
            lambda carrier: carrier.void(carrier_id),
            booking=booking,
        )
    except NotNowError as wait:
        return Step(S.VOIDING, wait.until)
    except RefusedError as error:
        detail = error.detail[:300]
        return Step(S.BOOKED, None, {"detail": detail}, events.BOOKING_VOID_REFUSED)
    except CarrierError as error:
        booking.attempts += 1
        return Step(
            S.VOIDING,
            utc_now() + retry_wait(booking.attempts),
            {"detail": error.detail[:300], "attempts": booking.attempts},
        )
    return Step(S.VOIDED, None, {"ended_at": utc_now(), "detail": ""}, events.BOOKING_VOIDED)


_STEPS: dict[str, Callable[[Booking], Step]] = {
    S.SENDING: _send,
    S.UNSURE: _look,
    S.BOOKED: _complete,
    S.VOIDING: _void,
}


def _booked(booking: Booking, booked: Booked) -> Step:
    now = utc_now()
    columns: dict[str, Any] = {
        "carrier_id": booked.carrier_id,
        "tracking_numbers": list(booked.tracking_numbers),
        "amount_minor": booked.amount_minor,
        "currency": booked.currency,
        "booked_at": now,
        "attempts": 0,
        "detail": "",
    }
    return Step(S.BOOKED, now, columns, events.BOOKING_BOOKED)


def _refused(detail: str) -> Step:
    return Step(S.REFUSED, None, {"detail": detail[:300]}, events.BOOKING_REFUSED)


def _find(booking: Booking) -> list[Booked]:
    reference = booking.reference
    found = call(
        booking.account,
        Operation.FIND,
        lambda carrier: carrier.find(reference),
        booking=booking,
    )
    return sorted(found, key=lambda item: item.carrier_id)


def _void_extra(booking: Booking, extra: list[Booked]) -> None:
    """Void bookings of one reference beyond the first, some at a time; each void may be repeated."""
    for item in extra[:MAX_EXTRA]:
        call(
            booking.account,
            Operation.VOID,
            lambda carrier, carrier_id=item.carrier_id: carrier.void(carrier_id),  # type: ignore[misc]
            booking=booking,
        )
    if len(extra) > MAX_EXTRA:
        raise UnavailableError("More bookings of this reference are voided next")
