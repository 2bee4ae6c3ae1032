"""Requests to cancel: who asks, what follows at once, and what waits for the merchant's answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import CancelRequest, Order
from apps.orders.rules import ANSWER_WITHIN, CANCEL_CODES, CancelWay, way_to_cancel
from apps.orders.services.lifecycle import cancel_order, has_left_partly
from apps.orders.services.locking import lock_order, record_fact, wrong_state
from apps.orders.states import CancelCode, Party, RequestStatus

ANSWER_CANCEL = "orders.answer_cancel"


def require_code(party: str, code: str) -> None:
    """Refuse (422) a reason that the party cannot give."""
    if code not in CANCEL_CODES[party]:
        sentence = _("Choose one of the listed reasons.")
        raise DomainError("orders.reason", sentence, status=422, fields={"code": sentence})


@retry_transaction
def ask_to_cancel(
    order: Order, *, party: str, code: str, note: str = "", actor: Actor, now: datetime
) -> CancelRequest:
    """Ask to cancel an order: granted at once, or open until the merchant answers.

    A second request while one is open returns the open one. Raises ``orders.reason`` (422) for a
    reason the party cannot give and ``orders.wrong_state`` (409) once a unit has left.
    """
    require_code(party, code)
    with transaction.atomic():
        locked = lock_order(order)
        waiting = CancelRequest.objects.filter(open_order=locked.public_id).first()
        if waiting is not None:
            known: CancelRequest = waiting
            return known
        way = way_to_cancel(party, locked.status, is_partly_shipped=has_left_partly(locked))
        if way == CancelWay.REFUSED:
            raise wrong_state(locked)
        request = _write_request(locked, party, code, note, actor=actor, now=now)
        if way == CancelWay.AT_ONCE:
            _grant(request, locked, RequestStatus.ACCEPTED, actor=actor, now=now)
    return request


def _write_request(
    order: Order, party: str, code: str, note: str, *, actor: Actor, now: datetime
) -> CancelRequest:
    request: CancelRequest = CancelRequest.objects.create(
        merchant_id=order.merchant_id,
        order=order,
        open_order=order.public_id,
        party=party,
        code=code,
        note=note[:300],
        asked_by=str(actor),
        asked_at=now,
        answer_by_at=now + ANSWER_WITHIN,
    )
    due = NewDeadline(ANSWER_CANCEL, request.public_id, request.answer_by_at)
    set_deadlines(order.merchant_id, [due])
    _record(events.CANCEL_REQUESTED, order, request, actor=actor, now=now)
    return request


@retry_transaction
def accept_request(request: CancelRequest, *, actor: Actor, now: datetime) -> CancelRequest:
    """Grant an open request: the order is cancelled. 409 when it was answered or units have left."""
    with transaction.atomic():
        order, current = _lock_open(request)
        _grant(current, order, RequestStatus.ACCEPTED, actor=actor, now=now)
    return current


@retry_transaction
def refuse_request(
    request: CancelRequest, *, note: str, actor: Actor, now: datetime
) -> CancelRequest:
    """Refuse an open request with a sentence for the buyer (422 without one); the order goes on."""
    if not note.strip():
        sentence = _("Say why, so that the buyer can be told.")
        raise DomainError("orders.answer", sentence, status=422, fields={"note": sentence})
    with transaction.atomic():
        order, current = _lock_open(request)
        _close(current, order, RequestStatus.REFUSED, note=note, actor=actor, now=now)
    return current


@retry_transaction
def lapse_request(request: CancelRequest, *, actor: Actor, now: datetime) -> CancelRequest:
    """Decide a request nobody answered: granted, or moot when units have left meanwhile."""
    with transaction.atomic():
        order, current = _lock_open(request)
        way = way_to_cancel(Party.SYSTEM, order.status, is_partly_shipped=has_left_partly(order))
        if way == CancelWay.REFUSED:
            _close(current, order, RequestStatus.MOOT, actor=actor, now=now)
        else:
            _grant(current, order, RequestStatus.LAPSED, actor=actor, now=now)
    return current


def _lock_open(request: CancelRequest) -> tuple[Order, CancelRequest]:
    order = lock_order(request.order)
    current: CancelRequest = CancelRequest.objects.select_for_update().get(pk=request.pk)
    if current.status != RequestStatus.OPEN:
        raise DomainError("orders.request_answered", _("This request was already answered."))
    return order, current


def _grant(
    request: CancelRequest, order: Order, status: RequestStatus, *, actor: Actor, now: datetime
) -> None:
    # Answered first: what cancels the order finds no request that is still open.
    _close(request, order, status, actor=actor, now=now)
    reason = request.note or str(CancelCode(request.code).label)
    cancel_order(order, reason=reason, code=request.code, party=request.party, actor=actor, now=now)


def _close(
    request: CancelRequest,
    order: Order,
    status: RequestStatus,
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    request.status = status
    request.open_order = None
    request.answered_at, request.answered_by = now, str(actor)
    request.answer_note = note.strip()[:300]
    request.save()
    close_deadline(ANSWER_CANCEL, request.public_id, outcome=str(status), now=now)
    _record(events.CANCEL_ANSWERED, order, request, actor=actor, now=now)


def _record(
    event: str, order: Order, request: CancelRequest, *, actor: Actor, now: datetime
) -> None:
    payload: dict[str, journal.Json] = {
        "request": request.public_id,
        "party": str(request.party),
        "code": str(request.code),
        "status": str(request.status),
        "answer_by_at": request.answer_by_at.isoformat(),
        "reason": request.answer_note,
    }
    record_fact(order, event, payload, actor=actor, now=now)
